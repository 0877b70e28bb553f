import { describe, expect, it } from "vitest";
import { HistoryKeeper } from "../../../../src/model/history/keeper.ts";
import { type HistorySubject, type Series, selectSeries } from "../../../../src/model/history/series.ts";
import type { ClusterSnapshot } from "../../../../src/model/snapshot.ts";
import {
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
  stale,
} from "../../../support/snapshots.ts";

/** As text: `?` missing, `3?` missing in part, `.` not watched. */
function text(series: Series | null): string | undefined {
  return series?.values
    .map((value, index) => `${value ?? ""}${series.missing[index] ? "?" : value === null ? "." : ""}`)
    .join(" ");
}

function keep(clusters: readonly ClusterSnapshot[]): (subject: HistorySubject) => string | undefined {
  const keeper = new HistoryKeeper(1_000);
  clusters.forEach((cluster, tick) => {
    keeper.sample(cluster, tick, START + tick * 1_000);
  });
  return (subject) => text(selectSeries(keeper.history, subject));
}

const replica = (change: Parameters<typeof buildNode>[1]) => buildCluster({ nodes: [buildNode("db2", change)] });

describe("the history of a cluster", () => {
  it("takes the worst channel, and nothing when the figure of one of them is not known", () => {
    const channels = (...behind: (number | null)[]) =>
      replica({ channels: behind.map((each) => buildChannel("db1", { behind: each, lagSeconds: each })) });
    const seriesOf = keep([channels(1, 7), channels(1, null), channels(0, 0), channels()]);
    expect(seriesOf({ node: "db2", figure: "behind" })).toBe("7 ? 0 ?");
    expect(seriesOf({ node: "db2", figure: "lagSeconds" })).toBe("7 ? 0 ?");
  });

  it("has a gap while a node does not answer, and nothing before its first answer or failure", () => {
    const channels = [buildChannel("db1", { behind: 3 })];
    const report = buildReport({ channels });
    const seriesOf = keep([
      replica({ channels, reading: { state: "never", from: "db2" } }),
      replica({ channels, reading: fresh(report, "db2") }),
      replica({ channels, reading: stale(report, "db2", START) }),
      replica({ channels, reading: failed({}, { value: report, at: START }) }),
      replica({ channels, reading: fresh(report, "db2") }),
    ]);
    expect(seriesOf({ node: "db2", figure: "behind" })).toBe(". 3 ? ? 3");
  });

  it("tells the sessions of a node as a part while a HAProxy is silent: it may hold some, too", () => {
    const links = (freshness: "fresh" | "failed") =>
      replica({
        servers: [
          buildLink("lb1", buildServer("r", "db2", { sessions: 4 })),
          buildLink("lb2", buildServer("r", "db2", { sessions: 5 }), { freshness }),
        ],
      });
    const seriesOf = keep([links("fresh"), links("failed"), links("fresh"), replica({ servers: [] })]);
    expect(seriesOf({ node: "db2", figure: "sessions" })).toBe("9 4? 9 ?");
  });

  it("keeps check times by HAProxy and server: a gap in maintenance, when hidden, and while the HAProxy is silent", () => {
    const server = buildServer("w", "db1", { checkDurationMs: 2 });
    const lb = (each: Partial<typeof server>) =>
      buildCluster({ haproxies: [buildHaproxy("lb1", [{ ...server, ...each }])] });
    const silent = buildHaproxy("lb1", [server]);
    const seriesOf = keep([
      lb({}),
      lb({ checkDurationMs: 0 }),
      lb({ check: null }),
      lb({ checkDurationMs: null }),
      buildCluster({ haproxies: [{ ...silent, reading: failed({}, null) }] }),
      lb({ checkDurationMs: 1_001 }),
    ]);
    expect(seriesOf({ server: "lb1/w/db1", figure: "checkMs" })).toBe("2 0 ? ? ? 1001");
    expect(seriesOf({ server: "lb1/w/db9", figure: "checkMs" })).toBeUndefined();
  });

  it("counts no rate over a restart, nor for another server under the same name", () => {
    const polled = (seconds: number, queriesTotal: number, address = "10.0.0.12:3306") =>
      replica({ address, reading: fresh(buildReport({ queriesTotal }), "db2", START + seconds * 1_000) });
    const seriesOf = keep([
      polled(0, 100),
      polled(1, 150),
      polled(1, 150),
      polled(3, 250),
      polled(4, 20),
      polled(5, 30),
      polled(6, 9_000_000, "10.0.0.99:3306"),
    ]);
    expect(seriesOf({ node: "db2", figure: "queriesPerSecond" })).toBe("? 50 ? 50 ? 10 ?");
  });

  it("stays small when servers come and go under ever new names", () => {
    const keeper = new HistoryKeeper(1_000);
    for (let tick = 0; tick < 3_000; tick += 1) {
      const servers = [buildServer("w", "db1"), buildServer("w", `pod${tick}`)];
      keeper.sample(buildCluster({ haproxies: [buildHaproxy("lb1", servers)], nodes: [] }), tick, START + tick * 1_000);
    }
    // A quarter of an hour of names, and room for as many again before they are put together.
    expect(keeper.history.servers.length).toBeLessThan(2_000);
    expect(text(selectSeries(keeper.history, { server: "lb1/w/db1", figure: "checkMs" }, 2))).toMatch(/^(1 ?)+$/);
  });
});
