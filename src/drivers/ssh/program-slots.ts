/** How many programs run in one session at a time: sshd refuses more than its MaxSessions, ten unless told otherwise. */

/** Below ten: a program that was given up may hold its place there for a while. */
const MOST_AT_ONCE = 6;

export class ProgramSlots {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Calls `begin` now, or when there is room. The returned function gives the place back, or up; calling it again does nothing. */
  take(begin: () => void): () => void {
    let state: "waiting" | "running" | "over" = "waiting";
    const start = (): void => {
      state = "running";
      this.#running += 1;
      begin();
    };
    const giveBack = (): void => {
      const before = state;
      state = "over";
      if (before === "waiting") this.#waiting.splice(this.#waiting.indexOf(start), 1);
      if (before !== "running") return;
      this.#running -= 1;
      this.#waiting.shift()?.();
    };
    if (this.#running < MOST_AT_ONCE) start();
    else this.#waiting.push(start);
    return giveBack;
  }
}
