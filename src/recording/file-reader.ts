/**
 * A recording that is read. Nothing in the file is trusted: sizes are bounded before anything is made of them, damage is passed over and told, and
 * what cannot be understood is left out. Of the pictures only the index is kept.
 */
import { type FileHandle, open } from "node:fs/promises";
import type { EpochMs } from "../model/reading.ts";
import { unpackChunk } from "./chunk.ts";
import {
  CHUNK_SIGN,
  type ChunkHeader,
  FIRST_LINE,
  FORMAT_VERSION,
  HEADER_BYTES,
  MAX_RAW_BYTES,
  parseFirstLine,
  parseHeader,
} from "./file-format.ts";
import { type Frame, GroupReader } from "./group-reader.ts";
import { parseHead, type RecordingHead } from "./head.ts";
import { NoteReader, type Notes } from "./notes.ts";

/** Deflate never makes more of what we write; a payload of this size is no chunk of ours. */
const MAX_PACKED_BYTES = MAX_RAW_BYTES;
const MAX_CHUNKS = 2_000_000;
/** Of all notes together, inflated. */
const MAX_NOTES_BYTES = 256 * 1024 * 1024;
const SCAN_BYTES = 1024 * 1024;

/** The file is no recording, or not one that this version can read. */
export class RecordingReadError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.name = "RecordingReadError";
    this.path = path;
  }
}

interface ChunkPlace {
  readonly header: ChunkHeader;
  /** Of the payload. */
  readonly offset: number;
}

/** Pictures that are read together: the first one stands by itself. */
export interface FrameGroup {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly chunks: readonly ChunkPlace[];
}

export interface Recording {
  readonly path: string;
  readonly bytes: number;
  readonly head: RecordingHead;
  readonly groups: readonly FrameGroup[];
  readonly notes: Notes;
  /** Time of the first and the last picture. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** True when it was not ended on purpose: the recorder was killed, its disk was full, or it goes on still. */
  readonly isCutOff: boolean;
  /** Damaged or unreadable parts that were passed over. */
  readonly damaged: number;
  /** Pictures of one group, in order; those that cannot be read are left out. Never rejects for what is in the file. */
  readGroup(group: FrameGroup): Promise<readonly Frame[]>;
  close(): Promise<void>;
}

/** @throws RecordingReadError */
export async function openRecording(path: string): Promise<Recording> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    throw new RecordingReadError(path, `${path} cannot be read (${code})`);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new RecordingReadError(path, `${path} is not a file`);
    return await new RecordingReader(path, handle, stat.size).read();
  } catch (error) {
    await handle.close();
    if (error instanceof RecordingReadError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new RecordingReadError(path, `${path} cannot be read (${code})`);
  }
}

class RecordingReader {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #notes = new NoteReader();
  #head: RecordingHead | null = null;
  readonly #groups: { chunks: ChunkPlace[] }[] = [];
  #damaged = 0;
  #isCutOff = true;
  #noteBytes = 0;
  /** False while frames would have nothing to stand on. */
  #isInGroup = false;

  constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.#size = size;
  }

  async read(): Promise<Recording> {
    await this.#checkFirstLine();
    let offset = FIRST_LINE.length;
    for (let count = 0; offset < this.#size && count < MAX_CHUNKS; count += 1) {
      const header = parseHeader(await this.#bytes(offset, HEADER_BYTES));
      const end = offset + HEADER_BYTES + (header?.packedBytes ?? 0);
      if (header === null || header.packedBytes > MAX_PACKED_BYTES) {
        const next = await this.#findSign(offset + 1);
        if (next === null) break;
        this.#lose();
        offset = next;
        continue;
      }
      if (end > this.#size) break;
      await this.#take({ header, offset: offset + HEADER_BYTES });
      offset = end;
    }
    return this.#build();
  }

  async #checkFirstLine(): Promise<void> {
    const version = parseFirstLine(await this.#bytes(0, FIRST_LINE.length));
    if (version === null) throw new RecordingReadError(this.#path, `${this.#path} is not a recording of signalbox`);
    if (version === FORMAT_VERSION) return;
    const message = `${this.#path} is a recording of format ${version}; this signalbox reads format ${FORMAT_VERSION}`;
    throw new RecordingReadError(this.#path, message);
  }

  async #take(place: ChunkPlace): Promise<void> {
    const { header } = place;
    this.#isCutOff = header.kind !== "end";
    if (header.kind === "frames") this.#takeFrames(place);
    else if (header.kind === "notes") await this.#takeNotes(place);
    else if (header.kind === "head") this.#head ??= parseHead((await this.#text(place, null))?.toString("utf8") ?? "");
  }

  #takeFrames(place: ChunkPlace): void {
    const last = this.#groups.at(-1)?.chunks.at(-1)?.header.to ?? 0;
    // Times that go back are not ours.
    if (place.header.from < last) this.#lose();
    else if (place.header.startsGroup) {
      this.#groups.push({ chunks: [place] });
      this.#isInGroup = true;
    } else if (this.#isInGroup) this.#groups.at(-1)?.chunks.push(place);
  }

  async #takeNotes(place: ChunkPlace): Promise<void> {
    this.#noteBytes += place.header.rawBytes;
    if (this.#noteBytes > MAX_NOTES_BYTES) return;
    const text = await this.#text(place, null);
    if (text === null) this.#damaged += 1;
    else this.#notes.read(text.toString("utf8"));
  }

  /** Frames after a damaged part have nothing to stand on until the next group begins. */
  #lose(): void {
    this.#damaged += 1;
    this.#isInGroup = false;
  }

  #build(): Recording {
    const groups = this.#groups.map(({ chunks }): FrameGroup => {
      return { from: chunks[0]?.header.from ?? 0, to: chunks.at(-1)?.header.to ?? 0, chunks };
    });
    const [first, last] = [groups[0], groups.at(-1)];
    if (this.#head === null)
      throw new RecordingReadError(this.#path, `${this.#path} is damaged: it does not say what it is`);
    if (first === undefined || last === undefined) {
      throw new RecordingReadError(this.#path, `${this.#path} holds no picture: it ended before the first one`);
    }
    const notes = this.#notes.notes;
    return {
      path: this.#path,
      bytes: this.#size,
      head: this.#head,
      groups,
      notes: { ...notes, isCut: notes.isCut || this.#noteBytes > MAX_NOTES_BYTES },
      from: first.from,
      to: last.to,
      isCutOff: this.#isCutOff,
      damaged: this.#damaged + notes.unread,
      readGroup: (group) => this.#readGroup(group),
      close: () => this.#handle.close(),
    };
  }

  async #readGroup({ chunks }: FrameGroup): Promise<readonly Frame[]> {
    const reader = new GroupReader();
    for (const place of chunks) {
      const text = await this.#text(place, reader.dictionary);
      if (text === null || !reader.read(text)) break;
    }
    return reader.frames;
  }

  /** Null when it is damaged. */
  async #text({ header, offset }: ChunkPlace, dictionary: Buffer | null): Promise<Buffer | null> {
    try {
      return unpackChunk(header, await this.#bytes(offset, header.packedBytes), dictionary);
    } catch {
      return null;
    }
  }

  /** As many as there are. */
  async #bytes(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.#size - offset)));
    const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  }

  /** Where the next chunk may begin; null when there is none. */
  async #findSign(from: number): Promise<number | null> {
    for (let offset = from; offset < this.#size; offset += SCAN_BYTES) {
      const bytes = await this.#bytes(offset, SCAN_BYTES + CHUNK_SIGN.length);
      for (let at = bytes.indexOf(CHUNK_SIGN); at >= 0; at = bytes.indexOf(CHUNK_SIGN, at + 1)) {
        if (parseHeader(await this.#bytes(offset + at, HEADER_BYTES)) !== null) return offset + at;
      }
    }
    return null;
  }
}
