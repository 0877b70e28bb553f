/** A program on a host, given as a list of arguments: no shell takes part, so that nothing in an argument is ever a command. */
import { execFile } from "node:child_process";
import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";

export interface CommandResult {
  /** Null when it was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program on a host. Readers (reader.ts, move-reader.ts) give it programs that only read; what changes a host goes through writer.ts alone,
 * which a program started read-only never has. An implementation for another host has to quote every argument for that host's shell; one for
 * a simulated host answers the few programs that the readers ask for (`ip -j addr show` at least; what it does not know is exit code 127).
 * @throws DriverError when it could not be run at all, at the deadline, or on abort; an exit code is a result
 */
export type RunCommand = (argv: readonly string[], bounds: RequestBounds) => Promise<CommandResult>;

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Programs of administrators are not in everybody's search path; texts are parsed, so they are asked for in English. */
const ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };

/** On this machine. */
export const runLocally: RunCommand = (argv, { signal, timeoutMs }) =>
  new Promise((resolve, reject) => {
    const [program = "", ...args] = argv;
    const options = {
      env: ENVIRONMENT,
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: timeoutMs,
      signal,
      killSignal: "SIGKILL",
    };
    const refuse = (kind: "timeout" | "cancelled" | "unsupported" | "protocol", why: string) => {
      const message = `this machine: ${program}: ${why}`;
      reject(new DriverError({ kind, target: "this machine", operation: program, message }));
    };
    execFile(program, args, { ...options, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (error === null) return resolve({ exitCode: 0, stdout, stderr });
      if (signal.aborted) return refuse("cancelled", "cancelled");
      if (error.code === "ENOENT") return refuse("unsupported", "there is no such program");
      if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return refuse("protocol", "it printed too much");
      if (error.killed === true) return refuse("timeout", `no answer within ${timeoutMs} ms`);
      if (typeof error.code === "string") return refuse("unsupported", error.message);
      resolve({ exitCode: error.code ?? null, stdout, stderr });
    });
  });
