import { describe, expect, it } from "vitest";
import type { LastPromotion, PreflightFacts } from "../../../../../src/model/preflight.ts";
import { buildChannel, buildR1, buildR3, buildR4, type Scene, uuidOf } from "../../../../support/model-builders.ts";
import { badLogin, onLogin } from "../support/preflight.ts";
import { listVerdicts, type Situation, wordsOf } from "./ask.ts";

const REJOIN: Situation = { promotion: { mode: "rejoin", from: "db1", to: "db2" } };
const MYSQL: Situation = { promotion: { mode: "rejoin", variant: "mysql-gtid", from: "db1", to: "db2" } };
const FILE: Situation = { promotion: { mode: "rejoin", variant: "file", from: "db1", to: "db2" } };

/** db2 was promoted, db1 came back writable and has everything up to 100; the others follow db2. */
function afterFailover(flavor: "mariadb" | "mysql" = "mariadb"): Scene {
  const scene = buildR1(flavor).node("db2", { channels: [], readOnly: false, superReadOnly: null });
  for (const name of ["db3", "db4"])
    scene.channel(name, { sourceHost: "10.0.0.12", sourceServerId: 2, sourceUuid: null });
  return scene.state("lb1", "write_nodes/db1", "maint");
}

const last: LastPromotion = {
  operation: "20261120T150102-promote-db2-00ff",
  from: "db1",
  to: "db2",
  failover: true,
  positions: { applied: { gtid: null, file: "bin.000001", pos: 1000 } },
};
const closed = () => afterFailover().node("db1", { readOnly: true });
const knowing = (patch: Partial<PreflightFacts>): Situation => ({
  ...FILE,
  preflight: (facts) => ({ ...facts, lastPromotion: last, ...patch }),
});

