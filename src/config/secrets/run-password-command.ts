import { spawn } from "node:child_process";
import { printable } from "../../model/printable.ts";
import { TextError } from "../text-error.ts";

const MOST_BYTES = 65_536;

/**
 * The output of `sh -c command` without its last newline. The command gets no input; the last line of its standard error is part of
 * the error when it fails. @throws TextError when it fails, says nothing, or takes longer than `timeoutMs`
 */
export function runPasswordCommand(
  command: string,
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly cwd: string;
    readonly timeoutMs: number;
  },
): Promise<string> {
  const { env, cwd, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    // A process group of its own, so that the deadline ends what the shell started too.
    const child = spawn("/bin/sh", ["-c", command], { env, cwd, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let output = "";
    let complaint = "";
    const settle = (finish: () => void) => {
      clearTimeout(deadline);
      finish();
    };
    const giveUp = (why: string) => {
      endGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      settle(() => reject(new TextError(why, lastLine(complaint))));
    };
    const deadline = setTimeout(() => giveUp(`gave no answer within ${timeoutMs / 1000} s`), timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      // Cut off it would be a wrong password, tried on every server.
      if (output.length > MOST_BYTES) giveUp("printed more than 64 kB, which is no password");
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      if (complaint.length < MOST_BYTES) complaint += chunk;
    });
    child.on("error", (error) => settle(() => reject(new TextError(`cannot be run: ${error.message}`))));
    child.on("close", (code, signal) =>
      settle(() => {
        const password = output.replace(/\r?\n$/, "");
        if (code !== 0) reject(new TextError(`failed with ${signal ?? `exit code ${code}`}`, lastLine(complaint)));
        else if (password === "") reject(new TextError("printed nothing", lastLine(complaint)));
        else resolve(password);
      }),
    );
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

function lastLine(text: string): string | null {
  const line = text.trim().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? null : `it said: ${printable(line.slice(0, 300))}`;
}
