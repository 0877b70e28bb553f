/** One run of the alert hook: a command of the configuration with one line of JSON on its standard input. */
import { spawn } from "node:child_process";

/** What is read of its complaints. */
const MOST_CHARACTERS = 4_096;
/** A program may leave others behind that hold its standard error open; they are not waited for. */
const LAST_WORDS_WITHIN_MS = 200;

/**
 * Resolves with null when it ended well, else with why not in one clause; never rejects. `signal` ends it early. It runs in a process
 * group of its own, so that the deadline ends what it started too. Its environment is ours, without the passwords that the start of
 * signalbox took out of it (cli/load.ts).
 */
export function runHook(
  command: string,
  input: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", command], { stdio: ["pipe", "ignore", "pipe"], detached: true });
    let complaint = "";
    const settle = (problem: string | null) => {
      clearTimeout(deadline);
      signal.removeEventListener("abort", stop);
      child.stderr.destroy();
      resolve(problem);
    };
    const stop = () => {
      endGroup(child.pid);
      settle("was ended because signalbox ends");
    };
    const deadline = setTimeout(() => {
      endGroup(child.pid);
      settle(`was ended: it ran for more than ${timeoutMs / 1000} s`);
    }, timeoutMs);
    signal.addEventListener("abort", stop);
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      complaint = `${complaint}${chunk}`.slice(-MOST_CHARACTERS);
    });
    // A program that reads no input is no failure.
    child.stdin.on("error", () => undefined).end(input);
    child.on("error", (error) => settle(`cannot be run: ${error.message}`));
    const end = (code: number | null, killer: string | null) =>
      settle(code === 0 ? null : `failed with ${killer ?? `exit code ${code}`}${lastLine(complaint)}`);
    child.on("close", end);
    child.on("exit", (code, killer) => setTimeout(() => end(code, killer), LAST_WORDS_WITHIN_MS));
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended between the deadline and now.
  }
}

function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? "" : `, it said: ${line.slice(0, 300)}`;
}
