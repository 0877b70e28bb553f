import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HaproxyServer } from "../../../src/model/haproxy.ts";
import type { ClusterSnapshot } from "../../../src/model/snapshot.ts";
import { applyFigures, buildFigures } from "../../../src/recording/figures.ts";
import { RecordingMemory } from "../../../src/recording/memory.ts";
import { buildPlan, buildProgress, buildPromotionProgress } from "../../support/plans.ts";
import { buildRequest } from "../../support/requests.ts";
import {
  buildAlert,
  buildChannel,
  buildCluster,
  buildHaproxy,
  buildLink,
  buildNode,
  buildReport,
  buildServer,
  failed,
  fresh,
  START,
} from "../../support/snapshots.ts";
import { at, encode, readAll, record, seen } from "./support.ts";

const figure = fc.oneof(
  fc.constant(Number.NaN),
  fc.integer({ min: 0, max: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

describe("figures of servers", () => {
  it("come out as they went in, from any picture to any other", () => {
    const block = fc
      .integer({ min: 0, max: 3 })
      .chain((servers) => fc.array(figure, { minLength: servers * 12, maxLength: servers * 12 }));
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), (blocks) => {
        let before: Float64Array | null = null;
        let decoded: Float64Array | null = null;
        for (const values of blocks) {
          const after = Float64Array.from(values, (value) => (Object.is(value, -0) ? 0 : value));
          const patch: unknown = JSON.parse(JSON.stringify(buildFigures(before, after)));
          decoded = applyFigures(decoded, patch);
          expect([...decoded]).toEqual([...after]);
          before = after;
        }
      }),
    );
  });
});

describe("pictures", () => {
  const server = (change: Partial<HaproxyServer>) => buildServer("write_nodes", "db1", change);
  const with1 = (change: Partial<HaproxyServer>): Partial<ClusterSnapshot> => {
    const one = server(change);
    const haproxy = buildHaproxy("lb1", [one]);
    return { haproxies: [haproxy], nodes: [buildNode("db1", { servers: [buildLink("lb1", one)] })] };
  };
  const gone = failed<never>({ kind: "unreachable" }, null);
  const steps: readonly Partial<ClusterSnapshot>[] = [
    {},
    with1({}),
    with1({ sessions: 7, lastChangeSeconds: 61 }),
    with1({ sessions: null, state: "maint", adminReasons: ["maint-forced"] }),
    { haproxies: [buildHaproxy("lb1", [], { reading: gone })], nodes: [] },
    with1({ sessions: 1 }),
    {
      nodes: [
        buildNode("db1", { reading: gone }),
        buildNode("db2", { channels: [buildChannel("db1", { lagSeconds: 3 })] }),
      ],
    },
    { nodes: [buildNode("db1", { reading: fresh(buildReport({ readOnly: null, channels: null }), "db1") })] },
    { alerts: [buildAlert({ message: 'a\u001b[31m \u202e \ud800 "quoted"\n' })], health: "unknown", writer: null },
    buildCluster(),
  ];

  it("come out as they went in, over chunks and groups", async () => {
    // 9 s apart: a chunk each, and a new group after every seventh.
    const snapshots = [...steps, ...steps].map((step, index) => at(index * 9, step));
    const recording = await record(snapshots.map(seen));
    expect(recording.groups.length).toBeGreaterThan(2);
    expect(recording).toMatchObject({ isCutOff: false, damaged: 0, from: START, to: START + 19 * 9_000 });
    const plain = JSON.parse(JSON.stringify(snapshots));
    expect(await readAll(recording)).toEqual(plain.map((each: object) => ({ ...each, changes: [] })));
  });

  it("take a small part of what a whole one takes while little changes", () => {
    const bytes = (count: number) =>
      encode(
        Array.from({ length: count }, (_, index) =>
          seen(at(index, with1({ sessions: index % 3, lastChangeSeconds: index }))),
        ),
      )
        .map((chunk) => chunk.bytes.length)
        .reduce((sum, each) => sum + each, 0);
    const [one, minute] = [bytes(1), bytes(60)];
    expect((minute - one) / 59).toBeLessThan(one / 10);
  });

  it("keep their order when the clock goes back", async () => {
    const snapshots = [at(10), at(2), at(11)];
    const recording = await record(snapshots.map(seen));
    const [group] = recording.groups;
    const frames = group === undefined ? [] : await recording.readGroup(group);
    expect(frames.map((frame) => frame.at - START)).toEqual([10_000, 10_000, 11_000]);
    expect(frames.map((frame) => frame.snapshot().at - START)).toEqual([10_000, 2_000, 11_000]);
  });
});

describe("what happened", () => {
  const request = buildRequest({ command: "promote", targets: ["db2"] });
  const plan = buildPlan(request, { cluster: "shop" });
  const progress = buildProgress(plan, { promotion: buildPromotionProgress() });
  const change = {
    at: START + 1_000,
    cluster: "shop",
    kind: "node",
    severity: "warning",
    subject: "db1",
    before: "up",
    after: "down",
  } as const;

  it("is kept with its time: changes, every step of an operation, lines of the log", async () => {
    const { notes } = await record([
      seen(at(0)),
      seen(at(1, {}, { changes: [change] })),
      { now: 2, event: { type: "operation", progress: { ...progress, state: "running" } } },
      { now: 3, event: { type: "operation", progress: { ...progress, state: "done", summary: "all verified" } } },
      { now: 4, event: { type: "log", at: START + 4_000, line: "db1: timeout" } },
      seen(at(5)),
    ]);
    expect(notes.changes).toEqual([{ at: START + 1_000, value: change }]);
    expect(notes.operations.map(({ at, value }) => [at - START, value.state, value.summary])).toEqual([
      [2_000, "running", progress.summary],
      [3_000, "done", "all verified"],
    ]);
    expect(notes.operations[1]?.value.plan).toEqual(JSON.parse(JSON.stringify(plan)));
    expect(notes.log).toEqual([{ at: START + 4_000, value: "db1: timeout" }]);
    expect(notes).toMatchObject({ unread: 0, isCut: false });
  });

  it("does not keep the first picture from standing by itself when it happened before it", async () => {
    const recording = await record([
      { now: 0, event: { type: "operation", progress } },
      { now: 2, event: { type: "operation", progress: { ...progress, summary: "goes on" } } },
      seen(at(3)),
      seen(at(4)),
    ]);
    expect(await readAll(recording)).toHaveLength(2);
    expect(recording.notes.operations).toHaveLength(2);
    const memory = new RecordingMemory();
    for (const chunk of encode([{ now: 0, event: { type: "operation", progress } }, seen(at(3)), seen(at(9))]))
      memory.add(chunk);
    expect(memory.from).toBe(START);
  });

  it("is told again at the beginning of a group, and counts once", async () => {
    const { notes, groups } = await record([
      seen(at(0)),
      { now: 1, event: { type: "operation", progress } },
      { now: 1, event: { type: "operations", cluster: "shop", entries: [] } },
      ...Array.from({ length: 20 }, (_, index) => seen(at(2 + index * 10))),
    ]);
    expect(groups.length).toBeGreaterThan(2);
    expect(notes.operations).toHaveLength(1);
    expect(notes.journals).toHaveLength(1);
  });
});
