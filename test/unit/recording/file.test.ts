import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packChunk } from "../../../src/recording/chunk.ts";
import { CHUNK_SIGN, FIRST_LINE, HEADER_BYTES, parseHeader, writeHeader } from "../../../src/recording/file-format.ts";
import { RecordingReadError } from "../../../src/recording/file-reader.ts";
import { createRecordingFile, RecordingFile, type RecordingFileError } from "../../../src/recording/file-writer.ts";
import { formatHead } from "../../../src/recording/head.ts";
import { START } from "../../support/snapshots.ts";
import { at, createFolder, encode, HEAD, open, readAll, seen, writeChunks } from "./support.ts";

const CHANGE = {
  at: START + 9_000,
  cluster: "shop",
  kind: "node",
  severity: "warning",
  subject: "db1",
  before: "up",
  after: "down",
} as const;

/** Three groups of seven pictures each, and one change. */
const EVENTS = Array.from({ length: 21 }, (_, index) =>
  seen(at(index * 9, {}, index === 1 ? { changes: [CHANGE] } : {})),
);

async function writeSample(path: string): Promise<void> {
  await writeChunks(path, encode(EVENTS));
}

/** Places of the chunks: where each begins, and where it ends. */
function listChunks(
  bytes: Buffer,
): readonly { readonly from: number; readonly to: number; readonly kind: string; readonly entries: number }[] {
  const found = [];
  for (let from = FIRST_LINE.length; from < bytes.length; ) {
    const header = parseHeader(bytes.subarray(from));
    if (header === null) throw new Error("not a chunk");
    const to = from + HEADER_BYTES + header.packedBytes;
    found.push({ from, to, kind: header.kind, entries: header.entries });
    from = to;
  }
  return found;
}

