import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, onTestFinished, vi } from "vitest";
import { type RecordedEngine, recordEngine } from "../../../../src/cli/recording/recorded-engine.ts";
import type { EngineEvent } from "../../../../src/engine/protocol.ts";
import type { RecordAction } from "../../../../src/model/replay.ts";
import { openRecording } from "../../../../src/recording/file-reader.ts";
import { createFakeEngine, type FakeEngine } from "../../../support/fake-engine.ts";
import { NO_SETTINGS } from "../../../support/screen.ts";
import { buildSnapshot, START } from "../../../support/snapshots.ts";

type Told = Extract<EngineEvent, { type: "recording" }>;

describe("an engine that is recorded", () => {
  let dir: string;
  let now: number;
  let engine: FakeEngine;
  let recorded: RecordedEngine;
  let events: EngineEvent[];
  let heard: () => void;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sb-recorded-"));
    now = START;
    engine = createFakeEngine();
    recorded = recordEngine(engine, { settings: NO_SETTINGS, env: { SIGNALBOX_STATE_DIR: dir }, now: () => now });
    events = [];
    heard = () => {};
    recorded.subscribe((event) => {
      events.push(event);
      heard();
    });
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function look(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      now += 1_000;
      engine.emit({ type: "snapshot", snapshot: buildSnapshot({ seq: now, at: now }) });
    }
  }

  async function ask(action: RecordAction): Promise<Told> {
    const before = events.length;
    recorded.send({ type: "record", action });
    for (;;) {
      const told = events.slice(before).find((event) => event.type === "recording");
      if (told?.type === "recording") return told;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  }

  async function readTimes(path: string): Promise<readonly number[]> {
    const recording = await openRecording(path);
    expect(recording).toMatchObject({ isCutOff: false, damaged: 0 });
    const groups = await Promise.all(recording.groups.map((group) => recording.readGroup(group)));
    await recording.close();
    return groups.flat().map((frame) => (frame.at - START) / 1_000);
  }

  const fileNames = () => readdirSync(join(dir, "recordings"));

  it("passes on everything else, both ways", () => {
    look(1);
    recorded.send({ type: "refresh" });
    expect(events.map(({ type }) => type)).toEqual(["snapshot"]);
    expect(engine.requests).toEqual([{ type: "refresh" }]);
  });

  it("records into a file from one press of the key to the next", async () => {
    look(3);
    const begun = await ask("file");
    expect(begun).toMatchObject({ status: { since: START + 3_000 }, told: { isProblem: false } });
    look(12);
    const ended = await ask("file");
    expect(ended).toMatchObject({ status: { path: null, since: null }, told: { isProblem: false } });
    expect(ended.told?.text).toMatch(/^recorded 12 s, \d+ KiB: signalbox replay /);
    look(2);
    const path = begun.status.path ?? "";
    expect(await readTimes(path)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "recordings")).mode & 0o777).toBe(0o700);
    expect(recorded.written).toEqual([path]);
  });

  it("saves what was before, says how long that is, and goes on remembering", async () => {
    expect(await ask("save")).toMatchObject({ told: { text: "nothing was seen yet", isProblem: true } });
    look(90);
    const { told } = await ask("save");
    expect(told?.text).toMatch(/^the last 89 s are in .*-none-last-minutes\.sbrec$/);
    const [name = ""] = fileNames();
    expect(await readTimes(join(dir, "recordings", name))).toHaveLength(90);
    look(1);
    await ask("save");
    expect(await readTimes(join(dir, "recordings", fileNames().at(-1) ?? ""))).toHaveLength(91);
  });

  it("writes a report beside what it saves", async () => {
    look(5);
    const { told } = await ask("report");
    const path = /: (.*\.md)$/.exec(told?.text ?? "")?.[1] ?? "";
    expect(readFileSync(path, "utf8")).toMatch(/^# What happened: all clusters\n/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("ends a recording that is open when it is stopped", async () => {
    look(1);
    const { status } = await ask("file");
    look(3);
    await recorded.stop();
    expect(engine.stopped).toBe(true);
    expect(await readTimes(status.path ?? "")).toEqual([2, 3, 4]);
  });

  it("replaces a link where its report goes, and never follows it", async () => {
    look(5);
    const precious = join(dir, "precious");
    writeFileSync(precious, "precious");
    const first = await ask("report");
    const path = /: (.*\.md)$/.exec(first.told?.text ?? "")?.[1] ?? "";
    rmSync(path);
    symlinkSync(precious, path);
    const again = await ask("report");
    expect(again.told).toMatchObject({ isProblem: false });
    expect(readFileSync(precious, "utf8")).toBe("precious");
    expect(readFileSync(path, "utf8")).toMatch(/^# What happened/);
  });

  it("ends without an error when the disk is full at the last, and tells it", async () => {
    look(1);
    await ask("file");
    await failWrites();
    look(3);
    await recorded.stop();
    expect(engine.stopped).toBe(true);
    expect(recorded.unwritten).toEqual([expect.stringMatching(/ cannot be written: the disk is full$/)]);
    const problems = events.flatMap((event) =>
      event.type === "recording" && event.told?.isProblem ? [event.told] : [],
    );
    expect(problems[0]?.text).toMatch(/^recording ended: .* cannot be written: the disk is full$/);
  });

  it("waits for a disk that hangs a moment at the end, and tells it", async () => {
    look(1);
    const { status } = await ask("file");
    await holdWrites();
    look(3);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stopped = recorded.stop();
    await vi.advanceTimersByTimeAsync(3_000);
    await stopped;
    expect(engine.stopped).toBe(true);
    expect(recorded.unwritten).toEqual([`the disk of ${status.path} does not answer`]);
  });

  it("tells an error although the disk hangs", async () => {
    look(4);
    await holdWrites();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const saved = recorded.saveCrash(new Error("boom"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await saved).toBeNull();
  });

  async function spyOnWrite(): Promise<MockInstance<FileHandle["write"]>> {
    const handle = await open("/dev/null", "r+");
    const write = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, "write");
    await handle.close();
    onTestFinished(() => {
      write.mockRestore();
      vi.useRealTimers();
    });
    return write;
  }

  /** Every write into a file opened by node:fs/promises fails from now on. */
  async function failWrites(): Promise<void> {
    (await spyOnWrite()).mockRejectedValue(Object.assign(new Error("full"), { code: "ENOSPC" }));
  }

  /** None of them ends from now on. */
  async function holdWrites(): Promise<void> {
    (await spyOnWrite()).mockReturnValue(new Promise(() => {}));
  }

  it("says why nothing can be written, and the console goes on", async () => {
    writeFileSync(join(dir, "recordings"), "in the way");
    look(1);
    for (const action of ["file", "save", "report"] as const) {
      expect((await ask(action)).told, action).toMatchObject({ isProblem: true });
    }
    expect(await recorded.saveCrash(new Error("boom"))).toBeNull();
    look(1);
    expect(events.at(-1)?.type).toBe("snapshot");
  });

  it("keeps the error of a crash with what was seen before it", async () => {
    expect(await recorded.saveCrash(new Error("too early"))).toBeNull();
    look(4);
    const path = (await recorded.saveCrash(new Error("boom"))) ?? "";
    const recording = await openRecording(path);
    expect(recording.head).toMatchObject({ kind: "crash", error: expect.stringContaining("Error: boom\n    at ") });
    await recording.close();
    expect(await readTimes(path)).toEqual([1, 2, 3, 4]);
  });
});
