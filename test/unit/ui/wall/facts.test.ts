import { describe, expect, it } from "vitest";
import type { MysqlReport } from "../../../../src/model/mysql.ts";
import type { RouteProbeView } from "../../../../src/model/route-probe.ts";
import type { ChannelSnapshot, ClusterSnapshot } from "../../../../src/model/snapshot.ts";
import { selectLagFact, selectSight, selectWriterFact } from "../../../../src/ui/wall/facts.ts";
import * as build from "../../../support/snapshots.ts";

const LIMITS = { warningSeconds: 5, criticalSeconds: 30 };
const calm = build.buildCluster();

/** Replicas ubuntu2, ubuntu3, … with these changes of their channel; null: the node does not answer. */
function withReplicas(...changes: readonly (Partial<ChannelSnapshot> | null)[]): ClusterSnapshot {
  const nodes = changes.map((change, index) => {
    const channels = [build.buildChannel("ubuntu1", change ?? {})];
    const node = build.buildNode(`ubuntu${index + 2}`, { channels });
    return change === null ? { ...node, reading: build.failed<MysqlReport>({}, null) } : node;
  });
  return { ...calm, nodes: [build.buildNode("ubuntu1"), ...nodes] };
}

const lag = (cluster: ClusterSnapshot) => selectLagFact(cluster, LIMITS);

function withWriter(change: Partial<NonNullable<ClusterSnapshot["writer"]>>): ClusterSnapshot {
  return { ...calm, writer: calm.writer === null ? null : { ...calm.writer, ...change } };
}

describe("the lag", () => {
  it("is the worst of all replicas, with the one it is of when it is too much", () => {
    expect(lag(withReplicas({ lagSeconds: 0 }, { lagSeconds: 2 }))).toMatchObject({
      text: "2s",
      level: "ok",
      note: "",
    });
    expect(lag(withReplicas({ lagSeconds: 7 }, { lagSeconds: 2 }))).toMatchObject({
      text: "7s",
      token: "warning",
      note: "ubuntu2",
    });
    expect(lag(withReplicas({ lagSeconds: 3_700 }, {}))).toMatchObject({ text: "1h", token: "critical" });
  });

  it("is without a delay that was configured", () => {
    expect(lag(withReplicas({ lagSeconds: 3_602, delaySeconds: 3_600 }))).toMatchObject({ text: "2s", level: "ok" });
  });

  it("of one replica that is not known is never covered by another one's", () => {
    expect(lag(withReplicas({ lagSeconds: 0 }, { lagSeconds: null }))).toMatchObject({
      text: "0s+?",
      level: "unknown",
      note: "not known: ubuntu3",
    });
    expect(lag(withReplicas({ lagSeconds: 0 }, null))).toMatchObject({ text: "0s+?", token: "unknown" });
    expect(lag(withReplicas({ lagSeconds: 90 }, null))).toMatchObject({ text: "1m+?", token: "critical" });
  });

  it("that nobody knows is a question mark, and so is that of nodes that were never seen", () => {
    expect(lag(withReplicas({ lagSeconds: null }, null))).toMatchObject({ text: "?", level: "unknown" });
    const never = build.buildNode("x", { reading: { state: "never", from: "x" }, role: "unknown" });
    expect(lag({ ...calm, nodes: [never] })).toMatchObject({ text: "?", level: "unknown" });
    expect(lag({ ...calm, nodes: [] })).toMatchObject({ text: "?", level: "unknown" });
  });

  it("is a dash only where every node was seen and none follows another", () => {
    expect(lag({ ...calm, nodes: [build.buildNode("ubuntu1")] })).toMatchObject({ text: "-", note: "no replicas" });
  });
});

describe("the writer", () => {
  it("is who gets the writes as HAProxy says", () => {
    expect(selectWriterFact(calm)).toEqual({ text: "ubuntu1", token: "strong", note: "" });
  });

  it("is nobody, or more than one, in so many words", () => {
    expect(selectWriterFact(withWriter({ expected: [] }))).toMatchObject({ text: "nobody", token: "critical" });
    const two = { expected: ["a", "b"] };
    expect(selectWriterFact(withWriter(two))).toMatchObject({ text: "a+b", token: "critical" });
    expect(selectWriterFact(withWriter({ ...two, multiWriter: true }))).toMatchObject({ text: "a+b", token: "strong" });
  });

  it("is not known while no HAProxy that has the backend answers", () => {
    const haproxies = calm.haproxies.map((each) => ({ ...each, reading: build.failed<never>({}, null) }));
    expect(selectWriterFact({ ...calm, haproxies })).toMatchObject({ text: "?", token: "unknown" });
    expect(selectWriterFact({ ...calm, haproxies, writer: null })).toMatchObject({ text: "?", token: "unknown" });
    expect(selectWriterFact({ ...calm, writer: null })).toMatchObject({ text: "-", note: "no writer backend" });
  });

  it("is contradicted by who really answers", () => {
    const probe: RouteProbeView = {
      address: "10.0.0.1:3306",
      state: "fresh",
      failure: null,
      failedAt: null,
      failsAgain: false,
      last: { name: "ubuntu3", at: build.START, readOnly: false },
      mismatch: "other",
      confirmed: true,
    };
    expect(selectWriterFact(withWriter({ probe }))).toMatchObject({ token: "critical", note: "ubuntu3 answers there" });
    expect(selectWriterFact(withWriter({ probe: { ...probe, confirmed: false } }))).toMatchObject({ token: "warning" });
    expect(selectWriterFact(withWriter({ probe: { ...probe, mismatch: "read-only" } })).note).toBe("refuses writes");
  });
});

it("counts who answers, and names who does not with the age of the last answer", () => {
  const last = { value: build.buildReport(), at: build.START - 12_000 };
  const nodes = calm.nodes.map((node, index) =>
    index === 0 ? { ...node, reading: build.failed<MysqlReport>({}, last) } : node,
  );
  const haproxies = calm.haproxies.map((each) => ({ ...each, reading: { state: "never", from: "lb1" } as const }));
  expect(selectSight({ ...calm, nodes, haproxies }, build.START)).toEqual({
    nodes: { answering: 3, all: 4 },
    haproxies: { answering: 0, all: 1 },
    silent: ["lb1 never", "ubuntu1 12s"],
  });
});
