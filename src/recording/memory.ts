/** The last minutes, in packed chunks, within a bound of time and a bound of bytes. */
import type { EpochMs } from "../model/reading.ts";
import type { Chunk } from "./chunk.ts";

export const MEMORY_MS = 15 * 60_000;
/** R1 takes about half a MiB for 15 minutes; with more servers than fit there are fewer minutes. */
export const MEMORY_BYTES = 12 * 1024 * 1024;

export class RecordingMemory {
  readonly #limits: { readonly spanMs: number; readonly bytes: number };
  #groups: Chunk[][] = [];
  #bytes = 0;

  constructor(limits = { spanMs: MEMORY_MS, bytes: MEMORY_BYTES }) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Oldest first; they begin with a group. */
  get chunks(): readonly Chunk[] {
    return this.#groups.flat();
  }

  /** Time of the oldest chunk; null while there is none. */
  get from(): EpochMs | null {
    return this.#groups[0]?.[0]?.from ?? null;
  }

  add(chunk: Chunk): void {
    const group = this.#groups.at(-1);
    // The notes that begin a group stand before its first frames.
    const isInGroup = chunk.kind === "frames" && group?.every(({ kind }) => kind === "notes") === true;
    if (group === undefined || (chunk.startsGroup && !isInGroup)) this.#groups.push([chunk]);
    else group.push(chunk);
    this.#bytes += chunk.bytes.length;
    this.#forget(chunk.to);
  }

  #forget(now: EpochMs): void {
    for (let next = this.#groups[1]?.[0]; next !== undefined; next = this.#groups[1]?.[0]) {
      if (this.#bytes <= this.#limits.bytes && next.from > now - this.#limits.spanMs) return;
      for (const { bytes } of this.#groups[0] ?? []) this.#bytes -= bytes.length;
      this.#groups = this.#groups.slice(1);
    }
  }
}
