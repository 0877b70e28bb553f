import { describe, expect, it } from "vitest";
import type { Change } from "../../../../../src/model/operation.ts";
import {
  buildHaproxyReport,
  buildR1,
  buildR3,
  buildServer,
  failed,
  fresh,
  type Scene,
} from "../../../../support/model-builders.ts";
import { buildR1Twice } from "../../support/scenes.ts";
import { FAILOVER, listVerdicts, type Situation, withDeadPrimary, wordsOf } from "./ask.ts";

const PAIR: Situation = { promotion: { variant: "pair", writerBackend: "mysql" } };

/** R1 with db3 as a further backup in the writer backend. */
function withSecondBackup(): Scene {
  const scene = buildR1();
  const [first, ...rest] = scene.haproxyReport("lb1").servers;
  const second = buildServer("write_nodes/db3", "10.0.0.13:3306", { backup: true });
  return scene.addHaproxy("lb1", first === undefined ? [] : [first, second, ...rest]);
}

/** Without the steps on one server. */
const without = (server: string): Situation => ({
  steps: (steps) => steps.filter((each) => !("server" in each) || `${each.backend}/${each.server}` !== server),
});

const onStatsPage = (scene: Scene, name: string): Scene =>
  scene.haproxy(name, {
    reading: fresh(
      buildHaproxyReport(scene.haproxyReport(name).servers, { source: "stats-page", level: null, process: null }),
    ),
  });

const skipping = (haproxy: string): Situation => ({
  steps: (steps: readonly Change[]) => steps.filter((each) => !("haproxy" in each) || each.haproxy !== haproxy),
});

