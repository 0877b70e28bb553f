import { describe, expect, it } from "vitest";
import { buildHaproxyCommand } from "../../../../../src/drivers/haproxy/change-command.ts";
import { commandTextFor } from "../../../../../src/drivers/mysql/command.ts";
import type { Change, Plan } from "../../../../../src/model/operation.ts";
import { buildPlan } from "../../../../../src/operations/plan.ts";
import {
  buildHaproxyReport,
  buildR1,
  buildR3,
  buildR4,
  fresh,
  type Scene,
  uuidOf,
} from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { buildR1Twice } from "../../support/scenes.ts";
import { healthyPreflight, proofOfDeath } from "../support/preflight.ts";

const LOGIN = { replication: { user: "repl", password: null } };

/** As the drivers send it. */
function textOf(change: Change, scene: Scene): string {
  // Made of several statements over several connections: the text is not a driver's.
  if (change.kind === "probe-writer" || change.kind === "confirm-contained" || change.kind === "confirm-most-advanced")
    return change.kind;
  if ("haproxy" in change) return buildHaproxyCommand(change);
  if (change.kind === "move-address") return change.kind;
  return commandTextFor(change, scene.report(change.node));
}

function planOn(
  scene: Scene,
  node: string,
  force = false,
  promotion?: { readonly failover: boolean; readonly acceptLoss: boolean },
): Plan {
  const cluster = scene.snapshot();
  return buildPlan({
    request: buildRequest({ command: "promote", targets: [node], force, ...(promotion ? { promotion } : {}) }),
    cluster,
    settings: scene.settings,
    now: scene.now,
    random: () => "abcd",
    record: null,
    sessions: new Map(),
    stickTables: new Map([
      ["lb1", []],
      ["lb2", []],
    ]),
    preflight: healthyPreflight(cluster, promotion?.failover === true ? { death: proofOfDeath("db1") } : {}),
    commandText: (change) => textOf(change, scene),
  });
}

const refusals = ({ guards }: Plan) =>
  guards
    .filter(({ verdict }) => verdict === "block" || verdict === "unknown")
    .map(({ guard, subject, message }) => `${guard} ${subject}: ${message}`);

describe("A whole plan of a promotion", () => {
  it.each([
    ["MariaDB by GTID", buildR1().configure(LOGIN)],
    ["MySQL by GTID", buildR1("mysql").node("db1", { superReadOnly: false })],
    ["two HAProxies", buildR1Twice().configure(LOGIN)],
    ["a pair", buildR3()],
    ["one of two writers", buildR4()],
  ])("of a healthy cluster is refused by no guard, and every step has its text: %s", (_name, scene) => {
    const plan = planOn(scene, "db2");
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.filter(({ command }) => command === "")).toEqual([]);
    expect(plan.danger).toBe("disruptive");
  });

  it("is the same plan while writes flow: no position is in it", () => {
    const scene = buildR1().configure(LOGIN);
    const before = planOn(scene, "db2").fingerprint;
    const position = { file: "bin.000002", pos: 4711, gtid: "0-1-200" };
    scene.node("db1", { position, gtid: { ...scene.report("db1").gtid, executed: "0-1-200" } });
    expect(planOn(scene, "db2").fingerprint).toBe(before);
  });

  it("is another plan when more would be lost for good, and the same one while only time passes", () => {
    const lossy = (executed: number) => {
      const scene = buildR1("mysql");
      for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", receivedGtid: `${uuidOf(1)}:1-100` });
      const gtid = { ...scene.report("db1").gtid, executed: `${uuidOf(1)}:1-${executed}` };
      return scene.node("db1", { gtid }).kill("db1");
    };
    const failover = { failover: true, acceptLoss: true };
    const shown = planOn(lossy(103), "db2", false, failover);
    expect(shown.promotion?.knownLoss).toContain("3 transactions");
    const later = lossy(103);
    later.now += 60_000;
    expect(planOn(later, "db2", false, failover).fingerprint).toBe(shown.fingerprint);
    expect(planOn(lossy(104), "db2", false, failover).fingerprint).not.toBe(shown.fingerprint);
  });

  it("forced past a stats page, what a step needs is still the step before it", () => {
    const scene = buildR1Twice().configure(LOGIN);
    const page = buildHaproxyReport(scene.haproxyReport("lb2").servers, { source: "stats-page", level: "read-only" });
    scene.haproxy("lb2", { reading: fresh(page) });
    const { steps } = planOn(scene, "db2", true);
    expect(steps.some(({ target }) => target.kind === "haproxy" && target.haproxy === "lb2")).toBe(false);
    const change = steps.find(({ title }) => title === "point db3 to db2");
    expect(change?.needs?.map((number) => steps[number - 1]?.title)).toEqual(["stop replication of db3"]);
  });
});
