import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Chunk } from "../../../src/recording/chunk.ts";
import { RecordingEncoder } from "../../../src/recording/encoder.ts";
import { RecordingMemory } from "../../../src/recording/memory.ts";
import { START } from "../../support/snapshots.ts";
import { at, createFolder, open, readAll, seen, writeChunks } from "./support.ts";

function remember(seconds: number, limits?: { readonly spanMs: number; readonly bytes: number }): RecordingMemory {
  const memory = new RecordingMemory(limits);
  const encoder = new RecordingEncoder({ withQueries: false, onChunk: (chunk: Chunk) => memory.add(chunk) });
  for (let second = 0; second < seconds; second += 1) encoder.see(seen(at(second)), START);
  encoder.flush();
  return memory;
}

describe("what is remembered", () => {
  it("reaches back 15 minutes, and a minute at most beyond", async () => {
    const memory = remember(3_600);
    const pastMs = START + 3_599_000 - (memory.from ?? 0);
    expect(pastMs).toBeGreaterThanOrEqual(15 * 60_000);
    expect(pastMs).toBeLessThan(16 * 60_000);
    const path = join(createFolder(), "a.sbrec");
    await writeChunks(path, memory.chunks);
    const recording = await open(path);
    expect(await readAll(recording)).toHaveLength(pastMs / 1_000 + 1);
    expect(recording.damaged).toBe(0);
  }, 30_000);

  it("stays within its bytes, and can be read from its beginning all the same", async () => {
    const bytes = remember(130).bytes;
    const memory = remember(1_200, { spanMs: 15 * 60_000, bytes });
    expect(memory.bytes).toBeLessThanOrEqual(bytes);
    expect(memory.bytes).toBe(memory.chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0));
    const path = join(createFolder(), "a.sbrec");
    await writeChunks(path, memory.chunks);
    const recording = await open(path);
    expect(recording.damaged).toBe(0);
    expect((await readAll(recording)).at(-1)?.at).toBe(START + 1_199_000);
  });

  it("is empty before anything was seen", () => {
    const memory = new RecordingMemory();
    expect([memory.from, memory.bytes, memory.chunks]).toEqual([null, 0, []]);
  });
});