describe("Guards of the way the writes take", () => {
  it.each<[string, Scene, Situation, string, RegExp]>([
    [
      "a silent HAProxy",
      buildR1Twice().haproxy("lb2", { reading: failed() }),
      {},
      "every-haproxy unknown",
      /lb2 cannot be read \(connection refused\)/,
    ],
    [
      "a HAProxy known by its page",
      onStatsPage(buildR1Twice(), "lb2"),
      skipping("lb2"),
      "every-haproxy block",
      /lb2 is known by its stats page only/,
    ],
    [
      "a silent HAProxy in a failover",
      withDeadPrimary(buildR1Twice()).haproxy("lb2", { reading: failed() }),
      FAILOVER,
      "every-haproxy warn",
      /Stop lb2, or cut its clients off/,
    ],
    [
      "a candidate in no writer backend",
      buildR1(),
      { promotion: { to: "db4" } },
      "writer-backend block",
      /db4 is in no writer backend of lb1: write_nodes has db1, db2, and db4 is only read_nodes\/db4/,
    ],
    [
      "an unknown writer backend",
      buildR1(),
      { promotion: { writerBackend: null } },
      "writer-backend unknown",
      /not known\. Name it under `writer:`/,
    ],
    [
      "a HAProxy without the backend",
      buildR1Twice().addHaproxy("lb2", [buildServer("other/db1", "10.0.0.11:3306")]),
      {},
      "writer-backend warn",
      /lb2 has no backend write_nodes/,
    ],
    [
      "a primary behind no server",
      buildR1().server("lb1", "write_nodes/db1", { host: "10.9.9.9", server: "old" }),
      {},
      "writer-backend warn",
      /No server of write_nodes on lb1 is known to be db1/,
    ],
    [
      "an old primary that stays in",
      buildR1(),
      without("write_nodes/db1"),
      "only-writer block",
      /write_nodes\/db1 \(db1\) could still get writes on lb1 after the plan, beside db2/,
    ],
    [
      "an old primary that is only down",
      buildR1().state("lb1", "write_nodes/db1", "down"),
      without("write_nodes/db1"),
      "only-writer block",
      /is down on lb1 and not in maintenance/,
    ],
    [
      "a second backup that stays in",
      withSecondBackup(),
      without("write_nodes/db3"),
      "only-writer block",
      /write_nodes\/db3 \(db3\) could still get writes/,
    ],
    [
      "a second backup that is down",
      withSecondBackup().state("lb1", "write_nodes/db3", "down"),
      without("write_nodes/db3"),
      "only-writer warn",
      /once it is up it could get writes/,
    ],
    [
      "a server of nobody we know",
      buildR1().addHaproxy("lb1", [
        ...buildR1().haproxyReport("lb1").servers,
        buildServer("write_nodes/strange", "10.8.8.8:3306", { backup: true }),
      ]),
      {},
      "only-writer block",
      /write_nodes\/strange \(unknown node\)/,
    ],
    [
      "the other HAProxy left as it is",
      buildR1Twice(),
      skipping("lb2"),
      "only-writer block",
      /write_nodes\/db1 \(db1\) could still get writes on lb2/,
    ],
    [
      "a candidate held down by its check",
      buildR1().state("lb1", "write_nodes/db2", "down", { check: "L7STS", checkInfo: "read_only" }),
      {},
      "candidate-server block force",
      /write_nodes\/db2 is DOWN on lb1 by its check \(L7STS: read_only\).*--force when that is read_only itself/,
    ],
    [
      "a candidate that is not put in",
      buildR1().state("lb1", "write_nodes/db2", "maint"),
      { steps: (steps) => steps.filter((each) => each.kind !== "server-state" || each.state !== "ready") },
      "candidate-server block",
      /would not get the writes on lb1 after the plan: it is maint/,
    ],
    [
      "a backend of another kind",
      buildR1()
        .configure({ readers: ["read_nodes"] })
        .addHaproxy("lb1", [...buildR1().haproxyReport("lb1").servers, buildServer("reports/db1", "10.0.0.11:3306")]),
      {},
      "other-routes warn",
      /reports\/db1 on lb1 also sends clients to db1/,
    ],
    [
      "two writing sides of a pair",
      buildR3().server("lb1", "mysql/db2", { sessions: 3 }),
      { ...PAIR, steps: (steps) => [{ kind: "read-only", node: "db2", on: true, superToo: false }, ...steps] },
      "pair-writers block",
      /db1 and db2 both hold sessions of mysql \(8 and 3\)/,
    ],
    [
      "sessions of a pair that are not told",
      buildR3().server("lb1", "mysql/db2", { sessions: null }),
      { ...PAIR, steps: (steps) => [{ kind: "read-only", node: "db2", on: true, superToo: false }, ...steps] },
      "pair-writers unknown",
      /cannot be told, and db2 is writable/,
    ],
    [
      "a pair whose way back is broken",
      buildR3()
        .node("db2", { readOnly: true })
        .channel("db1", { sql: "no", sqlError: { code: 1032, message: "Can't find record" } }),
      PAIR,
      "pair-health block",
      /db1 does not get what db2 writes: IO yes, SQL no \(error 1032: Can't find record\)/,
    ],
    [
      "another writable node",
      buildR1().node("db4", { readOnly: false }),
      {},
      "other-writable block force",
      /db4 is writable: it would be a second writer/,
    ],
    [
      "another writable node of the writer backend",
      withSecondBackup().node("db3", { readOnly: false }),
      {},
      "other-writable block",
      /db3 is writable and has a server in write_nodes/,
    ],
    [
      "another node of unknown state",
      buildR1().node("db4", { readOnly: null }),
      {},
      "other-writable unknown force",
      /cannot be told/,
    ],
    ["a socket that refuses changes", withLevel(buildR1(), "operator"), {}, "level block", /level operator/],
    [
      "an agent check",
      buildR1().server("lb1", "write_nodes/db1", { agentEnabled: true }),
      {},
      "agent-check block",
      /Switch the agent check off first/,
    ],
  ])("speak of %s", (_, scene, situation, verdict, words) => {
    expect(listVerdicts(scene, situation)).toContain(verdict);
    expect(wordsOf(verdict.split(" ")[0] ?? "", scene, situation)).toMatch(words);
  });

  it("accept a second backup that the plan or somebody before it puts out", () => {
    expect(listVerdicts(withSecondBackup())).toEqual([]);
    expect(
      listVerdicts(withSecondBackup().state("lb1", "write_nodes/db3", "maint"), without("write_nodes/db3")),
    ).toEqual([]);
  });

  it("see to the only writer also when the rest of an opened promotion is carried on", () => {
    const open = buildR1().node("db1", { readOnly: true }).node("db2", { readOnly: false });
    const rest: Situation = { steps: (steps) => steps.filter((each) => each.kind === "change-source") };
    expect(listVerdicts(open, rest)).toEqual(["only-writer block"]);
  });

  it("never let many processes of one HAProxy be forced: a change would reach one by chance", () => {
    const scene = buildR1();
    const report = scene.haproxyReport("lb1");
    if (report.process === null) throw new Error("no process");
    scene.haproxy("lb1", { reading: fresh({ ...report, process: { ...report.process, nbproc: 4 } }) });
    expect(listVerdicts(scene)).toEqual(["many-processes block"]);
  });
});

function withLevel(scene: Scene, level: "operator"): Scene {
  return scene.haproxy("lb1", { reading: fresh({ ...scene.haproxyReport("lb1"), level }) });
}
