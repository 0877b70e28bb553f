/** Engine events to chunks. Has no clock and no timer of its own: time comes with the events, so at rest it costs what a tick costs. */

import type { EngineEvent, SessionsReport } from "../engine/protocol.ts";
import { buildPatch } from "../engine/wire/patch.ts";
import type { OperationEntry, OperationProgress } from "../model/operation.ts";
import type { EpochMs } from "../model/reading.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { type Chunk, extendDictionary, packChunk } from "./chunk.ts";
import { MAX_RAW_BYTES } from "./file-format.ts";
import { FrameEncoder } from "./frame.ts";
import { redactJson, redactProgress, redactSessions } from "./redact.ts";

/** A group can be read without what comes before it: seeking begins at one, and memory forgets by them. */
const GROUP_MS = 60_000;
/** A process that is killed loses at most this much. */
const CHUNK_MS = 5_000;
/** After something has happened, at most this. */
const URGENT_MS = 1_000;
/** What is waiting is packed when it has grown to this, whatever the time. */
const CHUNK_BYTES = 2 * 1024 * 1024;
/** Operations that are told anew at the beginning of a group: those that run, and those that ended this long before. */
const REMEMBER_MS = 15 * 60_000;
const REMEMBERED = 20;

export interface EncoderOptions {
  readonly withQueries: boolean;
  readonly onChunk: (chunk: Chunk) => void;
}

export class RecordingEncoder {
  readonly #options: EncoderOptions;
  readonly #frames = new FrameEncoder();
  #frameLines: string[] = [];
  #noteLines: string[] = [];
  #waitingBytes = 0;
  #waitingFrom: EpochMs | null = null;
  #framesFrom: EpochMs = 0;
  #intervalMs = 0;
  #urgent = false;
  #last: EpochMs = 0;
  #groupFrom: EpochMs | null = null;
  /** Whether the next chunk of the kind is the first of its group. Pictures may come later than what happened. */
  readonly #isFirst = { notes: true, frames: true };
  #dictionary: Buffer | null = null;
  #sessions: SessionsReport | null = null;
  readonly #operations = new Map<string, OperationProgress>();
  readonly #journals = new Map<string, readonly OperationEntry[]>();

  constructor(options: EncoderOptions) {
    this.#options = options;
  }

