import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Outbox } from "../../../../src/engine/outbox.ts";
import { SnapshotDecoder, SnapshotEncoder, type SnapshotMessage } from "../../../../src/engine/wire/snapshot-wire.ts";
import type { HaproxyServer } from "../../../../src/model/haproxy.ts";
import { appendFrame } from "../../../../src/model/history/append.ts";
import { type ClusterHistory, createHistory } from "../../../../src/model/history/history.ts";
import { lastKnown, type Reading } from "../../../../src/model/reading.ts";
import type { HaproxySnapshot, Snapshot } from "../../../../src/model/snapshot.ts";
import {
  buildAlert,
  buildChannel,
  buildCluster,
  buildHaproxy,
  buildHaproxyReport,
  buildLink,
  buildNode,
  buildReport,
  buildServer,
  buildSnapshot,
  failed,
  fresh,
  START,
} from "../../../support/snapshots.ts";

/** What may come next: each is a way in which one picture differs from the one before. */
interface Step {
  readonly servers: number;
  readonly changed: readonly { readonly place: number; readonly field: keyof HaproxyServer; readonly value: number }[];
  readonly reading: Reading<unknown>["state"];
  readonly linked: number;
  readonly nodes: number;
  readonly sample: number | null;
  readonly alerts: number;
}

const FIELDS = [...Object.keys(buildServer("b", "s")), "assignedWeight"] as (keyof HaproxyServer)[];

const step: fc.Arbitrary<Step> = fc.record({
  servers: fc.constantFrom(0, 3, 4, 4, 4, 4),
  changed: fc.array(
    fc.record({ place: fc.nat(3), field: fc.constantFrom(...FIELDS), value: fc.constantFrom(0, 0, 1, 2, 7) }),
    { maxLength: 6 },
  ),
  reading: fc.constantFrom("fresh", "fresh", "fresh", "stale", "failed", "never"),
  linked: fc.nat(4),
  nodes: fc.constantFrom(1, 2, 2, 2),
  sample: fc.constantFrom(null, 0, 1.5),
  alerts: fc.nat(2),
});

/** Another value of the field's own kind; 0 gives null wherever the type has it. */
function varied(field: keyof HaproxyServer, value: number): unknown {
  const sample = buildServer("b", "s")[field];
  if (typeof sample === "boolean") return value % 2 === 0;
  if (field === "adminReasons") return value === 0 ? null : ["maint-forced", "drain-forced"].slice(0, value);
  if (field === "state") return value === 0 ? "up" : "down";
  if (typeof sample === "string") return `text ${value}`;
  return value === 0 ? null : field === "tracks" ? `a/${value}` : value;
}

/** Pictures as the monitor makes them: new objects throughout, links that hold the servers of the reports. */
function buildSequence(steps: readonly Step[]): Snapshot[] {
  let samples: readonly (number | null)[] = [];
  let history = createHistory(1_000);
  const servers = Array.from({ length: 4 }, (_, index) => buildServer("writer", `db${index}`));
  return steps.map((each, index) => {
    for (const { place, field, value } of each.changed) {
      const old = servers[place] ?? buildServer("writer", "none");
      servers[place] = { ...old, [field]: varied(field, value) };
    }
    samples = [...samples.slice(-3), each.sample];
    const seq = index + 1;
    history = grow(history, each, seq);
    const now = servers.slice(0, each.servers).map((server) => ({ ...server, lastChangeSeconds: seq }));
    return buildSnapshot({
      seq,
      at: START + seq * 1000,
      clusters: [
        buildCluster({
          haproxies: [
            buildLb("lb1", now, each.reading, seq),
            buildLb("lb2", [buildServer("reader", "db1")], "fresh", seq),
          ],
          nodes: buildNodes(each, now, samples),
          history,
          alerts: Array.from({ length: each.alerts }, (_, number) => buildAlert({ subject: `db${number}` })),
        }),
      ],
    });
  });
}

/** A tick of the monitor, sometimes after ticks that brought nothing. */
function grow(history: ClusterHistory, { nodes, sample, alerts }: Step, seq: number): ClusterHistory {
  const figures = Float32Array.from({ length: nodes * 4 }, (_, place) => (sample ?? Number.NaN) * place);
  const names = Array.from({ length: nodes }, (_, index) => `db${index}`);
  const frame = { at: START + seq * 1_000, nodes: figures, servers: new Float32Array(2) };
  return appendFrame({ ...history, nodes: names, servers: ["lb1/w/db1"] }, frame, alerts * seq);
}

function buildLb(
  name: string,
  servers: HaproxyServer[],
  state: Reading<unknown>["state"],
  seq: number,
): HaproxySnapshot {
  const haproxy = buildHaproxy(name, servers);
  const value = buildHaproxyReport(servers);
  const at = START + seq;
  const readings: Record<typeof state, HaproxySnapshot["reading"]> = {
    fresh: fresh(value, name, at),
    stale: { state: "stale", from: name, value, at },
    failed: failed({ target: name }, seq % 2 === 0 ? { value, at } : null),
    never: { state: "never", from: name },
  };
  return { ...haproxy, reading: readings[state] };
}

