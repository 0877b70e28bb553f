import { describe, expect, it } from "vitest";
import { Outbox } from "../../../src/engine/outbox.ts";
import type { EngineEvent } from "../../../src/engine/protocol.ts";
import type { ChangeEvent } from "../../../src/model/change.ts";
import { buildSnapshot } from "../../support/snapshots.ts";

function change(subject: string): ChangeEvent {
  return { at: 0, cluster: "shop", kind: "server", severity: "warning", subject, before: "UP", after: "DOWN" };
}

function snapshot(seq: number, ...subjects: readonly string[]): EngineEvent {
  return { type: "snapshot", snapshot: buildSnapshot({ seq, changes: subjects.map(change) }) };
}

function setUp() {
  const sent: EngineEvent[] = [];
  return { sent, outbox: new Outbox((event) => sent.push(event)) };
}

function seqOf(event: EngineEvent | undefined): number | null {
  return event?.type === "snapshot" ? event.snapshot.seq : null;
}

function subjectsOf(event: EngineEvent | undefined): readonly string[] {
  return event?.type === "snapshot" ? event.snapshot.changes.map(({ subject }) => subject) : [];
}

describe("outbox", () => {
  it("sends every snapshot to a screen that keeps up", () => {
    const { sent, outbox } = setUp();
    for (let seq = 1; seq <= 5; seq += 1) {
      outbox.offer(snapshot(seq));
      outbox.acknowledge("snapshot");
    }
    expect(sent.map(seqOf)).toEqual([1, 2, 3, 4, 5]);
  });

  it("has two snapshots under way to a blocked screen, and then only the newest with every change since", () => {
    const { sent, outbox } = setUp();
    for (let seq = 1; seq <= 10; seq += 1) outbox.offer(snapshot(seq, `change ${seq}`));
    expect(sent.map(seqOf)).toEqual([1, 2]);
    outbox.acknowledge("snapshot");
    expect(sent.map(seqOf)).toEqual([1, 2, 10]);
    expect(subjectsOf(sent[2])).toEqual([3, 4, 5, 6, 7, 8, 9, 10].map((seq) => `change ${seq}`));
  });

  it("goes on at the ordinary pace when the screen reads again", () => {
    const { sent, outbox } = setUp();
    for (let seq = 1; seq <= 10; seq += 1) outbox.offer(snapshot(seq, `change ${seq}`));
    for (let count = 0; count < 3; count += 1) outbox.acknowledge("snapshot");
    outbox.offer(snapshot(11, "change 11"));
    expect(sent.map(seqOf)).toEqual([1, 2, 10, 11]);
    expect(subjectsOf(sent[3])).toEqual(["change 11"]);
  });

  it("keeps a bounded number of changes, the latest ones", () => {
    const { sent, outbox } = setUp();
    const many = (seq: number) => Array.from({ length: 1_500 }, (_, index) => `${seq}.${index}`);
    for (let seq = 1; seq <= 5; seq += 1) outbox.offer(snapshot(seq, ...many(seq)));
    outbox.acknowledge("snapshot");
    const subjects = subjectsOf(sent[2]);
    expect(subjects).toHaveLength(2_000);
    expect(subjects.at(-1)).toBe("5.1499");
  });

  it("does not hold back sessions and log lines for snapshots, and bounds them too", () => {
    const { sent, outbox } = setUp();
    for (let seq = 1; seq <= 3; seq += 1) outbox.offer(snapshot(seq));
    for (let line = 1; line <= 1_000; line += 1) outbox.offer({ type: "log", at: line, line: `line ${line}` });
    expect(sent).toHaveLength(102);
    for (let count = 0; count < 1_000; count += 1) outbox.acknowledge("log");
    const lines = sent.flatMap((event) => (event.type === "log" ? [event.line] : []));
    expect(lines).toHaveLength(600);
    expect([lines[99], lines[100], lines.at(-1)]).toEqual(["line 100", "line 501", "line 1000"]);
  });
});
