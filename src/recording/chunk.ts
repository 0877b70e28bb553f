/** A chunk as bytes: its text deflated, with the text before it as the dictionary, so that chunks can be short and small. */
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import type { EpochMs } from "../model/reading.ts";
import { type ChunkHeader, type ChunkKind, MAX_RAW_BYTES, writeHeader } from "./file-format.ts";

/** As far as deflate looks back. */
const DICTIONARY_BYTES = 32_768;
/** Higher levels take several times as long for a tenth less. */
const LEVEL = 4;

export interface ChunkText {
  readonly kind: ChunkKind;
  readonly startsGroup: boolean;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly entries: number;
  readonly text: Buffer;
  /** Text of the same kind and group right before it; null for the first. */
  readonly dictionary: Buffer | null;
}

/** A chunk ready to be appended. */
export interface Chunk {
  readonly kind: ChunkKind;
  readonly startsGroup: boolean;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly bytes: Buffer;
}

export function packChunk({ text, dictionary, ...about }: ChunkText): Chunk {
  const payload = deflateRawSync(text, dictionary === null ? { level: LEVEL } : { level: LEVEL, dictionary });
  const header: ChunkHeader = {
    ...about,
    packedBytes: payload.length,
    rawBytes: text.length,
    checksum: crc32(payload),
  };
  const { kind, startsGroup, from, to } = about;
  return { kind, startsGroup, from, to, bytes: Buffer.concat([writeHeader(header), payload]) };
}

/**
 * The text of a chunk. Never makes more than the header promised.
 * @throws Error when it is damaged
 */
export function unpackChunk(header: ChunkHeader, payload: Uint8Array, dictionary: Buffer | null): Buffer {
  if (payload.length !== header.packedBytes || crc32(payload) !== header.checksum) throw new Error("chunk: damaged");
  if (header.rawBytes === 0) return Buffer.alloc(0);
  const bound = { maxOutputLength: Math.min(header.rawBytes, MAX_RAW_BYTES) };
  const text = inflateRawSync(payload, dictionary === null ? bound : { ...bound, dictionary });
  if (text.length !== header.rawBytes) throw new Error("chunk: not as long as it says");
  return text;
}

/** The dictionary for what follows `text`. */
export function extendDictionary(dictionary: Buffer | null, text: Buffer): Buffer {
  if (dictionary === null || text.length >= DICTIONARY_BYTES) return text.subarray(-DICTIONARY_BYTES);
  return Buffer.concat([dictionary, text]).subarray(-DICTIONARY_BYTES);
}
