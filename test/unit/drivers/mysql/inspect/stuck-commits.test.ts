import { describe, expect, it } from "vitest";
import { judgeWaits, parseWaits } from "../../../../../src/drivers/mysql/inspect/stuck-commits.ts";
import { toRow } from "../recordings.ts";

const counters = {
  clients: ["Rpl_semi_sync_source_clients"],
  waitSessions: ["Rpl_semi_sync_source_wait_sessions", "Rpl_semi_sync_master_wait_sessions"],
  yesTx: ["Rpl_semi_sync_source_yes_tx", "Rpl_semi_sync_master_yes_tx"],
  noTx: ["Rpl_semi_sync_source_no_tx", "Rpl_semi_sync_master_no_tx"],
};
const rows = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => toRow({ Variable_name: name, Value: value }));

describe("Commits that wait for a semi-synchronous replica", () => {
  it("are counted under the names of the plugin that is there", () => {
    const old = { Rpl_semi_sync_master_wait_sessions: "3", Rpl_semi_sync_master_yes_tx: "40" };
    expect(parseWaits(rows({ ...old, Rpl_semi_sync_master_no_tx: "2" }), counters)).toEqual({ waiting: 3, letGo: 42 });
    expect(parseWaits(rows({ Rpl_semi_sync_source_wait_sessions: "1" }), counters)).toEqual({ waiting: 1, letGo: 0 });
  });

  it("are none where there is no semi-sync, and unknown where the figure is none", () => {
    expect(parseWaits([], counters)).toEqual({ waiting: 0, letGo: 0 });
    expect(parseWaits(rows({ Rpl_semi_sync_source_wait_sessions: "many" }), counters)).toBeNull();
  });

  it("are stuck when none was let go all the time", () => {
    const first = { waiting: 4, letGo: 100 };
    expect(judgeWaits(first, first, false)).toBeNull();
    expect(judgeWaits(first, { waiting: 5, letGo: 100 }, true)).toBe(5);
  });

  it("are not stuck while others are let go, or when none waits any more", () => {
    const first = { waiting: 4, letGo: 100 };
    expect(judgeWaits(first, { waiting: 4, letGo: 101 }, true)).toBe(0);
    expect(judgeWaits(first, { waiting: 0, letGo: 100 }, false)).toBe(0);
  });
});