describe("a recording that is written", () => {
  it("is its owner's alone, and never takes the place of a file that is there", async () => {
    const path = join(createFolder(), "a.sbrec");
    await writeSample(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const options = { path, head: HEAD, onFailed: () => undefined };
    await expect(createRecordingFile({ ...options, force: false })).rejects.toMatchObject({ kind: "exists" });
    chmodSync(path, 0o644);
    const file = await createRecordingFile({ ...options, force: true });
    await file.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("follows no link, and replaces nothing but a file", async () => {
    const dir = createFolder();
    const target = join(dir, "precious");
    writeFileSync(target, "precious");
    symlinkSync(target, join(dir, "link"));
    mkdirSync(join(dir, "folder"));
    for (const name of ["link", "folder"]) {
      const options = { path: join(dir, name), head: HEAD, force: true, onFailed: () => undefined };
      await expect(createRecordingFile(options)).rejects.toMatchObject({ kind: "not-a-file" });
    }
    expect(readFileSync(target, "utf8")).toBe("precious");
  });

  it("says once that the disk takes no more, and writes nothing behind what is missing", async () => {
    const failures: RecordingFileError[] = [];
    const options = {
      path: "/dev/full",
      head: HEAD,
      force: false,
      onFailed: (error: RecordingFileError) => failures.push(error),
    };
    await expect(createRecordingFile(options)).rejects.toMatchObject({ kind: "exists" });
    const path = join(createFolder(), "a.sbrec");
    const file = await createRecordingFile({ ...options, path });
    await file.close();
    // Its descriptor is closed: every write from here on fails.
    for (const chunk of encode(EVENTS)) file.add(chunk);
    await file.close();
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toContain(`${path} cannot be written`);
    expect(file.error).toBe(failures[0]);
  });
});

describe("a recording whose disk is full", () => {
  it("lets go of its file by itself: Node would warn of it, on the screen", async () => {
    const handle = await openFile("/dev/full", "r+");
    const path = "/dev/full";
    const failed = await new Promise<RecordingFileError>((onFailed) => {
      const file = new RecordingFile(handle, { path, head: HEAD, force: false, onFailed });
      for (const chunk of encode(EVENTS)) file.add(chunk);
    });
    expect(failed.message).toBe("/dev/full cannot be written: the disk is full");
    await expect.poll(() => handle.fd).toBe(-1);
  });
});

describe("a recording that is cut off", () => {
  it("is read up to its last whole chunk, wherever it ends", async () => {
    const dir = createFolder();
    const path = join(dir, "whole.sbrec");
    await writeSample(path);
    const bytes = readFileSync(path);
    const chunks = listChunks(bytes);
    const cut = join(dir, "cut.sbrec");
    // Every chunk is cut at its beginning, inside of its header, inside of what it holds, and one byte too early.
    const count = (of: typeof chunks) =>
      of.reduce((sum, { kind, entries }) => sum + (kind === "frames" ? entries : 0), 0);
    for (const { from, to } of chunks) {
      for (const end of [from, from + 9, Math.floor((from + HEADER_BYTES + to) / 2), to - 1]) {
        writeFileSync(cut, bytes.subarray(0, end));
        const whole = chunks.filter((chunk) => chunk.to <= end);
        if (!whole.some(({ kind }) => kind === "frames")) {
          await expect(open(cut)).rejects.toThrow(RecordingReadError);
          continue;
        }
        const recording = await open(cut);
        expect(recording.isCutOff).toBe(true);
        expect(recording.damaged).toBe(0);
        expect(await readAll(recording)).toHaveLength(count(whole));
      }
    }
  }, 30_000);
});

describe("a recording that is damaged, or meant to do harm", () => {
  it("is read around a damaged chunk, from the next group on", async () => {
    const path = join(createFolder(), "a.sbrec");
    await writeSample(path);
    const bytes = readFileSync(path);
    const frames = listChunks(bytes).filter(({ kind }) => kind === "frames");
    const [, second] = frames;
    if (second === undefined) throw new Error("no second chunk");
    // Header and all: the next one has to be looked for.
    bytes.fill(0x89, second.from, second.to);
    writeFileSync(path, bytes);
    const recording = await open(path);
    expect(recording.damaged).toBe(1);
    const times = (await readAll(recording)).map((snapshot) => (snapshot.at - START) / 9_000);
    expect(times).toEqual([0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it("never throws anything but that it is no recording, whatever bytes are changed", async () => {
    const path = join(createFolder(), "a.sbrec");
    await writeSample(path);
    const bytes = readFileSync(path);
    const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const each of changes) damaged[each.at] = each.to;
        writeFileSync(path, damaged);
        try {
          await readAll(await open(path));
        } catch (error) {
          expect(error).toBeInstanceOf(RecordingReadError);
        }
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  const head = packChunk({
    kind: "head",
    startsGroup: false,
    from: START,
    to: START,
    entries: 1,
    dictionary: null,
    text: formatHead(HEAD),
  });
  const about = { kind: "frames", startsGroup: true, from: START, to: START, entries: 1 } as const;
  const frames = (text: string) => packChunk({ ...about, dictionary: null, text: Buffer.from(text) }).bytes;

  async function openBytes(...parts: readonly Buffer[]) {
    const path = join(createFolder(), "a.sbrec");
    writeFileSync(path, Buffer.concat([FIRST_LINE, head.bytes, ...parts]));
    return open(path);
  }

  it("does not blow up what says that it is small", async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    const header = writeHeader({ ...about, packedBytes: bomb.length, rawBytes: 1_000, checksum: 0 });
    const recording = await openBytes(header, bomb, frames("[]\n"));
    expect(await readAll(recording)).toEqual([]);
  });

  it("believes no header that promises more than any chunk of ours has", () => {
    const huge = writeHeader({ ...about, packedBytes: 10, rawBytes: 0xffff_ffff, checksum: 0 });
    expect(parseHeader(huge)).toBeNull();
    const timeless = writeHeader({ ...about, from: Number.NaN, packedBytes: 10, rawBytes: 10, checksum: 0 });
    expect(parseHeader(timeless)).toBeNull();
    expect(parseHeader(CHUNK_SIGN)).toBeNull();
  });

  it.each([
    ["no JSON", "{"],
    ["no entry", "7\n"],
    ["a patch for nothing", `["s",${START},[2,0,1,5,-1],[]]\n`],
    ["no picture", `["s",${START},[1,{"clusters":[{"haproxies":[],"nodes":[]}]}],[]]\n`],
    ["a picture of wrong types", `["s",${START},[1,{"seq":"1","at":null,"clusters":[],"changes":[]}],[]]\n`],
    ["a time beyond all times", `["s",1e300,[1,{}],[]]\n`],
    ["keys that are no keys", `["s",${START},[1,{"__proto__":{"clusters":[]},"constructor":1}],[]]\n`],
  ])("shows nothing of %s", async (_what, text) => {
    const recording = await openBytes(frames(text));
    const [group] = recording.groups;
    for (const frame of group === undefined ? [] : await recording.readGroup(group)) {
      expect(() => frame.snapshot()).toThrow();
    }
    expect(({} as { clusters?: unknown }).clusters).toBeUndefined();
  });

  it("says what it is when it is none, of another version, empty, or not a file", async () => {
    const dir = createFolder();
    const path = join(dir, "a.sbrec");
    writeFileSync(path, "#!/bin/sh\n");
    await expect(open(path)).rejects.toThrow("is not a recording of signalbox");
    writeFileSync(path, "signalbox recording 2\nwhatever");
    await expect(open(path)).rejects.toThrow("is a recording of format 2; this signalbox reads format 1");
    writeFileSync(path, FIRST_LINE);
    await expect(open(path)).rejects.toThrow("it does not say what it is");
    appendFileSync(path, head.bytes);
    await expect(open(path)).rejects.toThrow("holds no picture");
    await expect(open(dir)).rejects.toThrow("is not a file");
    await expect(open(join(dir, "none"))).rejects.toThrow("cannot be read (ENOENT)");
  });
});
