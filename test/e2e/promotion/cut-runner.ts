/** Builds and runs cut-entry.ts. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { CommandRequest } from "../../../src/model/operation.ts";
import type { Lab } from "../../lab/index.ts";
import { buildRequest } from "../../support/requests.ts";

export interface CutEnd {
  readonly id: string;
  readonly state: string;
  readonly summary: string;
  readonly refusals: readonly { readonly guard: string; readonly message: string }[];
  /** Changes that were sent. */
  readonly sent: number;
}

/** Bundles the entry into the lab's folder; returns the path of the script. */
export async function buildCutEntry(lab: Lab): Promise<string> {
  const outfile = join(lab.dir, "cut-entry.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("cut-entry.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["*.node"],
    logLevel: "error",
    banner: { js: 'import { createRequire as __r } from "node:module"; const require = __r(import.meta.url);' },
  });
  return outfile;
}

/** Runs the operation; null: it was killed at the point. @throws when it ended in any other way */
export async function runCut(options: {
  readonly script: string;
  readonly lab: Lab;
  readonly stateDir: string;
  readonly request: Partial<CommandRequest> & Pick<CommandRequest, "command">;
  readonly point: string;
}): Promise<CutEnd | null> {
  const { script, lab, stateDir, request, point } = options;
  const text = JSON.stringify(buildRequest({ cluster: "lab", ...request }));
  const child = spawn(process.execPath, [script, lab.configPath, text, point], {
    env: { PATH: process.env.PATH, HOME: "/nonexistent", SIGNALBOX_STATE_DIR: stateDir },
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
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...ended) => resolve(ended));
  });
  if (signal === "SIGKILL") return null;
  if (code !== 0) throw new Error(`cut entry ended with ${code ?? signal}: ${err}`);
  return JSON.parse(out) as CutEnd;
}