describe("Guards of a rejoin", () => {
  it.each<[string, Scene, Situation]>([
    ["MariaDB", afterFailover(), REJOIN],
    ["MySQL", afterFailover("mysql"), MYSQL],
    ["coordinates, nothing written since", closed(), knowing({})],
    [
      "coordinates, a new log without changes",
      closed().node("db1", { position: { file: "bin.000002", pos: 360, gtid: null } }),
      knowing({ rejoinTail: { eventTypes: ["Stop", "Format_desc"], changesData: false } }),
    ],
  ])("refuse nothing when the node is contained: %s", (_, scene, situation) => {
    expect(listVerdicts(scene, situation)).toEqual([]);
  });

  it.each<[string, Scene, Situation, string, RegExp]>([
    [
      "diverged, MySQL",
      afterFailover("mysql").node("db1", {
        gtid: { ...buildR1("mysql").report("db1").gtid, executed: `${uuidOf(1)}:1-104` },
      }),
      MYSQL,
      "rejoin-contained block",
      /db1 has transactions that db2 lacks: 4 transactions: 0.*1:101-104\. .*Rebuild db1 from db2.*empty transactions.*Never reset/,
    ],
    [
      "diverged, MariaDB",
      afterFailover().node("db1", {
        gtid: { ...buildR1().report("db1").gtid, binlogState: "0-1-104", executed: "0-1-104" },
      }),
      REJOIN,
      "rejoin-contained block",
      /lacks: 0-1-104\. It is not forced\. Rebuild db1/,
    ],
    [
      "sets not told",
      afterFailover("mysql").node("db1", { gtid: { ...buildR1("mysql").report("db1").gtid, executed: null } }),
      MYSQL,
      "rejoin-contained unknown",
      /cannot be told/,
    ],
    ["coordinates nobody noted", closed(), FILE, "rejoin-contained unknown", /not in the journal of this machine/],
    [
      "coordinates of another primary",
      closed(),
      knowing({ lastPromotion: { ...last, from: "db3" } }),
      "rejoin-contained unknown",
      /not in the journal/,
    ],
    [
      "a log that went on and was not read",
      closed().node("db1", { position: { file: "bin.000001", pos: 1400, gtid: null } }),
      knowing({}),
      "rejoin-contained unknown",
      /from bin\.000001 1000 to bin\.000001 1400/,
    ],
    [
      "a log that went on with changes",
      closed().node("db1", { position: { file: "bin.000001", pos: 1400, gtid: null } }),
      knowing({ rejoinTail: { eventTypes: ["Gtid", "Write_rows", "Xid"], changesData: true } }),
      "rejoin-contained block",
      /changes from bin\.000001 1000 to bin\.000001 1400 \(Gtid, Write_rows, Xid\)/,
    ],
    [
      "the primary itself",
      buildR1(),
      { promotion: { mode: "rejoin", from: "db1", to: "db2" } },
      "rejoin-roles block",
      /write_nodes sends the writes to db1: it is the primary/,
    ],
    [
      "a source that gets no writes",
      afterFailover(),
      { promotion: { mode: "rejoin", from: "db1", to: "db3" } },
      "rejoin-roles block",
      /sends writes to db2 and not to db3/,
    ],
    [
      "a source that is read-only",
      afterFailover().node("db2", { readOnly: true }),
      REJOIN,
      "rejoin-roles block",
      /db2 is read-only: it is no primary/,
    ],
    [
      "a source of unknown state",
      afterFailover().node("db2", { readOnly: null }),
      REJOIN,
      "rejoin-roles unknown",
      /cannot be told/,
    ],
    [
      "a plan that does not close the node",
      afterFailover().node("db1", { readOnly: false }),
      { ...REJOIN, steps: (steps) => steps.filter(({ kind }) => kind !== "read-only") },
      "rejoin-roles block",
      /db1 is writable and the plan does not close it/,
    ],
    [
      "a server that stays in",
      afterFailover().state("lb1", "write_nodes/db1", "up"),
      { ...REJOIN, steps: (steps) => steps.filter(({ kind }) => kind !== "server-state") },
      "rejoin-servers block",
      /write_nodes\/db1 is not in maintenance on lb1 \(up\): it could take the writes from db2/,
    ],
    [
      "a server that is only down",
      afterFailover().state("lb1", "write_nodes/db1", "down"),
      { ...REJOIN, steps: (steps) => steps.filter(({ kind }) => kind !== "server-state") },
      "rejoin-servers block",
      /\(down\)/,
    ],
    [
      "a purged log",
      afterFailover("mysql").node("db2", {
        gtid: {
          ...buildR1("mysql").report("db2").gtid,
          executed: `${uuidOf(1)}:1-100,${uuidOf(2)}:1-50`,
          purged: `${uuidOf(2)}:1-20`,
        },
      }),
      MYSQL,
      "purged-logs block",
      /db1 lacks what the binary log of db2 no longer has \(20 transactions/,
    ],
    [
      "an older node",
      afterFailover().node("db1", { version: "10.6.1-MariaDB" }),
      REJOIN,
      "versions block force",
      /db1 \(10\.6\.1-MariaDB\) is older/,
    ],
    [
      "a login that fails",
      afterFailover(),
      { ...REJOIN, preflight: (facts) => onLogin(facts, "db2", badLogin("db2")) },
      "replication-login block force",
      /cannot log in to db2/,
    ],
    [
      "another channel that stays",
      afterFailover().node("db1", { channels: [buildChannel("10.9.9.9:3306", { name: "old" })] }),
      REJOIN,
      "rejoin-channels warn",
      /db1 also follows 10\.9\.9\.9:3306/,
    ],
    ["a node that does not answer", afterFailover().kill("db1"), REJOIN, "nodes-answer unknown", /db1 does not answer/],
  ])("speak of %s", (_, scene, situation, verdict, words) => {
    expect(listVerdicts(scene, situation)).toContain(verdict);
    expect(wordsOf(verdict.split(" ")[0] ?? "", scene, situation)).toMatch(words);
  });

  it("bring back a demoted node that a reload of HAProxy made the writer again", () => {
    const reloaded = afterFailover().state("lb1", "write_nodes/db1", "up");
    expect(listVerdicts(reloaded, REJOIN)).toEqual(["rejoin-roles block"]);
    const known: Situation = { ...REJOIN, preflight: (facts) => ({ ...facts, lastPromotion: last }) };
    expect(listVerdicts(reloaded, known)).toEqual([]);
    const nobody = reloaded.state("lb1", "write_nodes/db2", "maint");
    expect(wordsOf("rejoin-roles", nobody, known)).toMatch(/would send writes to nobody and not to db2/);
  });

  it("wait for what the other half of a pair is still to fetch, and rebuild where it fetches nothing", () => {
    const pair: Situation = {
      promotion: { mode: "rejoin", variant: "pair", from: "db1", to: "db2", writerBackend: "mysql" },
    };
    const scene = buildR3().state("lb1", "mysql/db1", "maint");
    scene.node("db1", { gtid: { ...scene.report("db1").gtid, binlogState: "0-1-104" } });
    expect(listVerdicts(scene, pair)).toEqual(["rejoin-contained warn"]);
    expect(listVerdicts(scene.channel("db2", { sql: "no" }), pair)).toContain("rejoin-contained block");
  });

  it("let the second side of two that take writes get them back", () => {
    const both: Situation = {
      promotion: { mode: "rejoin", variant: "multi-writer", from: "db1", to: "db2", writerBackend: "mysql" },
      steps: () => [
        { kind: "read-only", node: "db1", on: false, superToo: false },
        ...["lb1", "lb2"].map(
          (haproxy) => ({ kind: "server-state", haproxy, backend: "mysql", server: "db1", state: "ready" }) as const,
        ),
      ],
    };
    const scene = buildR4().node("db1", { readOnly: true });
    for (const name of ["lb1", "lb2"]) scene.state(name, "mysql/db1", "maint");
    expect(listVerdicts(scene, both)).toEqual([]);
    const rest: Situation = {
      ...both,
      steps: (steps) => (both.steps?.(steps) ?? steps).filter(({ kind }) => kind === "server-state"),
    };
    expect(listVerdicts(scene.node("db1", { readOnly: false }), rest)).toEqual([]);
  });

  it("do not compare logs of a node that follows by coordinates already and keeps its place", () => {
    const keeps: Situation = { ...FILE, steps: (steps) => steps.filter(({ kind }) => kind !== "change-source") };
    expect(listVerdicts(afterFailover(), keeps)).toEqual([]);
  });

  it("see that a log named by coordinates is still there", () => {
    const pointed = (file: string): Situation => ({
      ...knowing({}),
      steps: (steps) =>
        steps.map((each) =>
          each.kind === "change-source"
            ? { ...each, follow: "file", position: { kind: "known", position: { gtid: null, file, pos: 4 } } }
            : each,
        ),
    });
    expect(listVerdicts(closed(), pointed("bin.000001"))).toEqual([]);
    expect(wordsOf("purged-files", afterFailover(), pointed("bin.000000"))).toMatch(
      /from bin\.000000, which is gone there \(oldest: bin\.000001\)/,
    );
  });

  it("do not mind other nodes that are silent", () => {
    expect(listVerdicts(afterFailover().kill("db4"), REJOIN)).toEqual([]);
  });
});