  /** @param now when it came; the time of a snapshot is its own */
  see(event: EngineEvent, now: EpochMs): void {
    switch (event.type) {
      case "snapshot":
        this.#seeSnapshot(event.snapshot);
        break;
      case "sessions":
        this.#seeSessions(event.report, now);
        break;
      case "operation":
        this.#seeOperation(event.progress, now);
        break;
      case "operations":
        this.#seeJournal(event.cluster, event.entries, now);
        break;
      case "log":
        this.#note(event.at, ["l", event.line]);
        break;
      default:
        return;
    }
    if (this.#isDue()) this.flush();
  }

  /** Packs what is waiting. */
  flush(): void {
    const from = this.#waitingFrom;
    if (from === null) return;
    if (this.#noteLines.length > 0) this.#pack("notes", this.#noteLines, from);
    if (this.#frameLines.length > 0) this.#pack("frames", this.#frameLines, this.#framesFrom);
    this.#noteLines = [];
    this.#frameLines = [];
    this.#waitingBytes = 0;
    this.#waitingFrom = null;
    this.#urgent = false;
    this.#isFirst.notes = false;
  }

  /** From the next event on everything stands by itself: a file begins here. */
  beginGroup(): void {
    this.flush();
    this.#groupFrom = null;
  }

  #isDue(): boolean {
    if (this.#waitingFrom === null) return false;
    // With the next picture it would be too long.
    const waitedMs = this.#last - this.#waitingFrom + Math.min(this.#intervalMs, CHUNK_MS);
    return waitedMs >= (this.#urgent ? URGENT_MS : CHUNK_MS) || this.#waitingBytes >= CHUNK_BYTES;
  }

  #seeSnapshot(snapshot: Snapshot): void {
    // A time in which nothing was seen lies between two chunks: there readers look for it.
    if (snapshot.at - this.#last > CHUNK_MS) this.flush();
    if (this.#groupFrom === null || snapshot.at - this.#groupFrom >= GROUP_MS) this.#startGroup(snapshot.at);
    this.#intervalMs = snapshot.intervalMs;
    for (const change of snapshot.changes) {
      this.#note(change.at, ["c", change]);
      this.#urgent = true;
    }
    const { patch, figures } = this.#frames.encode(snapshot);
    this.#frame(snapshot.at, ["s", patch, figures]);
  }

  #startGroup(at: EpochMs): void {
    this.flush();
    this.#groupFrom = at;
    this.#isFirst.notes = true;
    this.#isFirst.frames = true;
    this.#frames.reset();
    this.#sessions = null;
    for (const [id, progress] of this.#operations) {
      if (progress.endedAt !== null && at - progress.endedAt > REMEMBER_MS) this.#operations.delete(id);
      else this.#note(at, ["O", id, buildPatch(null, progress)]);
    }
    for (const [cluster, entries] of this.#journals) this.#note(at, ["J", cluster, buildPatch(null, entries)]);
  }

  #seeSessions(report: SessionsReport, now: EpochMs): void {
    if (this.#groupFrom === null) return;
    const told = this.#options.withQueries ? report : redactSessions(report);
    this.#frame(now, ["x", buildPatch(this.#sessions, told)]);
    this.#sessions = told;
  }

  #seeOperation(progress: OperationProgress, now: EpochMs): void {
    const told = this.#options.withQueries ? progress : redactProgress(progress);
    if (this.#groupFrom === null) this.#startGroup(now);
    this.#note(now, ["o", told.id, buildPatch(this.#operations.get(told.id) ?? null, told)]);
    this.#operations.delete(told.id);
    this.#operations.set(told.id, told);
    const [oldest] = this.#operations.keys();
    if (this.#operations.size > REMEMBERED && oldest !== undefined) this.#operations.delete(oldest);
    this.#urgent = true;
  }

  #seeJournal(cluster: string, entries: readonly OperationEntry[], now: EpochMs): void {
    const before = this.#journals.get(cluster) ?? null;
    const patch = buildPatch(before, entries);
    if (before !== null && patch.length === 1) return;
    if (this.#groupFrom === null) this.#startGroup(now);
    this.#note(now, ["j", cluster, patch]);
    this.#journals.set(cluster, entries);
    this.#urgent = true;
  }

  #note(at: EpochMs, entry: readonly [string, ...unknown[]]): void {
    this.#noteLines.push(this.#line(at, entry));
  }

  #frame(at: EpochMs, entry: readonly [string, ...unknown[]]): void {
    const line = this.#line(at, entry);
    if (this.#frameLines.length === 0) this.#framesFrom = this.#last;
    this.#frameLines.push(line);
  }

  /** Times never go back within a recording, whatever the clock does: what is shown has its own. */
  #line(at: EpochMs, [tag, ...rest]: readonly [string, ...unknown[]]): string {
    this.#last = Math.max(this.#last, at);
    this.#waitingFrom ??= this.#last;
    const json = JSON.stringify([tag, this.#last, ...rest]);
    const line = this.#options.withQueries ? json : redactJson(json);
    this.#waitingBytes += line.length;
    return line;
  }

  #pack(kind: "notes" | "frames", lines: readonly string[], from: EpochMs): void {
    const text = Buffer.from(`${lines.join("\n")}\n`, "utf8");
    const startsGroup = this.#isFirst[kind];
    this.#isFirst[kind] = false;
    const isFrames = kind === "frames";
    const dictionary = isFrames && !startsGroup ? this.#dictionary : null;
    if (isFrames) this.#dictionary = extendDictionary(dictionary, text);
    // A picture that no reader would take is a hole in the recording; what comes after it begins anew.
    if (text.length > MAX_RAW_BYTES) {
      this.#groupFrom = null;
      return;
    }
    this.#options.onChunk(
      packChunk({ kind, startsGroup, from, to: this.#last, entries: lines.length, text, dictionary }),
    );
  }
}
