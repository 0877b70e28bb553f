import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { Hopeless, waitFor } from "./wait.ts";

/** Every server process that this process started and that has not ended yet: killed by id when this process exits. */
const running = new Set<ServerProcess>();
let exitHandlerInstalled = false;

function killAllOnExit(): void {
  if (exitHandlerInstalled) return;
  exitHandlerInstalled = true;
  process.on("exit", () => {
    for (const server of running) server.signal("SIGKILL");
  });
}

export interface LaunchOptions {
  /** Program followed by its arguments. */
  readonly command: readonly string[];
  /** File that gets stdout and stderr, appended. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** One server process. A server that its owner loses (SIGKILL of a test run) is killed by the kernel: `setpriv --pdeathsig`. */
export class ServerProcess {
  readonly pid: number;
  readonly logFile: string;
  private readonly child: ChildProcess;

  constructor(options: LaunchOptions) {
    killAllOnExit();
    this.logFile = options.logFile;
    const log = openSync(options.logFile, "a");
    try {
      this.child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...options.command], {
        stdio: ["ignore", log, log],
        env: options.env ?? process.env,
      });
    } finally {
      closeSync(log);
    }
    this.child.on("error", () => running.delete(this));
    this.child.on("exit", () => running.delete(this));
    if (this.child.pid === undefined)
      throw new Error(`cannot start ${options.command[0]}: is setpriv (util-linux) there?`);
    this.pid = this.child.pid;
    running.add(this);
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Runs a look of {@link waitFor} that can only succeed while the process lives. */
  whileAlive<T>(look: () => Promise<T>): Promise<T> {
    if (!this.alive) throw new Hopeless("the process has ended");
    return look();
  }

  /** Sends a signal; false when the process is gone. */
  signal(signal: NodeJS.Signals): boolean {
    return this.alive && this.child.kill(signal);
  }

  /** Ends the process: SIGTERM with `graceMs` to obey, then SIGKILL. A stopped process is continued first. */
  async stop(graceMs = 10_000): Promise<void> {
    if (graceMs > 0 && this.alive) {
      this.signal("SIGTERM");
      this.signal("SIGCONT");
      await waitFor("process end", () => !this.alive, { timeoutMs: graceMs }).catch(() => undefined);
    }
    await this.kill();
  }

  /** SIGKILL, resolved when the process is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await waitFor(`end of process ${this.pid}`, () => !this.alive);
  }

  /** Last lines of the log, for error messages. */
  tail(lines = 25): string {
    return readTail(this.logFile, lines);
  }
}

/**
 * SIGSTOP, resolved when every thread stands still: a server with several threads may still serve a connection just after the signal.
 * Throws when there is no such process.
 */
export async function stopThreads(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  const standsStill = (thread: string): boolean =>
    /^State:\s+T/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"));
  await waitFor(`process ${pid} to stand still`, () => readdirSync(`/proc/${pid}/task`).every(standsStill), {
    intervalMs: 2,
  });
}

/** Last `lines` lines of a file, or a note that it cannot be read. */
export function readTail(file: string, lines: number): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return `(no ${file})`;
  }
}
