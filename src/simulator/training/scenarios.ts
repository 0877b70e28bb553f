/** The scenarios there are. */
import { commitTransaction } from "../world/binlog.ts";
import { killNode, startNode } from "../world/faults.ts";
import { setServerState } from "../world/proxy-admin.ts";
import { reloadHaproxy } from "../world/proxy-process.ts";
import { stopThreads } from "../world/replica-control.ts";
import type { World } from "../world/state.ts";
import { drill } from "./drill.ts";
import {
  deliverEverything,
  findWriter,
  isFollowing,
  isInService,
  isTakenOut,
  isWholeBehind,
  nodeOf,
  serversOf,
} from "./look.ts";
import { after, neverLost, type Scenario, timed } from "./scenario.ts";

function setHoldBack(world: World, name: string, milliseconds: number): void {
  for (const { applier } of nodeOf(world, name).channels) applier.holdBackMs = milliseconds;
}

const nothing = (): void => undefined;

const crashHints = timed(
  [20, "db1 is gone; HAProxy moved the writes to db2, which is read-only, and refuses them."],
  [40, "Select db2 and press P, then f: the plan proves that db1 is dead and promotes without it."],
  [65, "In the plan type db2 and press Enter: it runs, and the other replicas follow db2."],
);

const primaryCrash: Scenario = {
  name: "primary-crash",
  goal: "The primary dies. Bring the writes back, lose none, and take the old primary back as a replica when it returns.",
  shape: "r1",
  parSeconds: 90,
  hint: (scene) => {
    if (scene.happened.has("return"))
      return "db1 is back, writable and following nobody: select it and press R to let it rejoin.";
    if (scene.happened.has("crash") && findWriter(scene.world) !== null)
      return "Writes flow again. Whoever looks after db1 will start it in a moment.";
    return crashHints(scene);
  },
  prepare: nothing,
  happenings: [
    {
      name: "crash",
      when: after(15),
      apply: (world) => {
        deliverEverything(world);
        killNode(world, nodeOf(world, "db1"));
      },
    },
    {
      name: "return",
      when: ({ world, seconds }) => seconds >= 45 && findWriter(world) !== null,
      apply: (world) => startNode(world, nodeOf(world, "db1")),
    },
  ],
  milestones: {},
  isWon: ({ world, happened }) => {
    const writer = findWriter(world);
    return happened.has("return") && writer !== null && isWholeBehind(world, writer);
  },
  holdSeconds: 3,
  whyLost: neverLost,
};

const laggingReplica: Scenario = {
  name: "lagging-replica",
  goal: "db4 falls minutes behind. Keep readers off it while it is, and give it back to them once it has caught up.",
  shape: "r1",
  parSeconds: 100,
  hint: timed(
    [25, "db4 lags more and more, and read_nodes goes on sending readers to it."],
    [45, "Select read_nodes/db4 and drain it: new readers go to db2 and db3."],
    [95, "Its long report is over: wait until the lag is gone, then make it ready again."],
  ),
  prepare: nothing,
  happenings: [
    { name: "report", when: after(10), apply: (world) => setHoldBack(world, "db4", 180_000) },
    { name: "over", when: after(80), apply: (world) => setHoldBack(world, "db4", 100) },
  ],
  milestones: { out: (world) => isTakenOut(world, "read_nodes/db4") },
  isWon: ({ world, happened, reached }) =>
    happened.has("over") &&
    reached.has("out") &&
    isInService(world, "read_nodes/db4") &&
    isFollowing(world, nodeOf(world, "db4"), nodeOf(world, "db1"), 2),
  holdSeconds: 3,
  whyLost: neverLost,
};

const splitBrain: Scenario = {
  name: "split-brain",
  goal: "Somebody opened db2 for writes beside db1. Leave one writable node before the nightly job begins to write to db2.",
  shape: "r1",
  parSeconds: 40,
  hint: timed(
    [15, "Two nodes are writable: db1, which gets the writes, and db2, which must not."],
    [35, "Nothing was written to db2 yet: make it read-only."],
    [80, "The job starts in half a minute: what it writes to db2 nobody else will have."],
  ),
  prepare: nothing,
  happenings: [
    {
      name: "opened",
      when: after(10),
      apply: (world) => {
        nodeOf(world, "db2").readOnly = false;
      },
    },
    {
      name: "job",
      when: after(110),
      apply: (world) => {
        const node = nodeOf(world, "db2");
        if (!node.readOnly) commitTransaction(node, 400, world.nowMs);
      },
    },
  ],
  milestones: { "own-writes": (world) => (nodeOf(world, "db2").binlogState.get("0-2") ?? 0) > 0 },
  isWon: ({ world, happened }) =>
    happened.has("opened") && findWriter(world) === nodeOf(world, "db1") && isWholeBehind(world, nodeOf(world, "db1")),
  holdSeconds: 3,
  whyLost: ({ happened, reached }) =>
    happened.has("job") && reached.has("own-writes")
      ? "The job wrote to db2: it has a transaction that nobody else has, and must be rebuilt."
      : null,
};

