import { describe, expect, it } from "vitest";
import type { NodePreflight } from "../../../../../src/model/preflight.ts";
import { buildR1, failed, type Scene } from "../../../../support/model-builders.ts";
import { buildWork, onNode } from "../support/preflight.ts";
import { FAILOVER, listVerdicts, type Situation, withDeadPrimary, wordsOf } from "./ask.ts";

const on = (node: string, patch: Partial<NodePreflight>): Situation => ({
  preflight: (facts) => onNode(facts, node, patch),
});
const semi = (patch: { sourceEnabled?: boolean | null; waitSessions?: number | null; clients?: number | null }) => ({
  semiSync: { sourceEnabled: false, replicaEnabled: true, clients: 1, waitSessions: 0, ...patch },
});
const event = { schema: "shop", name: "nightly", definer: "app@%" };

describe("Guards of the old primary and of what servers offer", () => {
  it.each<[string, Scene, Situation, string, RegExp]>([
    [
      "a long statement",
      buildR1(),
      on("db1", { work: [buildWork()] }),
      "long-work block force",
      /On db1, session 42 of app@10\.0\.0\.7:51000 \(shop\) has been running a statement for 12 s: UPDATE orders SET total = total \+ 1\. .*kill-session for db1, session 42/,
    ],
    [
      "an open transaction",
      buildR1(),
      on("db1", {
        work: [buildWork({ command: "Sleep", query: null }, { kind: "transaction", seconds: 30, rowsModified: 5 })],
      }),
      "long-work block force",
      /has had a transaction open for 30 s \(5 rows not committed\): no statement now/,
    ],
    [
      "work of unknown age",
      buildR1(),
      on("db1", { work: [buildWork({}, { seconds: null })] }),
      "long-work block force",
      /for an unknown time/,
    ],
    [
      "work not told",
      buildR1(),
      on("db1", { work: null }),
      "long-work unknown force",
      /running work of db1 could not be read/,
    ],
    [
      "prepared XA",
      buildR1(),
      on("db1", { preparedXa: ["X'6162',X'',1"] }),
      "prepared-xa block",
      /1 XA transaction is prepared on db1: X'6162'/,
    ],
    ["XA not told", buildR1(), on("db1", { preparedXa: null }), "prepared-xa unknown", /could not be read/],
    [
      "privileged accounts",
      buildR1(),
      on("db1", {
        privilegedAccounts: [{ account: "'app'@'%'", privilege: "READ_ONLY ADMIN" }],
        privilegedSessions: [buildWork().session],
      }),
      "privileged-writers warn",
      /'app'@'%' \(READ_ONLY ADMIN\); these are ended: session 42 of app@10\.0\.0\.7:51000/,
    ],
    [
      "accounts not told",
      buildR1(),
      on("db1", { privilegedAccounts: null }),
      "privileged-writers warn",
      /could not be read/,
    ],
    [
      "events left behind",
      buildR1(),
      on("db1", { events: [{ ...event, status: "enabled" }] }),
      "events warn",
      /1 event of db1 \(shop\.nightly\) will not be enabled on db2/,
    ],
    [
      "heartbeats of two servers",
      buildR1().node("db2", {
        heartbeats: [
          { serverId: 1, ageSeconds: 0.4 },
          { serverId: 2, ageSeconds: 0.7 },
          { serverId: 3, ageSeconds: 86_400 },
        ],
      }),
      {},
      "privileged-writers warn",
      /Heartbeats of 2 servers \(server_id 1, 2\) are written to the table on db2: only db1 \(1\) takes writes/,
    ],
    ["events not told", buildR1(), on("db1", { events: null }), "events warn", /could not be read/],
    [
      "events that run on the replica already",
      buildR1(),
      on("db2", { events: [{ ...event, status: "enabled" }], eventScheduler: "on" }),
      "events warn",
      /1 event is enabled on db2 although it is a replica/,
    ],
    [
      "events of a dead primary",
      withDeadPrimary(buildR1()),
      { ...FAILOVER, ...on("db2", { events: [{ ...event, status: "replica-disabled" }] }) },
      "events warn",
      /shop\.nightly\) will not be enabled on db2/,
    ],
    [
      "commits that wait in vain",
      buildR1().node("db1", semi({ sourceEnabled: true, waitSessions: 3 })),
      on("db1", { stuckCommits: 3 }),
      "semi-sync block force",
      /3 commits wait on db1 for a semi-sync acknowledgement, and none comes/,
    ],
    [
      "commits not told",
      buildR1().node("db1", semi({ sourceEnabled: true })),
      on("db1", { stuckCommits: null }),
      "semi-sync unknown force",
      /cannot be told/,
    ],
    [
      "the source side on a replica",
      buildR1().node("db4", semi({ sourceEnabled: true })),
      {},
      "semi-sync block",
      /db4 is a replica and has the source side/,
    ],
    [
      "missing privileges",
      buildR1(),
      on("db1", {
        missingGrants: [
          {
            statement: "SET GLOBAL read_only",
            kinds: ["read-only"],
            grant: "GRANT READ_ONLY ADMIN ON *.* TO 'ops'@'%';",
          },
        ],
      }),
      "privileges block",
      /on db1 may not run: SET GLOBAL read_only\. GRANT READ_ONLY ADMIN ON \*\.\* TO 'ops'@'%';/,
    ],
    [
      "missing privileges on a sibling",
      buildR1(),
      on("db4", {
        missingGrants: [
          {
            statement: "START REPLICA",
            kinds: ["change-source"],
            grant: "GRANT REPLICATION_SLAVE_ADMIN ON *.* TO 'ops'@'%';",
          },
        ],
      }),
      "privileges block force",
      /on db4 may not run/,
    ],
    [
      "missing privileges that every plan needs",
      buildR1(),
      on("db1", {
        missingGrants: [{ statement: "process list", kinds: [], grant: "GRANT PROCESS ON *.* TO 'ops'@'%';" }],
      }),
      "privileges block",
      /on db1 may not run: process list/,
    ],
    [
      "privileges not told",
      buildR1(),
      on("db1", { missingGrants: null }),
      "privileges unknown force",
      /could not be read/,
    ],
    ["few connections", buildR1(), on("db2", { freeConnections: 4 }), "resources warn", /db2 has 4 connections left/],
    ["connections not told", buildR1(), on("db2", { freeConnections: null }), "resources warn", /cannot be told/],
    [
      "no start of replication at boot",
      buildR1(),
      on("db1", { skipReplicaStart: true }),
      "resources warn",
      /db1 has skip_replica_start/,
    ],
    [
      "another program's lock",
      buildR1(),
      on("db1", { rivals: ["lock maxscale_mariadbmonitor is held by connection 12"] }),
      "rivals warn",
      /lock maxscale_mariadbmonitor is held by connection 12\. Pause it first/,
    ],
    [
      "another program's user",
      buildR1().node("db3", { rivalUsers: ["orchestrator"] }),
      {},
      "rivals warn",
      /orchestrator is connected/,
    ],
  ])("speak of %s", (_, scene, situation, verdict, words) => {
    expect(listVerdicts(scene, situation)).toContain(verdict);
    expect(wordsOf(verdict.split(" ")[0] ?? "", scene, situation)).toMatch(words);
  });

  it("take no offence at short work, or at work of the server itself", () => {
    const work = [buildWork({}, { seconds: 2 }), buildWork({ system: true }, { seconds: 900 })];
    expect(listVerdicts(buildR1(), on("db1", { work }))).toEqual([]);
  });

  it("take no offence at the heartbeats of the primary, nor at rows that its predecessors left", () => {
    const heartbeats = [
      { serverId: 1, ageSeconds: 0.4 },
      { serverId: 2, ageSeconds: 600 },
    ];
    const scene = buildR1();
    for (const id of [1, 2, 3, 4]) scene.node(`db${id}`, { heartbeats });
    expect(listVerdicts(scene)).toEqual([]);
  });

  it("let a primary pass whose commits wait for their replica only for a moment", () => {
    const busy = buildR1()
      .node("db1", semi({ sourceEnabled: true, waitSessions: 3 }))
      .node("db2", semi({}));
    expect(listVerdicts(busy)).toEqual([]);
  });

  it("say when the new primary has to do without semi-sync, which is no reason to refuse", () => {
    const alone = { semiSync: { sourceEnabled: false, replicaEnabled: false, clients: 0, waitSessions: 0 } };
    const source = { semiSync: { ...alone.semiSync, sourceEnabled: true, clients: 1 } };
    const unanswered = buildR1().node("db1", source).node("db2", semi({}));
    expect(listVerdicts(unanswered)).toEqual(["semi-sync warn"]);
    expect(wordsOf("semi-sync", unanswered)).toMatch(
      /^db1 waited for .*, and nobody who is to follow db2 has the replica/,
    );
    const without = buildR1().node("db1", source).node("db3", semi({}));
    expect(wordsOf("semi-sync", without)).toMatch(/db2 has no semi-sync source installed: it does without/);
    const dead = withDeadPrimary(buildR1()).readNode("db1", failed()).node("db2", semi({})).node("db3", semi({}));
    expect(wordsOf("semi-sync", dead, FAILOVER)).toMatch(/^Whether db1 waited for .* is not known; db2 has given them/);
  });

  it("ask for no privilege that only other plans need", () => {
    const missing = {
      statement: "SET GLOBAL event_scheduler",
      kinds: ["event-scheduler"],
      grant: "GRANT SUPER …",
    } as const;
    expect(listVerdicts(buildR1(), on("db1", { missingGrants: [missing] }))).toEqual([]);
  });

  it("name the first of much work and count the rest", () => {
    const work = Array.from({ length: 20 }, (_, id) => buildWork({ id }));
    expect(wordsOf("long-work", buildR1(), on("db1", { work }))).toMatch(/12 more on db1 take longer than 2 s/);
  });

  it("are content when the plan enables the events", () => {
    const scene = buildR1();
    const verdicts = listVerdicts(scene, {
      ...on("db1", { events: [{ ...event, status: "enabled" }] }),
      steps: (steps) => [...steps, { kind: "enable-event", node: "db2", ...event }],
    });
    expect(verdicts).toEqual([]);
  });

  it("tell what a restart would make of the roles unless the plan persists them", () => {
    expect(wordsOf("resources", buildR1())).toMatch(
      /db1 is read-only until its next restart only.*\n?.*db2 is writable until its next restart only/s,
    );
    const kept: Situation = {
      steps: (steps) => [
        ...steps,
        ...[true, false].map((is) => ({ kind: "persist-read-only", node: is ? "db1" : "db2", on: is }) as const),
      ],
    };
    expect(wordsOf("resources", buildR1(), kept)).toBe("");
  });

  it("do not ask about work once the writes are stopped", () => {
    const stopped: Situation = {
      ...on("db1", { work: [buildWork()], preparedXa: ["x"] }),
      steps: (steps) => steps.filter((each) => each.kind !== "read-only" || !each.on),
    };
    expect(listVerdicts(buildR1().node("db1", { readOnly: true }), stopped)).toEqual([]);
  });
});
