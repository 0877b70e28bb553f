/** Why a write stop has to end before the candidate is open: its time is over, somebody stops it, or somebody opens the old primary again. */
import { buildView } from "../view.ts";
import type { RunContext } from "./context.ts";

/** The old primary's flag is read this often while writes stand still. */
const FLAG_PAUSE_MS = 1_000;

export class StopWatch {
  readonly #context: RunContext;
  readonly #abort = new AbortController();
  readonly #onStop = () => this.#end("Stopped before the new primary was opened.");
  readonly #measures: boolean;
  #cause: string | null = null;
  #startedMs: number | null = null;
  #cancelBudget = () => {};
  #cancelFlag = () => {};
  #watched: string | null = null;
  #isArmed = false;

  /** @param measures false when an earlier run has stopped the writes: since when is not known to this one */
  constructor(context: RunContext, measures: boolean) {
    this.#context = context;
    this.#measures = measures;
    if (context.promotion?.pastNoReturn === true) return;
    if (context.signal.aborted) this.#onStop();
    else context.signal.addEventListener("abort", this.#onStop, { once: true });
  }

  /** Null while nothing speaks against going on. */
  get cause(): string | null {
    // After a time in which nothing of this program ran, an answer may be looked at before the timer.
    if (this.#isArmed && this.leftMs() <= 0) this.#endOfBudget();
    return this.#cause;
  }

  /** Aborts with the cause. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get #budgetMs(): number {
    return this.#context.promotion?.plan.budgetMs ?? 0;
  }

  /** The first change of the section is about to be sent; later calls change nothing. */
  begin(): void {
    if (this.#startedMs !== null) return;
    const { promotion, ports } = this.#context;
    this.#startedMs = ports.clock.monotonicMs();
    // Carried on past the opening there is no write stop any more.
    if (promotion?.pastNoReturn === true) return;
    if (this.#measures) promotion?.noteStopped();
    this.#isArmed = true;
    this.#cancelBudget = ports.clock.after(this.#budgetMs, () => this.#endOfBudget());
  }

  #endOfBudget(): void {
    this.#end(`Writes stood still for the ${this.#budgetMs / 1000} s they may.`);
  }

  /** What is left of the time, in milliseconds; never less than 0. */
  leftMs(): number {
    if (this.#startedMs === null) return this.#budgetMs;
    return Math.max(0, this.#startedMs + this.#budgetMs - this.#context.ports.clock.monotonicMs());
  }

  /** From now on the node has to stay read-only. */
  watchFlag(node: string): void {
    if (this.#watched !== null) return;
    this.#watched = node;
    this.#arm(node);
  }

  /** What the node has told of itself meanwhile. */
  noteFlag(node: string, readOnly: boolean): void {
    if (node === this.#watched && !readOnly) this.#end(`Somebody has made ${node} writable again.`);
  }

  /** The opening is sent: nothing ends it any more. */
  noReturn(): void {
    this.#disarm();
  }

  close(): void {
    this.#disarm();
    this.#watched = null;
  }

  #arm(node: string): void {
    const { ports, limits } = this.#context;
    this.#cancelFlag = ports.clock.after(FLAG_PAUSE_MS, () => {
      void ports
        .look({ haproxies: [], nodes: [node] }, limits.lookMs)
        .then((cluster) => {
          if (this.#watched !== node) return;
          const readOnly = buildView(cluster).report(node)?.readOnly ?? null;
          if (readOnly !== null) this.noteFlag(node, readOnly);
          if (this.#cause === null) this.#arm(node);
        })
        .catch(() => {});
    });
  }

  #end(cause: string): void {
    if (this.#cause !== null) return;
    this.#cause = cause;
    this.#abort.abort();
  }

  #disarm(): void {
    this.#isArmed = false;
    this.#watched = null;
    this.#cancelBudget();
    this.#cancelFlag();
    this.#context.signal.removeEventListener("abort", this.#onStop);
  }
}
