// Runs before node_modules exist: nothing but Node's own modules may be imported here.
import { spawn } from "node:child_process";

/**
 * Runs a program to its end with no standard input. Resolves to `{ ok, code, output }`; `output` (both streams) is empty when `show` is set,
 * because then it went to our stderr as it came. Never rejects: a program that cannot be started has code 127.
 */
export function run(command, args, { cwd, env, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", show ? 2 : "pipe", show ? 2 : "pipe"],
    });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ ok: false, code: 127, output: error.message }));
    child.on("close", (code, signal) => resolve({ ok: code === 0, code: code ?? (signal ? 1 : 0), output }));
  });
}

/** The end of an output, for one error line: its last lines that say something. */
export function lastWords(output) {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return (
    lines.find((line) => /^E: |Err:|error|fail/i.test(line) && !/npm error (code|A complete log)/.test(line)) ??
    lines.at(-1) ??
    "no output"
  );
}

/** One line about what is going on, to stderr. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}
