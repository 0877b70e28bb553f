/** Lines of one group to pictures. */

import type { SessionsReport } from "../engine/protocol.ts";
import { applyPatch } from "../engine/wire/apply-patch.ts";
import type { EpochMs } from "../model/reading.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { extendDictionary } from "./chunk.ts";
import { isTime } from "./file-format.ts";
import { applyFrame, type FrameParts, joinFrame } from "./frame.ts";
import { isSessionsReport, isSnapshot } from "./shapes/snapshot.ts";

/** What was on screen at a moment. */
export interface Frame {
  readonly at: EpochMs;
  /** Put together when it is asked for. @throws Error when it is not a picture */
  readonly snapshot: () => Snapshot;
  readonly sessions: SessionsReport | null;
}

/** A minute at the shortest interval has a tenth of it. */
const MAX_FRAMES = 20_000;
const MAX_GROUP_BYTES = 96 * 1024 * 1024;

export class GroupReader {
  readonly #frames: Frame[] = [];
  #dictionary: Buffer | null = null;
  #parts: FrameParts | null = null;
  #snapshot: (() => Snapshot) | null = null;
  #sessions: unknown = null;
  #last: EpochMs = 0;
  #bytes = 0;

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  /** For the next chunk. */
  get dictionary(): Buffer | null {
    return this.#dictionary;
  }

  /** False when what follows cannot be read: it would stand on what could not. */
  read(text: Buffer): boolean {
    this.#bytes += text.length;
    if (this.#bytes > MAX_GROUP_BYTES) return false;
    this.#dictionary = extendDictionary(this.#dictionary, text);
    for (const line of text.toString("utf8").split("\n")) {
      if (line === "") continue;
      if (this.#frames.length >= MAX_FRAMES) return false;
      try {
        this.#readLine(JSON.parse(line));
      } catch {
        return false;
      }
    }
    return true;
  }

  #readLine(entry: unknown): void {
    if (!Array.isArray(entry)) throw new Error("frame: no entry");
    const [tag, at, patch, figures] = entry as readonly unknown[];
    if (!isTime(at) || at < this.#last || !Array.isArray(patch)) throw new Error("frame: not understood");
    this.#last = at;
    if (tag === "s" && Array.isArray(figures)) {
      const parts = applyFrame(this.#parts, patch, figures);
      this.#parts = parts;
      this.#snapshot = readOnce(parts);
    } else if (tag === "x") this.#sessions = applyPatch(this.#sessions, patch);
    // Entries of a later version are passed over.
    else return;
    if (this.#snapshot === null) return;
    const sessions = isSessionsReport(this.#sessions) ? this.#sessions : null;
    this.#frames.push({ at, snapshot: this.#snapshot, sessions });
  }
}

function readOnce(parts: FrameParts): () => Snapshot {
  let snapshot: Snapshot | null = null;
  return () => {
    if (snapshot !== null) return snapshot;
    const joined: unknown = joinFrame(parts);
    if (!isSnapshot(joined)) throw new Error("frame: not a picture");
    snapshot = joined;
    return joined;
  };
}
