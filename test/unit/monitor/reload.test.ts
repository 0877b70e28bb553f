import { describe, expect, it } from "vitest";
import type { HaproxyProcess, HaproxyReport, HaproxyServer } from "../../../src/model/haproxy.ts";
import { isReloaded, type ReloadWatch, watchReload } from "../../../src/monitor/reload.ts";
import { buildHaproxyReport, buildServer } from "../../support/snapshots.ts";

function report(servers: readonly HaproxyServer[], process: Partial<HaproxyProcess> = {}): HaproxyReport {
  const built = buildHaproxyReport(servers);
  return { ...built, process: built.process === null ? null : { ...built.process, ...process } };
}

const drained = buildServer("read_nodes", "db2", { state: "drain", status: "DRAIN", adminReasons: ["drain-forced"] });
const ready = buildServer("read_nodes", "db2", { state: "up", status: "UP", adminReasons: [] });

function at(monotonicMs: number) {
  return { epochMs: 1_000_000 + monotonicMs, monotonicMs };
}

function lostOf(watch: ReloadWatch | null): readonly string[] | null {
  return watch === null ? null : watch.reload.lost;
}

describe("reload watch", () => {
  it("tells a drain that was lost with a reload", () => {
    const watch = watchReload(null, report([drained], { pid: 10 }), report([ready], { pid: 11 }), at(0));
    expect(watch?.reload).toEqual({
      at: 1_000_000,
      previousPid: 10,
      pid: 11,
      lost: ["read_nodes/db2 was drain, now ready"],
      restore: [{ backend: "read_nodes", server: "db2", state: "drain", weight: null }],
    });
  });

  it("tells a restart of what tells no pid by its uptime, which began anew", () => {
    const untold = { pid: null, startTimeSeconds: null, processNumber: null };
    const before = report([drained], { ...untold, uptimeSeconds: 500 });
    const next = (uptimeSeconds: number) =>
      watchReload(null, before, report([ready], { ...untold, uptimeSeconds }), at(0))?.reload;
    expect(next(3)).toMatchObject({ previousPid: null, pid: null, lost: ["read_nodes/db2 was drain, now ready"] });
    expect(next(501)).toBeUndefined();
  });

  it("tells a reload that lost nothing, without losses", () => {
    expect(lostOf(watchReload(null, report([ready], { pid: 10 }), report([ready], { pid: 11 }), at(0)))).toEqual([]);
  });

  it("does not take maintenance of the configuration, or of a followed server, for a runtime change", () => {
    const config = { ...drained, adminReasons: ["maint-config", "maint-inherited"] as const };
    expect(lostOf(watchReload(null, report([config], { pid: 1 }), report([ready], { pid: 2 }), at(0)))).toEqual([]);
  });

  it("tells runtime weights and addresses that went back, but not those the configuration gave", () => {
    const before = [
      buildServer("r", "a", { weight: 10, initialWeight: 100 }),
      buildServer("r", "b", { weight: 50, initialWeight: 50 }),
      buildServer("r", "c", { host: "10.0.0.9", port: 3306 }),
    ];
    const after = [
      buildServer("r", "a", { weight: 100, initialWeight: 100 }),
      buildServer("r", "b", { weight: 80, initialWeight: 80 }),
      buildServer("r", "c", { host: "10.0.0.3", port: 3306 }),
    ];
    expect(lostOf(watchReload(null, report(before, { pid: 1 }), report(after, { pid: 2 }), at(0)))).toEqual([
      "r/a had weight 10, now 100",
      "r/c was at 10.0.0.9:3306, now 10.0.0.3:3306",
    ]);
  });

  it("ends when the state is back to what it was", () => {
    const lost = watchReload(null, report([drained], { pid: 1 }), report([ready], { pid: 2 }), at(0));
    const still = watchReload(lost, report([ready], { pid: 2 }), report([ready], { pid: 2 }), at(1_000));
    expect(lostOf(still)).toHaveLength(1);
    expect(watchReload(still, report([ready], { pid: 2 }), report([drained], { pid: 2 }), at(2_000))).toBeNull();
  });

  it("ends after ten minutes", () => {
    const lost = watchReload(null, report([drained], { pid: 1 }), report([ready], { pid: 2 }), at(0));
    const same = report([ready], { pid: 2 });
    expect(watchReload(lost, same, same, at(599_999))).not.toBeNull();
    expect(watchReload(lost, same, same, at(600_000))).toBeNull();
  });

  it("carries losses nobody restored over a second reload", () => {
    const first = watchReload(null, report([drained], { pid: 1 }), report([ready], { pid: 2 }), at(0));
    const second = watchReload(first, report([ready], { pid: 2 }), report([ready], { pid: 3 }), at(5_000));
    expect(second?.reload).toMatchObject({ previousPid: 2, pid: 3, lost: ["read_nodes/db2 was drain, now ready"] });
  });

  it("knows a restart inside a container by its start time or shorter uptime, although the pid is the same", () => {
    const before = report([], { pid: 8, startTimeSeconds: null, uptimeSeconds: 500 }).process;
    expect(isReloaded(before, report([], { pid: 8, startTimeSeconds: null, uptimeSeconds: 2 }).process)).toBe(true);
    expect(isReloaded(before, report([], { pid: 8, startTimeSeconds: null, uptimeSeconds: 501 }).process)).toBe(false);
    const dated = report([], { pid: 8, startTimeSeconds: 100 }).process;
    expect(isReloaded(dated, report([], { pid: 8, startTimeSeconds: 160 }).process)).toBe(true);
  });

  it("does not take another process of the same HAProxy, or a source without a process, for a reload", () => {
    const first = report([], { pid: 8, nbproc: 2, processNumber: 1 }).process;
    expect(isReloaded(first, report([], { pid: 9, nbproc: 2, processNumber: 2 }).process)).toBe(false);
    expect(isReloaded(first, null)).toBe(false);
  });
});
