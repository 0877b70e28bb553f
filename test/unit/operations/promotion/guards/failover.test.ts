import { describe, expect, it } from "vitest";
import type { DeathProof } from "../../../../../src/model/preflight.ts";
import { buildR1, failed, NOW } from "../../../../support/model-builders.ts";
import { proofOfDeath } from "../support/preflight.ts";
import { FAILOVER, listVerdicts, type Situation, withDeadPrimary, wordsOf } from "./ask.ts";

const dead = () => withDeadPrimary(buildR1());

function withDeath(patch: Partial<DeathProof> | null): Situation {
  return {
    ...FAILOVER,
    preflight: (facts) => ({ ...facts, death: patch === null ? null : proofOfDeath("db1", patch) }),
  };
}

describe("Guards of a failover", () => {
  it("refuse while the primary lives: an error it answers with is a proof, and no force helps", () => {
    const alive = withDeath({ verdict: "alive", message: "db1 is alive: Too many connections (1040)" });
    expect(listVerdicts(dead(), alive)).toEqual(["death-proof block"]);
    expect(wordsOf("death-proof", dead(), alive)).toMatch(
      /db1 is alive: .*Too many connections \(1040\).*signalbox promote db2/,
    );
  });

  it("refuse when it answers again in the look the plan is made from", () => {
    expect(listVerdicts(buildR1(), FAILOVER)).toContain("death-proof block");
    expect(wordsOf("death-proof", buildR1(), FAILOVER)).toMatch(/db1 answers again/);
  });

  it("count a death that was not or could not be proven as failed", () => {
    expect(listVerdicts(dead(), withDeath(null))).toEqual(["death-proof unknown"]);
    expect(listVerdicts(dead(), withDeath({ node: "db9" }))).toEqual(["death-proof unknown"]);
    expect(listVerdicts(dead(), withDeath({ verdict: "unknown" }))).toEqual(["death-proof unknown"]);
  });

  it("let a hanging primary be forced only when no replica hears from it", () => {
    const hanging = withDeath({ verdict: "hanging", message: "db1 accepts connections and says nothing" });
    expect(listVerdicts(dead(), hanging)).toEqual(["death-proof block force"]);
    const heard = dead().channel("db3", { io: "yes", secondsSinceHeartbeat: 2, heartbeatPeriodSeconds: 30 });
    expect(listVerdicts(heard, hanging)).toEqual(["death-proof block", "replicas-receive block"]);
    const unsure = dead().channel("db3", { io: "yes", secondsSinceHeartbeat: null });
    expect(listVerdicts(unsure, hanging)).toEqual(["death-proof block", "replicas-receive unknown force"]);
  });

  it("refuse while a replica still receives, and show what it says", () => {
    const heard = dead().channel("db3", { io: "yes", secondsSinceHeartbeat: 2, heartbeatPeriodSeconds: 30 });
    expect(listVerdicts(heard, FAILOVER)).toEqual(["replicas-receive block"]);
    expect(wordsOf("replicas-receive", heard, FAILOVER)).toMatch(
      /db3: IO yes, last heard of 2 s ago, received up to 0-1-100/,
    );
  });

  it("take IO yes alone neither for life nor for death", () => {
    const silent = dead().channel("db3", { io: "yes", secondsSinceHeartbeat: 45, heartbeatPeriodSeconds: 30 });
    expect(listVerdicts(silent, FAILOVER)).toEqual([]);
    const untold = dead().channel("db3", { io: "yes", secondsSinceHeartbeat: null });
    expect(listVerdicts(untold, FAILOVER)).toEqual(["replicas-receive unknown force"]);
  });

  it("refuse a second one within the hour unless forced", () => {
    const again: Situation = {
      ...FAILOVER,
      preflight: (facts) => ({
        ...facts,
        recentFailover: { operation: "20261120T150102-promote-db1-00ff", at: NOW - 30 * 60_000 },
      }),
    };
    expect(listVerdicts(dead(), again)).toEqual(["recent-failover block force"]);
    expect(wordsOf("recent-failover", dead(), again)).toMatch(/30 minutes ago \(20261120T150102-promote-db1-00ff\)/);
    expect(listVerdicts(dead(), { ...FAILOVER, preflight: null })).toContain("recent-failover unknown force");
  });

  it("want a known loss to be accepted in words; force does not do", () => {
    const loss = { mode: "failover", knownLoss: "12 transactions of db1 up to 0-1-112" } as const;
    expect(listVerdicts(dead(), { promotion: loss, request: { force: true } })).toEqual(["known-loss block"]);
    expect(wordsOf("known-loss", dead(), { promotion: loss })).toMatch(
      /Would be lost: 12 transactions .* type --accept-loss/,
    );
    const accepted = { failover: true, acceptLoss: true };
    expect(listVerdicts(dead(), { promotion: loss, request: { promotion: accepted } })).toEqual(["known-loss warn"]);
  });

  it("are not asked of a switchover", () => {
    expect(wordsOf("death-proof", buildR1())).toBe("");
    expect(wordsOf("most-advanced", buildR1())).toBe("");
  });

  it("hold for a primary that nobody here ever saw alive", () => {
    expect(listVerdicts(dead().readNode("db1", failed()), FAILOVER)).toEqual([]);
  });
});
