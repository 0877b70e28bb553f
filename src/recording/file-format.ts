/**
 * A recording on disk: one line that says what it is, then chunks, each with a header of fixed size. Chunks are only ever appended, so a file that
 * was cut off is whole up to its last whole chunk. docs/recording.md describes it for people.
 */
import { crc32 } from "node:zlib";
import type { EpochMs } from "../model/reading.ts";

export const FORMAT_VERSION = 1;
export const FIRST_LINE = Buffer.from(`signalbox recording ${FORMAT_VERSION}\n`, "latin1");
export const HEADER_BYTES = 44;
/** Begins every chunk. The first byte is no text, so that none is found inside of one by accident. */
export const CHUNK_SIGN = Buffer.from("\u0089SBX", "latin1");

/** Inflated size of one chunk. What we write is far below; more is not ours, or not to be trusted. */
export const MAX_RAW_BYTES = 16 * 1024 * 1024;

/** `head`: what was recorded, JSON. `notes`: what happened. `frames`: what was seen. `end`: it was ended on purpose. */
export type ChunkKind = "head" | "notes" | "frames" | "end";

const KINDS: readonly ChunkKind[] = ["head", "notes", "frames", "end"];
const STARTS_GROUP = 1;

export interface ChunkHeader {
  readonly kind: ChunkKind;
  /** True for the first chunk of its kind in a group: it can be read without any chunk before the group. */
  readonly startsGroup: boolean;
  readonly packedBytes: number;
  readonly rawBytes: number;
  /** Time of its first and its last entry. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly entries: number;
  /** Of the payload as it stands in the file. */
  readonly checksum: number;
}

export function writeHeader(header: ChunkHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  CHUNK_SIGN.copy(bytes);
  bytes.writeUInt8(KINDS.indexOf(header.kind), 4);
  bytes.writeUInt8(header.startsGroup ? STARTS_GROUP : 0, 5);
  bytes.writeUInt32LE(header.packedBytes, 8);
  bytes.writeUInt32LE(header.rawBytes, 12);
  bytes.writeDoubleLE(header.from, 16);
  bytes.writeDoubleLE(header.to, 24);
  bytes.writeUInt32LE(header.entries, 32);
  bytes.writeUInt32LE(header.checksum, 36);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 40)), 40);
  return bytes;
}

/** The header at the beginning of `bytes`; null when there is none, or a damaged one. */
export function parseHeader(bytes: Uint8Array): ChunkHeader | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (!view.subarray(0, CHUNK_SIGN.length).equals(CHUNK_SIGN)) return null;
  if (view.readUInt32LE(40) !== crc32(view.subarray(0, 40))) return null;
  const kind = KINDS[view.readUInt8(4)];
  const rawBytes = view.readUInt32LE(12);
  const [from, to] = [view.readDoubleLE(16), view.readDoubleLE(24)];
  if (kind === undefined || rawBytes > MAX_RAW_BYTES) return null;
  if (!isTime(from) || !isTime(to) || to < from) return null;
  return {
    kind,
    startsGroup: (view.readUInt8(5) & STARTS_GROUP) !== 0,
    packedBytes: view.readUInt32LE(8),
    rawBytes,
    from,
    to,
    entries: view.readUInt32LE(32),
    checksum: view.readUInt32LE(36),
  };
}

/** Version that the first line names; null when it is no recording. */
export function parseFirstLine(bytes: Uint8Array): number | null {
  const text = Buffer.from(bytes).toString("latin1", 0, FIRST_LINE.length);
  const found = /^signalbox recording (\d{1,4})\n/.exec(text);
  return found === null ? null : Number(found[1]);
}

/** Within what a Date can hold. */
export function isTime(value: unknown): value is EpochMs {
  return typeof value === "number" && value >= 0 && value <= 8_640_000_000_000_000;
}
