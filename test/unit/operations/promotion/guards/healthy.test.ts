import { describe, expect, it } from "vitest";
import { PROMOTION_GUARDS } from "../../../../../src/operations/promotion/guards/table.ts";
import { buildR1, buildR2, buildR3, buildR4, type Scene } from "../../../../support/model-builders.ts";
import { buildR1Twice } from "../../support/scenes.ts";
import { askAbout, listVerdicts, type Situation, withDeadPrimary } from "./ask.ts";

const PAIR: Situation = { promotion: { variant: "pair", writerBackend: "mysql" } };

describe("Guards of promotion on a cluster that is fit for it", () => {
  it.each<[string, Scene, Situation]>([
    ["switchover, MariaDB", buildR1(), {}],
    ["switchover, MySQL", buildR1("mysql"), { promotion: { variant: "mysql-gtid" } }],
    ["switchover behind two HAProxies", buildR1Twice(), {}],
    ["switchover of a tier", buildR2(), {}],
    ["pair whose other side is read-only", buildR3().node("db2", { readOnly: true }), PAIR],
    [
      "pair whose other side is closed first",
      buildR3(),
      { ...PAIR, steps: (steps) => [{ kind: "read-only", node: "db2", on: true, superToo: false }, ...steps] },
    ],
    [
      "two sides that both take writes",
      buildR4(),
      {
        promotion: { variant: "multi-writer", from: "db2", to: "db1", writerBackend: "mysql" },
        steps: (steps) => steps.filter((each) => each.kind !== "read-only" || each.on),
      },
    ],
    ["failover, primary dead", withDeadPrimary(buildR1()), { promotion: { mode: "failover" } }],
  ])("refuse nothing: %s", (_, scene, situation) => {
    expect(listVerdicts(scene, situation)).toEqual([]);
  });

  it("refuse nothing of a rejoin whose node is contained in the primary", () => {
    const scene = buildR1().node("db3", { channels: [], readOnly: false });
    expect(listVerdicts(scene, { promotion: { mode: "rejoin", from: "db3", to: "db1" } })).toEqual([]);
  });

  it("count as failed where nothing beside the snapshot was read", () => {
    const found = listVerdicts(buildR1(), { preflight: null });
    expect(found).toContain("candidate-filters unknown");
    expect(found).toContain("long-work unknown force");
    expect(found).toContain("purged-logs unknown");
    expect(found).toContain("prepared-xa unknown");
    expect(found).toContain("replication-login unknown force");
    expect(found).toContain("resources unknown");
  });

  it("have names of their own, and tell with a pass what they looked at", () => {
    const names = PROMOTION_GUARDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const passed = askAbout(buildR1()).filter(({ verdict }) => verdict === "pass");
    expect(passed.map(({ guard }) => guard)).toEqual(
      expect.arrayContaining(["identity", "topology", "only-writer", "long-work"]),
    );
  });
});