const brokenApplier: Scenario = {
  name: "broken-applier",
  goal: "The applier of db3 stops with an error that goes away by itself. Let it catch up, and readers come back to it only then.",
  shape: "r1",
  parSeconds: 60,
  hint: timed(
    [20, "db3 receives but does not apply: its readers see what was true at the moment it stopped."],
    [40, "1205 is a lock wait that timed out: start replication of db3 again."],
    [70, "Caught up, db3 has to be in service again: make read_nodes/db3 ready if you took it out."],
  ),
  prepare: nothing,
  happenings: [
    {
      name: "error",
      when: after(10),
      apply: (world) => {
        const message =
          "Lock wait timeout exceeded; try restarting transaction; Could not execute Update_rows_v1 event on table shop.orders";
        for (const { applier } of nodeOf(world, "db3").channels) applier.failsNext = { code: 1205, message };
      },
    },
  ],
  milestones: { stopped: (world) => nodeOf(world, "db3").channels.some(({ applier }) => applier.error?.code === 1205) },
  isWon: ({ world, reached }) =>
    reached.has("stopped") &&
    isFollowing(world, nodeOf(world, "db3"), nodeOf(world, "db1"), 2) &&
    isInService(world, "read_nodes/db3"),
  holdSeconds: 3,
  whyLost: neverLost,
};

const haproxyReload: Scenario = {
  name: "haproxy-reload",
  goal: "db3 is being rebuilt and out of service. A reload of HAProxy forgets that: take it out again before many read from it.",
  shape: "r1",
  parSeconds: 45,
  hint: timed(
    [30, "lb1 was reloaded: every state that was set at run time is gone, and readers get to db3."],
    [45, "Put read_nodes/db3 into maintenance again; the plan of reapply has all that was lost."],
    [60, "Sessions that began meanwhile stay: shut them down."],
  ),
  prepare: (world) => {
    for (const channel of nodeOf(world, "db3").channels) stopThreads(channel, "sql");
    for (const server of serversOf(world, "read_nodes/db3")) setServerState(world, server, "maint");
  },
  happenings: [
    {
      name: "reload",
      when: after(20),
      apply: (world) => {
        for (const haproxy of world.haproxies) reloadHaproxy(world, haproxy);
      },
    },
  ],
  milestones: {},
  isWon: ({ world, happened }) =>
    happened.has("reload") &&
    serversOf(world, "read_nodes/db3").every(({ maint, drain, sessions }) => (maint || drain) && sessions.size === 0),
  holdSeconds: 3,
  whyLost: neverLost,
};

const drainNeverEnds: Scenario = {
  name: "drain-never-ends",
  goal: "db4 is to be restarted for its kernel, and its readers hold their connections for ever. Free it of sessions.",
  shape: "r1",
  parSeconds: 45,
  hint: timed(
    [10, "Select read_nodes/db4 and drain it: nobody new comes."],
    [35, "The pools of its clients never give a connection back: a drain alone does not end."],
    [50, "Shut its sessions down: the clients connect again, to db2 and db3."],
  ),
  prepare: (world) => {
    for (const server of serversOf(world, "read_nodes/db4"))
      for (const session of server.sessions) session.lasting = true;
  },
  happenings: [],
  milestones: {},
  isWon: ({ world }) =>
    serversOf(world, "read_nodes/db4").every(({ maint, drain, sessions }) => (maint || drain) && sessions.size === 0),
  holdSeconds: 3,
  whyLost: neverLost,
};

export const scenarios: readonly Scenario[] = [
  primaryCrash,
  laggingReplica,
  splitBrain,
  brokenApplier,
  haproxyReload,
  drainNeverEnds,
  drill,
];