function buildNodes(each: Step, servers: readonly HaproxyServer[], samples: readonly (number | null)[]) {
  return Array.from({ length: each.nodes }, (_, index) =>
    buildNode(`db${index}`, {
      reading: fresh(buildReport({ uptimeSeconds: index + samples.length }), `db${index}`),
      servers: servers.slice(0, each.linked).map((server) => buildLink("lb1", server, { freshness: "stale" })),
      channels: index === 0 ? [] : [buildChannel("db0", { lagSeconds: samples.at(-1) ?? null })],
    }),
  );
}

function expectSame(decoded: Snapshot | null, snapshot: Snapshot): void {
  expect(decoded).toStrictEqual(snapshot);
  for (const { haproxies, nodes } of decoded?.clusters ?? []) {
    const reports = haproxies.flatMap(({ reading }) => lastKnown(reading)?.value.servers ?? []);
    if (reports.length > 1)
      for (const node of nodes) for (const link of node.servers) expect(reports).toContain(link.server);
  }
}

describe("snapshots across the worker boundary", () => {
  it("come out exactly as they went in, over any sequence", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const encoder = new SnapshotEncoder();
        const decoder = new SnapshotDecoder();
        const snapshots = buildSequence(steps);
        const decoded = snapshots.map((snapshot) => decoder.decode(structuredClone(encoder.encode(snapshot))));
        // Compared at the end: what comes later must not change what was shown before.
        for (const [index, each] of decoded.entries()) expectSame(each, snapshots[index] as Snapshot);
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it.each(FIELDS)("tell a change of %s of a server", (field) => {
    const encoder = new SnapshotEncoder();
    const decoder = new SnapshotDecoder();
    const base = { servers: 4, reading: "fresh", linked: 2, nodes: 2, sample: 1, alerts: 0 } as const;
    const change = (value: number): Step => ({ ...base, changed: [{ place: 1, field, value }] });
    for (const snapshot of buildSequence([change(1), change(2), change(0), change(0), change(3)])) {
      expectSame(decoder.decode(structuredClone(encoder.encode(snapshot))), snapshot);
    }
  });

  it("come out right when a screen that is late makes the outbox merge some, with all their changes", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 12 }), fc.array(fc.nat(2)), (steps, pauses) => {
        const encoder = new SnapshotEncoder();
        const decoder = new SnapshotDecoder();
        const sent: Snapshot[] = [];
        const wire: SnapshotMessage[] = [];
        const outbox = new Outbox((event) => {
          if (event.type !== "snapshot") return;
          sent.push(event.snapshot);
          wire.push(structuredClone(encoder.encode(event.snapshot)));
        });
        const decoded: (Snapshot | null)[] = [];
        const take = (count: number) => {
          for (const message of wire.splice(0, count)) {
            decoded.push(decoder.decode(message));
            outbox.acknowledge("snapshot");
          }
        };
        buildSequence(steps).forEach((snapshot, index) => {
          outbox.offer({ type: "snapshot", snapshot });
          take(pauses[index] ?? 0);
        });
        while (wire.length > 0) take(1);
        expect(decoded).toStrictEqual(sent);
        expect(decoded.at(-1)?.seq).toBe(steps.length);
      }),
      { numRuns: 200 },
    );
  });

  it("are not made up when a message is missing, and go on once a whole one was asked for", () => {
    const encoder = new SnapshotEncoder();
    const decoder = new SnapshotDecoder();
    const same: Step = { servers: 4, changed: [], reading: "fresh", linked: 2, nodes: 2, sample: 1, alerts: 0 };
    const snapshots = buildSequence([same, same, same, same, same]);
    const messages = snapshots.slice(0, 4).map((snapshot) => encoder.encode(snapshot));
    const decoded = [0, 2, 3].map((index) => decoder.decode(structuredClone(messages[index] as SnapshotMessage)));
    expect(decoded.map((each) => each?.seq ?? null)).toEqual([1, null, null]);
    encoder.reset();
    const next = snapshots[4] as Snapshot;
    expectSame(decoder.decode(structuredClone(encoder.encode(next))), next);
  });

  it("take a small part of what whole ones take while little changes", () => {
    const same: Step = { servers: 4, changed: [], reading: "fresh", linked: 4, nodes: 2, sample: 1, alerts: 2 };
    const encoder = new SnapshotEncoder();
    const [first, second] = buildSequence([same, same]).map((snapshot) => JSON.stringify(encoder.encode(snapshot)));
    expect(second?.length).toBeLessThan((first?.length ?? 0) / 5);
  });
});
