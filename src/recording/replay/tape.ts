/** The pictures of a recording by time, group by group. */
import type { EpochMs } from "../../model/reading.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { FrameGroup, Recording } from "../file-reader.ts";
import type { Frame } from "../group-reader.ts";
import { countUpTo } from "./moments.ts";

/** Stepping to and fro over the border of two groups reads nothing again. */
const KEPT_GROUPS = 3;
/** Nothing was recorded for so long: the program stood still, or the machine slept. The encoder ends a chunk there. */
const GAP_MS = 5_000;
/** The same where it is not told how often pictures were taken. */
const LONG_GAP_MS = 15_000;
/** With pictures that are taken seldom: two were left out. */
const GAP_INTERVALS = 2.5;

export class Tape {
  readonly #recording: Recording;
  readonly #groups: readonly FrameGroup[];
  readonly #kept = new Map<FrameGroup, Promise<readonly Frame[]>>();

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#groups = recording.groups;
  }

  /** The last picture up to then that can be read; null when there is none. */
  async frameAt(at: EpochMs): Promise<{ readonly frame: Frame; readonly snapshot: Snapshot } | null> {
    for (let index = countUpTo(this.#groups.map(startOf), at) - 1; index >= 0; index -= 1) {
      const frames = await this.#read(this.#groups[index]);
      for (let place = countUpTo(frames, at) - 1; place >= 0; place -= 1) {
        const frame = frames[place];
        const snapshot = frame === undefined ? null : open(frame);
        if (frame !== undefined && snapshot !== null) return { frame, snapshot };
      }
    }
    return null;
  }

  /** Those after `from`, up to `to`, oldest first. */
  async framesBetween(from: EpochMs, to: EpochMs): Promise<readonly Frame[]> {
    const frames: Frame[] = [];
    for (const group of this.#groups) {
      if (group.to <= from || group.from > to) continue;
      for (const frame of await this.#read(group)) if (frame.at > from && frame.at <= to) frames.push(frame);
    }
    return frames;
  }

  /** Time of the first picture after then; null when there is none. */
  async nextAfter(at: EpochMs): Promise<EpochMs | null> {
    for (const group of this.#groups) {
      if (group.to <= at) continue;
      const frames = await this.#read(group);
      const next = frames[countUpTo(frames, at)];
      if (next !== undefined) return next.at;
    }
    return null;
  }

  /** Time of the last picture before then; null when there is none. */
  async lastBefore(at: EpochMs): Promise<EpochMs | null> {
    for (const group of [...this.#groups].reverse()) {
      if (group.from >= at) continue;
      const frames = await this.#read(group);
      const before = frames.findLast((frame) => frame.at < at);
      if (before !== undefined) return before.at;
    }
    return null;
  }

  #read(group: FrameGroup | undefined): Promise<readonly Frame[]> {
    if (group === undefined) return Promise.resolve([]);
    const known = this.#kept.get(group);
    if (known !== undefined) return known;
    const frames = this.#recording.readGroup(group);
    this.#kept.set(group, frames);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_GROUPS && oldest !== undefined) this.#kept.delete(oldest);
    return frames;
  }
}

/** Between chunks, so as far as it can be told without reading pictures. */
export function listGaps({ groups, head }: Recording): { readonly from: EpochMs; readonly to: EpochMs }[] {
  const chunks = groups.flatMap((group) => group.chunks);
  const { intervalMs = null } = head;
  const longestMs = intervalMs === null ? LONG_GAP_MS : Math.max(GAP_MS, GAP_INTERVALS * intervalMs);
  return chunks.flatMap(({ header }, index) => {
    const from = chunks[index - 1]?.header.to ?? header.from;
    return header.from - from > longestMs ? [{ from, to: header.from }] : [];
  });
}

const startOf = ({ from }: FrameGroup): { readonly at: EpochMs } => ({ at: from });

function open(frame: Frame): Snapshot | null {
  try {
    return frame.snapshot();
  } catch {
    return null;
  }
}
