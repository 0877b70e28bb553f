import { describe, expect, it } from "vitest";
import { buildClusterSnapshot } from "../../../../src/model/join.ts";
import type { JournalFacts, OperationEntry } from "../../../../src/model/operation.ts";
import { buildR1, NOW } from "../../../support/model-builders.ts";

const NONE: JournalFacts = { unfinished: [], takenOut: [] };

const ENTRY: OperationEntry = {
  id: "20261120T120000-drain-db3-abcd",
  cluster: "shop",
  kind: "drain",
  title: "Drain db3",
  operator: "ana",
  host: "bastion",
  reason: null,
  startedAt: NOW - 7_200_000,
  endedAt: null,
  state: "interrupted",
  summary: "Cut short: 1 of 2 steps done.",
  undoneBy: null,
  undoable: true,
  open: true,
  steps: [],
};

describe("Alerts from the journal", () => {
  const alerts = (journal: JournalFacts | null, scene = buildR1()) =>
    buildClusterSnapshot({ ...scene.input(), journal }).alerts;

  it("tell an operation that was left half-way, by whom, and both ways on", () => {
    const [alert, ...more] = alerts({ ...NONE, unfinished: [ENTRY] });
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ code: "operation-unfinished", severity: "warning", subject: ENTRY.id });
    expect(alert?.message).toContain("by ana on bastion. Cut short: 1 of 2 steps done.");
    expect(alert?.advice).toContain(`signalbox resume ${ENTRY.id}`);
    expect(alert?.advice).toContain(`signalbox undo ${ENTRY.id}`);
  });

  it("are none for an empty journal, or where none is read", () => {
    expect(alerts(NONE)).toEqual([]);
    expect(alerts(null)).toEqual([]);
  });

  it("tell who drained a forgotten server, when and why; nothing of a server in another state by now", () => {
    const taken = {
      haproxy: "lb1",
      backend: "read_nodes",
      server: "db3",
      state: "drain",
      operation: "op1",
      operator: "ana",
      host: "bastion",
      at: NOW - 3_600_000,
      reason: "kernel update",
    } as const;
    const message = (state: "drain" | "maint") =>
      alerts(
        { ...NONE, takenOut: [taken] },
        buildR1().state("lb1", "read_nodes/db3", state, { lastChangeSeconds: 3600 }),
      ).find(({ code }) => code === "forgotten-drain")?.message;
    expect(message("drain")).toContain("ana on bastion did it at 2026-11-20 14:31 UTC (kernel update; operation op1)");
    expect(message("maint")).not.toContain("ana");
  });
});
