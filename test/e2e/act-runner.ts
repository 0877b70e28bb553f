/** Runs changing commands of the built program on a lab, and looks at the servers behind its back. */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { connectByPort } from "../lab/connection.ts";
import { type Lab, labAccounts, sendCommand, waitFor } from "../lab/index.ts";
import { ensureBuilt, PROGRAM } from "../support/program.ts";

export interface ActOutcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningAct {
  readonly pid: number;
  readonly out: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly closeOutput: () => void;
  readonly exit: Promise<ActOutcome>;
}

export class Actor {
  readonly stateDir: string;
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.stateDir = mkdtempSync(join(lab.dir, "state-"));
  }

  start(args: readonly string[], configPath = this.#lab.configPath): RunningAct {
    ensureBuilt();
    const child = spawn(process.execPath, [PROGRAM, ...args, "-c", configPath], {
      env: { PATH: process.env.PATH, HOME: "/nonexistent", SIGNALBOX_STATE_DIR: this.stateDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      err += chunk;
    });
    const exit = new Promise<ActOutcome>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exitCode, signal) => resolve({ exitCode, signal, out, err }));
    });
    return {
      pid: child.pid ?? 0,
      out: () => out,
      kill: (signal) => child.kill(signal),
      closeOutput: () => child.stdout.destroy(),
      exit,
    };
  }

  run(args: readonly string[], configPath?: string): Promise<ActOutcome> {
    return this.start(args, configPath).exit;
  }

  /** The events of a command with --json. */
  async events(args: readonly string[], configPath?: string) {
    const outcome = await this.run([...args, "--json"], configPath);
    const lines = outcome.out.split("\n").filter((line) => line !== "");
    return { ...outcome, events: lines.map((line) => JSON.parse(line) as Record<string, unknown> & { type: string }) };
  }
}

/** Admin state as the kernel of HAProxy has it: `srv_admin_state` of `show servers state`; drain 8, maint 1. */
export async function adminState(lab: Lab, haproxy: string, name: string): Promise<"ready" | "drain" | "maint"> {
  const [backend, server] = name.split("/");
  const text = await sendCommand(lab.haproxy(haproxy).socketPath, `show servers state ${backend}`);
  const row = text.split("\n").find((line) => line.split(" ")[3] === server);
  const bits = Number(row?.split(" ")[6]);
  if (Number.isNaN(bits)) throw new Error(`no ${name} on ${haproxy}: ${text}`);
  if ((bits & 1) !== 0) return "maint";
  return (bits & 8) !== 0 ? "drain" : "ready";
}

export async function adminStates(lab: Lab, name: string) {
  return Promise.all(lab.haproxies.map((haproxy) => adminState(lab, haproxy.name, name)));
}

export async function sessionsOf(lab: Lab, haproxy: string, name: string): Promise<number> {
  const [backend, server] = name.split("/");
  const text = await sendCommand(lab.haproxy(haproxy).socketPath, "show stat -1 4 -1");
  const row = text.split("\n").find((line) => line.startsWith(`${backend},${server},`));
  return Number(row?.split(",")[4]);
}

/** All servers of all HAProxies back in rotation. */
export async function resetStates(lab: Lab): Promise<void> {
  for (const { socketPath } of lab.haproxies) {
    const names = (await sendCommand(socketPath, "show stat -1 4 -1"))
      .split("\n")
      .slice(1)
      .flatMap((line) => (line.includes(",") ? [line.split(",").slice(0, 2).join("/")] : []));
    for (const name of names) await sendCommand(socketPath, `set server ${name} state ready`);
  }
}

/** Readers that hold connections through HAProxy, until one server has some. */
export async function openReaders(lab: Lab, haproxy: string, count: number): Promise<readonly Connection[]> {
  const port = lab.haproxy(haproxy).port("read") ?? 0;
  const readers: Connection[] = [];
  for (let index = 0; index < count; index += 1) {
    const reader = await connectByPort(port, labAccounts.app, "shop");
    reader.on("error", () => undefined);
    await reader.query("SELECT 1");
    readers.push(reader);
  }
  return readers;
}

export const untilServersUp = (lab: Lab) =>
  waitFor("every server UP", async () => {
    const texts = await Promise.all(
      lab.haproxies.map(({ socketPath }) => sendCommand(socketPath, "show stat -1 4 -1")),
    );
    return texts.every((text) => !/,(DOWN|MAINT|DRAIN)/.test(text));
  });
