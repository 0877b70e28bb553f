/** Snapshots across the worker boundary: the first one whole, then only what differs from the one sent before. */
import type { Snapshot } from "../../model/snapshot.ts";
import { applyPatch } from "./apply-patch.ts";
import { type PackedSnapshot, packSnapshot, unpackSnapshot } from "./packed.ts";
import { buildPatch, type Patch } from "./patch.ts";

/** `seq` of the snapshot it makes; `base` that of the one the patch is made for, null when it stands by itself. */
export interface SnapshotMessage {
  readonly type: "snapshot";
  readonly seq: number;
  readonly base: number | null;
  readonly patch: Patch;
}

export class SnapshotEncoder {
  #sent: PackedSnapshot | null = null;

  /** The message for the screen, which gets every message of this encoder in order. */
  encode(snapshot: Snapshot): SnapshotMessage {
    const before = this.#sent;
    const packed = packSnapshot(snapshot, before);
    this.#sent = packed;
    return { type: "snapshot", seq: packed.seq, base: before?.seq ?? null, patch: buildPatch(before, packed) };
  }

  /** The screen has lost the thread: the next message stands by itself. */
  reset(): void {
    this.#sent = null;
  }
}

export class SnapshotDecoder {
  #last: PackedSnapshot | null = null;

  /** The snapshot as it was given to the encoder; null when a message before it is missing, so that a whole one has to be asked for. */
  decode({ seq, base, patch }: SnapshotMessage): Snapshot | null {
    const last = this.#last;
    this.#last = null;
    if (base !== null && base !== last?.seq) return null;
    const packed = applyPatch(base === null ? null : last, patch) as PackedSnapshot;
    if (packed.seq !== seq) return null;
    const snapshot = unpackSnapshot(packed);
    this.#last = packed;
    return snapshot;
  }
}
