import { describe, expect, it } from "vitest";
import type { CellContext } from "../../../../src/ui/columns/column.ts";
import { NODE_COLUMNS, type NodeRow } from "../../../../src/ui/columns/nodes.ts";
import { UNICODE_GLYPHS } from "../../../../src/ui/glyphs.ts";
import { plainText } from "../../../../src/ui/paint.ts";
import * as build from "../../../support/snapshots.ts";

const context: CellContext = {
  glyphs: UNICODE_GLYPHS,
  now: build.START,
  lagLimits: { warningSeconds: 5, criticalSeconds: 30 },
  tree: true,
};

function row(node: ReturnType<typeof build.buildNode>): NodeRow {
  const { writer, readerBackends } = build.buildCluster();
  return { node, prefix: "", writer, readerBackends, critical: 0, warnings: 0, history: null };
}

function cell(column: string, node: ReturnType<typeof build.buildNode>): string {
  const found = NODE_COLUMNS.find((each) => each.id === column);
  if (found === undefined) throw new Error(`no column ${column}`);
  return plainText(found.cell(row(node), context));
}

const replica = (change: Parameters<typeof build.buildChannel>[1] = {}) =>
  build.buildNode("db2", { channels: [build.buildChannel("db1", change)] });

describe("the HAProxy cell", () => {
  const server = (change = {}) => build.buildServer("read_nodes", "db2", change);

  it("says a state once when all HAProxies agree", () => {
    const node = build.buildNode("db2", {
      servers: [build.buildLink("lb1", server()), build.buildLink("lb2", server())],
    });
    expect(cell("haproxy", node)).toBe("R●UP");
  });

  it("shows both states when they differ", () => {
    const node = build.buildNode("db2", {
      servers: [build.buildLink("lb1", server()), build.buildLink("lb2", server({ state: "drain" }))],
    });
    expect(cell("haproxy", node)).toBe("R●UP≠◐DRAIN");
  });

  it("does not know the state behind an HAProxy that does not answer", () => {
    const node = build.buildNode("db2", { servers: [build.buildLink("lb1", server(), { freshness: "failed" })] });
    expect(cell("haproxy", node)).toBe("R?");
    expect(cell("sessions", node)).toBe("?");
  });

  it("puts the writer backend first and marks a backup server", () => {
    const node = build.buildNode("db2", {
      servers: [
        build.buildLink("lb1", server()),
        build.buildLink("lb1", build.buildServer("write_nodes", "db2", { backup: true })),
      ],
    });
    expect(cell("haproxy", node)).toBe("W●UP/bk R●UP");
  });

  it("sums sessions and says when a part of the sum is unknown", () => {
    const node = build.buildNode("db2", {
      servers: [build.buildLink("lb1", server({ sessions: 7 })), build.buildLink("lb2", server({ sessions: null }))],
    });
    expect(cell("sessions", node)).toBe("7+?");
  });
});

describe("replication cells", () => {
  it("lag that was not read is unknown, not 0", () => {
    expect(cell("lag", replica({ lagSeconds: null }))).toBe("?");
    expect(cell("lag", replica({ lagSeconds: 0 }))).toBe("0s");
  });

  it("a node whose channels are unknown has unknown lag; one without channels has none", () => {
    expect(
      cell("lag", build.buildNode("db2", { reading: build.fresh(build.buildReport({ channels: null }), "db2") })),
    ).toBe("?");
    expect(cell("lag", build.buildNode("db1"))).toBe("–");
  });

  it("the worst channel counts, and an unknown one is worst", () => {
    const channels = [
      build.buildChannel("db1", { lagSeconds: 3 }),
      build.buildChannel("db9", { name: "b", lagSeconds: null }),
    ];
    expect(cell("lag", build.buildNode("db2", { channels }))).toBe("?");
    expect(cell("threads", build.buildNode("db2", { channels }))).toBe("Yes/Yes x2");
  });

  it("spells the threads out", () => {
    expect(cell("threads", replica({ io: "connecting" }))).toBe("Conn/Yes");
    expect(cell("threads", replica({ io: "no", sql: "no" }))).toBe("No/No");
  });

  it("a read-only flag nobody read is unknown", () => {
    const withFlags = (readOnly: boolean | null, superReadOnly: boolean | null) =>
      cell(
        "readonly",
        build.buildNode("db1", { reading: build.fresh(build.buildReport({ readOnly, superReadOnly }), "db1") }),
      );
    expect([withFlags(null, null), withFlags(true, null), withFlags(true, true), withFlags(false, false)]).toEqual([
      "?",
      "RO",
      "SRO",
      "RW",
    ]);
  });
});

describe("the age of a reading", () => {
  const report = build.buildReport();

  it("is blank while fresh, marked while stale, and called out when failed", () => {
    expect(cell("age", build.buildNode("db1"))).toBe("");
    expect(cell("age", build.buildNode("db1", { reading: build.stale(report, "db1", build.START - 12_000) }))).toBe(
      "~12s",
    );
    expect(
      cell("age", build.buildNode("db1", { reading: build.failed({}, { value: report, at: build.START - 90_000 }) })),
    ).toBe("✖1m");
    expect(cell("age", build.buildNode("db1", { reading: { state: "never", from: "db1" } }))).toBe("?");
  });

  it.each(["lag", "threads", "readonly", "position", "behind", "version", "qps", "uptime", "threads-running", "gtid"])(
    "a failed node shows nothing it said before: %s",
    (column) => {
      const node = build.buildNode("db2", {
        channels: [build.buildChannel("db1")],
        reading: build.failed({}, { value: report, at: build.START }),
      });
      expect(cell(column, node)).toBe("?");
    },
  );

  it.each(["lag", "threads", "readonly", "position", "version"])("a stale node's value is marked: %s", (column) => {
    const node = build.buildNode("db2", {
      channels: [build.buildChannel("db1")],
      reading: build.stale(report, "db2", build.START - 5_000),
    });
    expect(cell(column, node)).toMatch(/^~/);
  });
});

it("no two columns share an id", () => {
  expect(new Set(NODE_COLUMNS.map((column) => column.id)).size).toBe(NODE_COLUMNS.length);
});
