/** Runs `signalbox status` as a script would: the built program, no terminal, output and exit code at the end. */
import { spawn } from "node:child_process";
import type { StatusJson } from "../../src/model/status-view.ts";
import { waitFor } from "../lab/index.ts";
import { ensureBuilt, PROGRAM } from "../support/program.ts";
import { listSchemaViolations } from "../support/status-schema.ts";

export interface Outcome {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
  readonly tookMs: number;
}

export function runSignalbox(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  ensureBuilt();
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { PATH: process.env.PATH, HOME: "/nonexistent", ...env },
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
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, out, err, tookMs: performance.now() - startedMs }));
  });
}

export interface StatusOutcome extends Outcome {
  readonly json: StatusJson;
  readonly codes: readonly string[];
}

/** One look as JSON; throws when it is not what the schema says. */
export async function lookOnce(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<StatusOutcome> {
  const outcome = await runSignalbox(["status", "--json", ...args], env);
  if (outcome.out === "") throw new Error(`nothing printed, exit code ${outcome.exitCode}: ${outcome.err}`);
  const json = JSON.parse(outcome.out);
  const violations = listSchemaViolations(json);
  if (violations.length > 0) throw new Error(`against the schema: ${violations.join("; ")}\n${outcome.out}`);
  return { ...outcome, json, codes: json.alerts.map(({ code }: { code: string }) => code) };
}

/** Looks until the condition holds; the error shows the last answer. */
export async function lookUntil(
  what: string,
  args: readonly string[],
  holds: (outcome: StatusOutcome) => boolean,
): Promise<StatusOutcome> {
  let last: StatusOutcome | undefined;
  try {
    return await waitFor(
      what,
      async () => {
        last = await lookOnce(args);
        return holds(last) ? last : undefined;
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );
  } catch (error) {
    throw new Error(`${String(error)}\nexit code ${last?.exitCode}\n${last?.out}`);
  }
}
