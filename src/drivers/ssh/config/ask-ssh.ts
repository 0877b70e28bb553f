/** `ssh -G` tells what OpenSSH itself would do: Include, Match and the system's own file all count. It connects to nothing. */
import { execFile } from "node:child_process";
import type { SshEndpoint } from "../endpoint.ts";
import type { ConfigValues } from "./host-config.ts";

const TIMEOUT_MS = 3_000;

/** @returns null when this machine has no ssh; @throws Error with its words when it cannot read the configuration */
export function askSsh(endpoint: SshEndpoint, configFile: string | null): Promise<ConfigValues | null> {
  const { user, host, port } = endpoint;
  const args = [
    "-G",
    ...(configFile === null ? [] : ["-F", configFile]),
    ...(user === null ? [] : ["-l", user]),
    ...(port === null ? [] : ["-p", String(port)]),
    "--",
    host,
  ];
  return new Promise((resolve, reject) => {
    execFile("ssh", args, { timeout: TIMEOUT_MS, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error === null) return resolve(parseAnswer(stdout));
      if (error.code === "ENOENT") return resolve(null);
      reject(new Error(stderr.trim().split("\n").at(-1) || error.message));
    });
  });
}

function parseAnswer(text: string): ConfigValues {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space <= 0) continue;
    const keyword = line.slice(0, space).toLowerCase();
    values.set(keyword, [...(values.get(keyword) ?? []), line.slice(space + 1)]);
  }
  return values;
}
