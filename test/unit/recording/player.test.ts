import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReplayAction, ReplayMoment } from "../../../src/model/replay.ts";
import type { Recording } from "../../../src/recording/file-reader.ts";
import { createReplayEngine, type ReplayEngine } from "../../../src/recording/replay/player.ts";
import { START } from "../../support/snapshots.ts";
import { at, open, record, seen } from "./support.ts";

const FIXTURE = fileURLToPath(new URL("../../fixtures/recordings/promotion.sbrec", import.meta.url));

/** A player whose time passes when the test says so. */
class Remote {
  readonly engine: ReplayEngine;
  readonly moments: ReplayMoment[] = [];
  #nowMs = 0;
  #waiting: { readonly atMs: number; readonly callback: () => void } | null = null;
  #heard = () => {};

  constructor(recording: Recording) {
    this.engine = createReplayEngine(recording, {
      monotonicMs: () => this.#nowMs,
      after: (ms, callback) => {
        const timer = { atMs: this.#nowMs + ms, callback };
        this.#waiting = timer;
        this.#heard();
        return () => {
          if (this.#waiting === timer) this.#waiting = null;
        };
      },
    });
    this.engine.subscribe((event) => {
      if (event.type === "replay") this.moments.push(event.moment);
      this.#heard();
    });
  }

  get moment(): ReplayMoment {
    const last = this.moments.at(-1);
    if (last === undefined) throw new Error("nothing was told");
    return last;
  }

  /** Until the player has told something. */
  async start(): Promise<this> {
    while (this.moments.length === 0) await this.#hear();
    return this;
  }

  async do(action: ReplayAction): Promise<ReplayMoment> {
    const before = this.moments.length;
    this.engine.send({ type: "replay", action });
    while (this.moments.length === before) await this.#hear();
    return this.moment;
  }

  /** Lets time pass while it plays, timer by timer. */
  async pass(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    while (this.moment.isPlaying || this.#waiting !== null) {
      while (this.#waiting === null && this.moment.isPlaying) await this.#hear();
      const timer = this.#waiting;
      if (timer === null || timer.atMs > end) break;
      this.#nowMs = timer.atMs;
      this.#waiting = null;
      timer.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, end);
  }

  #hear(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }
}

const roles = ({ snapshot }: ReplayMoment) =>
  Object.fromEntries((snapshot?.clusters[0]?.nodes ?? []).map(({ name, role }) => [name, role]));

describe("a promotion on real servers, recorded by the console that made it", () => {
  let remote: Remote;

  beforeEach(async () => {
    remote = await new Remote(await open(FIXTURE)).start();
  });
  afterEach(() => remote.engine.stop());

  it("begins as it began, says what it is, and stands still", () => {
    const { moment } = remote;
    expect(moment).toMatchObject({ isPlaying: false, speed: 1, changesSoFar: 0, operations: [] });
    expect(moment.at).toBe(moment.about.from);
    expect(moment.note).toContain("a recording by ann@");
    expect(moment.about).toMatchObject({ kind: "recording", isCutOff: false, damaged: 0 });
    expect(roles(moment)).toEqual({ db1: "source", db2: "replica", db3: "replica", db4: "replica" });
    expect(remote.engine.now()).toBe(moment.at);
  });

  it("goes from step to step through everything, forward and back, and is the same at the same time", async () => {
    const forward: ReplayMoment[] = [remote.moment];
    for (;;) {
      const moment = await remote.do({ kind: "step", by: 1 });
      if (moment.note === "this is the end") break;
      forward.push(moment);
    }
    expect(forward.length).toBeGreaterThan(30);
    for (const [index, moment] of forward.entries()) {
      if (index > 0) expect(moment.at).toBeGreaterThan(forward[index - 1]?.at ?? 0);
    }
    const done = forward.map(
      ({ operations: [operation] }) => operation?.steps.filter(({ outcome }) => outcome === "done").length,
    );
    expect(done[0]).toBeUndefined();
    expect(done.at(-1)).toBe(forward.at(-1)?.operations[0]?.plan.steps.length);
    const last = forward.at(-1);
    expect(last?.operations[0]).toMatchObject({
      state: "done",
      promotion: { pastNoReturn: true, gapMs: expect.any(Number) },
    });
    expect(last === undefined ? null : roles(last)).toMatchObject({ db1: "replica", db2: "source" });
    for (const expected of [...forward].reverse().slice(1)) {
      const moment = await remote.do({ kind: "step", by: -1 });
      expect(moment).toMatchObject({ at: expected.at, changesSoFar: expected.changesSoFar });
      expect(moment.snapshot).toStrictEqual(expected.snapshot);
      expect(moment.operations).toStrictEqual(expected.operations);
      expect(moment.changes).toStrictEqual(expected.changes);
    }
    expect((await remote.do({ kind: "step", by: -1 })).note).toBe("this is the beginning");
  });

  it("jumps from change to change, to a time, and to both ends", async () => {
    const { about } = remote.moment;
    const begun = await remote.do({ kind: "change", by: 1 });
    expect(begun.operations[0]?.state).toBe("running");
    const first = await remote.do({ kind: "change", by: 1 });
    expect(first.changesSoFar).toBeGreaterThan(0);
    expect(await remote.do({ kind: "change", by: -1 })).toMatchObject({ at: begun.at, changesSoFar: 0 });
    expect(await remote.do({ kind: "end" })).toMatchObject({ at: about.to, changesSoFar: about.changeCount });
    expect((await remote.do({ kind: "change", by: 1 })).note).toBe("nothing changes after this");
    expect(await remote.do({ kind: "seek", at: 0 })).toMatchObject({ at: about.from, changesSoFar: 0 });
    expect(await remote.do({ kind: "skip", ms: 60_000 })).toMatchObject({ at: about.to });
    expect(await remote.do({ kind: "start" })).toMatchObject({ at: about.from });
  });

  it("plays at the speed that is asked for, and stops at the end", async () => {
    const { from, to } = remote.moment.about;
    await remote.do({ kind: "toggle" });
    await remote.pass(1_000);
    expect(remote.engine.now()).toBe(from + 1_000);
    await remote.do({ kind: "speed", by: 1 });
    await remote.pass(500);
    expect(remote.engine.now()).toBe(Math.min(to, from + 2_000));
    await remote.do({ kind: "toggle" });
    await remote.do({ kind: "start" });
    for (let press = 0; press < 9; press += 1) await remote.do({ kind: "speed", by: 1 });
    expect((await remote.do({ kind: "toggle" })).speed).toBe("max");
    await remote.pass(60_000);
    expect(remote.moment).toMatchObject({ at: to, isPlaying: false });
    expect(roles(remote.moment)).toMatchObject({ db2: "source" });
  });

  it("asks nobody anything and changes nothing, whatever is asked of it", async () => {
    const before = remote.moments.length;
    remote.engine.send({ type: "refresh" });
    remote.engine.send({ type: "watch-sessions", cluster: "lab", node: "db1" });
    remote.engine.send({ type: "run", planId: "x" });
    remote.engine.send({ type: "list-operations", cluster: "lab" });
    await remote.do({ kind: "start" });
    expect(remote.moments.length).toBe(before + 1);
  });
});

describe("a time in which nothing was recorded", () => {
  it("is told, shows how the last picture grows old, and is left out while playing", async () => {
    const recording = await record([0, 1, 2, 3, 4, 5, 3_600, 3_601].map((second) => seen(at(second))));
    const remote = await new Remote(recording).start();
    expect(remote.moment.about.gaps).toEqual([{ from: START + 5_000, to: START + 3_600_000 }]);
    const old = await remote.do({ kind: "seek", at: START + 8_000 });
    expect([old.snapshot?.at, old.at]).toEqual([START + 5_000, START + 8_000]);
    await remote.do({ kind: "toggle" });
    await remote.pass(3_000);
    expect(remote.engine.now()).toBeGreaterThanOrEqual(START + 3_600_000);
    expect(remote.moments.some(({ note }) => note?.startsWith("nothing was recorded for 3595 s"))).toBe(true);
    await remote.engine.stop();
  });
});
