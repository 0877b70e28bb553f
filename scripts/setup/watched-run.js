import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";

const LOOK_EVERY_MS = 500;

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it is not there yet, or no longer
  }
}

/** Files that a run of tests has begun and not finished, by what lane-reporter.js has written. */
function readUnfinished(progressFile) {
  const open = new Set();
  for (const line of readText(progressFile).split("\n")) {
    const [word, file] = line.split(" ", 2);
    if (word === "begin") open.add(file);
    if (word === "end") open.delete(file);
  }
  return [...open];
}

/** Processes below one, the deepest last. Empty where there is no /proc. */
function listDescendants(pid) {
  let names = [];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  // Field 4 of proc(5) is the parent; the name before it may hold anything.
  const parents = names.map((name) => [
    Number(name),
    Number(readText(`/proc/${name}/stat`).split(") ").at(-1)?.split(" ")[1]),
  ]);
  const below = (parent) =>
    parents.filter(([, each]) => each === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

/**
 * Runs a program and ends it with everything below it when `progressFile` has not changed for `silentMs`: a test that spins or a worker that
 * does not leave would otherwise keep the run, and nobody would know which. It is asked first, and killed `killAfterMs` later. Resolves to `{ code, silent, unfinished }`; never rejects.
 */
export function runWatched(command, args, { cwd, env, progressFile, silentMs, killAfterMs = 5_000 }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "inherit", "inherit"] });
    const startedMs = Date.now();
    let silent = false;
    const heardMs = () => Math.max(startedMs, statSync(progressFile, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    const timer = setInterval(() => {
      if (silent || Date.now() - heardMs() < silentMs) return;
      silent = true;
      const below = listDescendants(child.pid);
      kill(child.pid, "SIGTERM");
      // A worker whose thread spins hears nothing else.
      setTimeout(() => {
        for (const pid of [child.pid, ...below]) kill(pid, "SIGKILL");
      }, killAfterMs);
    }, LOOK_EVERY_MS);
    const finish = (code) => {
      clearInterval(timer);
      resolve({ code: silent ? 1 : code, silent, unfinished: readUnfinished(progressFile) });
    };
    child.on("error", () => finish(1));
    child.on("exit", (code) => finish(code ?? 1));
  });
}
