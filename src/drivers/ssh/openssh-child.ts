/** One ssh of the system that runs as long as we do, and what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { OpensshWords } from "./openssh-words.ts";

/** After a failure nobody knocks again before this; servers lock out who does. */
const RETRY_AFTER_MS = 2_000;

/**
 * Nobody would end an ssh whose program was killed, and it would hold its session for good. So it lives only as long as our end of its standard
 * input is open, which the kernel closes whatever becomes of us. Arguments are passed on as they are: nothing in them is a command.
 */
const WITH_US = `exec 3<&0
"$@" 3<&- </dev/null & ssh=$!
{ while read -r _; do :; done; kill "$ssh"; } <&3 >/dev/null 2>&1 & watch=$!
exec 3<&- </dev/null
wait "$ssh"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

export class OpensshChild {
  readonly words = new OpensshWords();
  readonly #child: ChildProcess;
  readonly #onEnd: () => void;
  #endedAtMs: number | null = null;

  /** @param onEnd called once */
  constructor(args: readonly string[], onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#child = spawn("/bin/sh", ["-c", WITH_US, "signalbox", "ssh", ...args], { stdio: ["pipe", "ignore", "pipe"] });
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.on("data", (chunk: Buffer) => this.words.add(chunk.toString("utf8")));
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("close", () => this.#end(""));
  }

  get ended(): boolean {
    return this.#endedAtMs !== null;
  }

  /** False when it has ended and may be tried again. */
  get usable(): boolean {
    return this.#endedAtMs === null || performance.now() - this.#endedAtMs < RETRY_AFTER_MS;
  }

  stop(): void {
    this.#child.stdin?.destroy();
  }

  #end(words: string): void {
    if (this.#endedAtMs !== null) return;
    this.words.add(`${words}\n`);
    this.#endedAtMs = performance.now();
    this.stop();
    this.#onEnd();
  }
}
