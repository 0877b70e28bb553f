/** The built program and a pseudo-terminal to run it in, for end-to-end tests and benches: what a person would see and type. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PROGRAM = join(ROOT, "bin/signalbox.js");

function newestChange(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newestChange(path) : statSync(path).mtimeMs;
    }),
  );
}

/** Builds dist when it is missing or older than a source file, so that a test never runs yesterday's program. */
export function ensureBuilt(): void {
  const built = join(ROOT, "dist/meta.json");
  const newest = Math.max(newestChange(join(ROOT, "src")), newestChange(join(ROOT, "themes")));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  execFileSync(process.execPath, [join(ROOT, "scripts/build.js")], { cwd: ROOT, stdio: "pipe" });
}

export interface ProgramOptions {
  readonly args: readonly string[];
  /** What node runs; the built program unless told. */
  readonly script?: readonly string[];
  /** Another program with its first arguments instead of node and a script. */
  readonly command?: readonly [string, ...string[]];
  /** Folder it starts in; that of the project unless told. */
  readonly cwd?: string;
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningProgram {
  readonly pid: number;
  /** Rows as shown now, right-trimmed. */
  screen(): string[];
  /** Resolves with the screen as soon as it fulfils the condition; the error shows the last screen. */
  waitFor(what: string | RegExp | ((screen: readonly string[]) => boolean), timeoutMs?: number): Promise<string[]>;
  /** As a hand does: a moment after the keys before. Keys closer together than that are a paste, and confirm nothing. */
  type(keys: string): void;
  /** At once, whatever came before. */
  send(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Stops (starts again) reading what the program writes, as a dead SSH session does. */
  stopReading(): void;
  resumeReading(): void;
  /** Closes the terminal under it, as a lost SSH session does. */
  hangUp(): void;
  /** Bytes the program has written so far. */
  bytesWritten(): number;
  /** Everything written so far, for looking at escape sequences. */
  raw(): string;
  readonly exited: Promise<{ readonly exitCode: number; readonly signal: number | undefined }>;
  /** SIGKILL when it still runs. */
  kill(): void;
}

/** Least time between two presses of a hand: twice of what the console takes for a paste (src/ui/state/confirm.ts). */
const HAND_MS = 20;

/** Starts the built program in a pseudo-terminal of the given size. */
export function startProgram(options: ProgramOptions): RunningProgram {
  const terminal = new xterm.Terminal({
    cols: options.columns,
    rows: options.rows,
    allowProposedApi: true,
    scrollback: 0,
  });
  const environment = { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8", LC_ALL: "C.UTF-8", ...options.env };
  const [file, ...first] = options.command ?? [process.execPath, ...(options.script ?? [PROGRAM])];
  const child = spawn(file, [...first, ...options.args], {
    name: "xterm-256color",
    cols: options.columns,
    rows: options.rows,
    env: environment,
    cwd: options.cwd ?? ROOT,
  });
  const listeners = new Set<() => void>();
  let written = 0;
  const chunks: string[] = [];
  child.onData((data) => {
    written += Buffer.byteLength(data);
    chunks.push(data);
    if (chunks.length > 2_000) chunks.splice(0, 1_000);
    terminal.write(data, () => {
      // Half of a picture is nothing that a person would see.
      if (isWhole()) for (const listener of [...listeners]) listener();
    });
  });
  let handIsFreeAt = 0;
  const isWhole = (): boolean => !terminal.modes.synchronizedOutputMode;
  let running = true;
  const exited = new Promise<{ exitCode: number; signal: number | undefined }>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      running = false;
      resolve({ exitCode, signal });
    });
  });
  const screen = (): string[] => {
    const { active } = terminal.buffer;
    return Array.from(
      { length: terminal.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
    );
  };
  return {
    pid: child.pid,
    screen,
    waitFor: async (what, timeoutMs = 10_000) => {
      // Who asks again and again for what is there already must not keep the terminal from being read.
      await setImmediate();
      return waitForScreen({ screen, isWhole, listeners }, what, timeoutMs);
    },
    type(keys) {
      const now = performance.now();
      const at = Math.max(now, handIsFreeAt);
      handIsFreeAt = at + HAND_MS;
      if (at === now) child.write(keys);
      else setTimeout(() => running && child.write(keys), at - now);
    },
    send: (keys) => child.write(keys),
    resize(columns, rows) {
      child.resize(columns, rows);
      terminal.resize(columns, rows);
    },
    stopReading: () => child.pause(),
    resumeReading: () => child.resume(),
    // Not in the type of node-pty.
    hangUp: () => (child as unknown as { destroy(): void }).destroy(),
    bytesWritten: () => written,
    raw: () => chunks.join(""),
    exited,
    kill() {
      if (running) child.kill("SIGKILL");
    },
  };
}

type Condition = string | RegExp | ((screen: readonly string[]) => boolean);

function fulfils(screen: readonly string[], what: Condition): boolean {
  if (typeof what === "function") return what(screen);
  return typeof what === "string" ? screen.some((line) => line.includes(what)) : what.test(screen.join("\n"));
}

interface Watched {
  readonly screen: () => string[];
  /** False between the beginning of a picture and its end. */
  readonly isWhole: () => boolean;
  readonly listeners: Set<() => void>;
}

function waitForScreen({ screen, isWhole, listeners }: Watched, what: Condition, timeoutMs: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const rows = screen();
      if (!fulfils(rows, what)) return;
      clearTimeout(timer);
      listeners.delete(check);
      resolve(rows);
    };
    const timer = setTimeout(() => {
      listeners.delete(check);
      reject(new Error(`not seen within ${timeoutMs} ms: ${String(what)}\n${screen().join("\n")}`));
    }, timeoutMs);
    listeners.add(check);
    if (isWhole()) check();
  });
}

/** CPU time a process has used so far, user and system, in milliseconds. Linux only. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  // utime and stime, fields 14 and 15 of proc(5), in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory of a process in MiB. Linux only. */
export function residentMiB(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}
