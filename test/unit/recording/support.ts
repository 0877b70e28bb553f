/** Recordings for tests: made by the encoder, in a folder that goes with the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { EngineEvent } from "../../../src/engine/protocol.ts";
import type { ClusterSnapshot, Snapshot } from "../../../src/model/snapshot.ts";
import type { Chunk } from "../../../src/recording/chunk.ts";
import { RecordingEncoder } from "../../../src/recording/encoder.ts";
import { openRecording, type Recording } from "../../../src/recording/file-reader.ts";
import { createRecordingFile } from "../../../src/recording/file-writer.ts";
import type { RecordingHead } from "../../../src/recording/head.ts";
import { buildSnapshot, START } from "../../support/snapshots.ts";

export const HEAD: RecordingHead = {
  kind: "recording",
  program: "0.0.0-test",
  startedAt: START,
  operator: "ann",
  host: "jump1",
  withQueries: false,
  clusters: [{ name: "shop", lag: { warningSeconds: 5, criticalSeconds: 30 } }],
  error: null,
};

export function createFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), "sb-recording-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function at(seconds: number, cluster: Partial<ClusterSnapshot> = {}, change: Partial<Snapshot> = {}): Snapshot {
  const snapshot = buildSnapshot({ seq: seconds + 1, at: START + seconds * 1_000, ...change });
  return { ...snapshot, clusters: snapshot.clusters.map((each) => ({ ...each, ...cluster })) };
}

export const seen = (snapshot: Snapshot): EngineEvent => ({ type: "snapshot", snapshot });

/** @param now of events that have no time of their own, seconds after START */
export interface Told {
  readonly event: EngineEvent;
  readonly now: number;
}

export function encode(events: readonly (EngineEvent | Told)[], withQueries = false): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const encoder = new RecordingEncoder({ withQueries, onChunk: (chunk) => chunks.push(chunk) });
  for (const each of events) {
    if ("event" in each) encoder.see(each.event, START + each.now * 1_000);
    else encoder.see(each, START);
  }
  encoder.flush();
  return chunks;
}

export async function writeChunks(path: string, chunks: readonly Chunk[], head = HEAD): Promise<void> {
  const file = await createRecordingFile({
    path,
    head,
    force: true,
    onFailed: (error) => {
      throw error;
    },
  });
  for (const chunk of chunks) file.add(chunk);
  await file.close();
}

export async function open(path: string): Promise<Recording> {
  const recording = await openRecording(path);
  onTestFinished(() => recording.close());
  return recording;
}

export async function record(events: readonly (EngineEvent | Told)[], withQueries = false): Promise<Recording> {
  const path = join(createFolder(), "test.sbrec");
  await writeChunks(path, encode(events, withQueries));
  return open(path);
}

export async function readAll(recording: Recording): Promise<readonly Snapshot[]> {
  const groups = await Promise.all(recording.groups.map((group) => recording.readGroup(group)));
  return groups.flat().map((frame) => frame.snapshot());
}
