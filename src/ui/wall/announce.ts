/** Bell and notifications of the terminal: for what got worse, and never more often than somebody can bear. */
import { printable } from "../../model/printable.ts";
import type { Worsening } from "./worsening.ts";

export type NotifyWay = "osc9" | "osc777";

export interface AnnounceOptions {
  readonly bell: boolean;
  readonly notify: NotifyWay | null;
}

/** What gets worse within this time after a bell is announced together, when it is over. */
const PAUSE_MS = 10_000;
const MOST_WAITING = 100;
const MOST_CHARACTERS = 160;

/** Gathers worsenings and hands out what to write. Times are monotonic milliseconds. */
export class Announcer {
  readonly #options: AnnounceOptions;
  #waiting: readonly Worsening[] = [];
  #lastMs: number | null = null;

  constructor(options: AnnounceOptions) {
    this.#options = options;
  }

  add(worsenings: readonly Worsening[]): void {
    const { bell, notify } = this.#options;
    if (bell || notify !== null) this.#waiting = [...this.#waiting, ...worsenings].slice(0, MOST_WAITING);
  }

  /** Control sequences for the terminal; empty when there is nothing to say yet. */
  take(nowMs: number): string {
    const [first] = this.#waiting;
    const isPausing = this.#lastMs !== null && nowMs - this.#lastMs < PAUSE_MS;
    if (first === undefined || isPausing) return "";
    const more = this.#waiting.length - 1;
    this.#waiting = [];
    this.#lastMs = nowMs;
    const { bell, notify } = this.#options;
    return `${bell ? "\u0007" : ""}${notify === null ? "" : buildNotification(notify, first, more)}`;
  }
}

/** What servers say stays text: no control character, no `;`, which separates fields. */
function buildNotification(way: NotifyWay, { cluster, severity, what }: Worsening, more: number): string {
  const text = `${cluster} ${severity.toUpperCase()}: ${what}${more > 0 ? `, and ${more} more` : ""}`;
  const safe = printable(text).replaceAll(";", ",").slice(0, MOST_CHARACTERS);
  return way === "osc9" ? `\u001b]9;${safe}\u0007` : `\u001b]777;notify;signalbox;${safe}\u0007`;
}
