/** The scenarios there are. */
import { commitTransaction } from "../world/binlog.ts";
import { killNode, startNode } from "../world/faults.ts";
import { setServerState } from "../world/proxy-admin.ts";
import { reloadHaproxy } from "../world/proxy-process.ts";
import { stopThreads } from "../world/replica-control.ts";
import { secondsBehind } from "../world/replication.ts";
import type { Node, World } from "../world/state.ts";
import { drill } from "./drill.ts";
import {
  deliverEverything,
  findWriter,
  isFollowing,
  isInService,
  isTakenOut,
  isWholeBehind,
  listWriters,
  nodeOf,
  serversOf,
} from "./look.ts";
import { after, neverLost, type Scenario, type Scene, tell, timed } from "./scenario.ts";
import { vipDouble } from "./vip-double.ts";

function setHoldBack(world: World, name: string, milliseconds: number): void {
  for (const { applier } of nodeOf(world, name).channels) applier.holdBackMs = milliseconds;
}

const nothing = (): void => undefined;

/** A reader that has nothing to do with the matter is taken out of service. */
const wrongReader =
  (...others: readonly string[]) =>
  ({ world }: Scene): boolean =>
    others.some((name) => isTakenOut(world, `read_nodes/${name}`));

const twoWriters = ({ world }: Scene): boolean => listWriters(world).length > 1;

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
    const { world, seconds, happened } = scene;
    const returned = happened.get("return");
    if (returned !== undefined)
      return seconds < returned + 25
        ? tell("db1 is back, writable and following nobody: it has to become a replica again.")
        : { text: "Select db1 and press R: it rejoins, unless it has writes that nobody else has.", isHelp: true };
    if (happened.has("crash") && findWriter(world) !== null)
      return tell("Writes flow again. Whoever looks after db1 will start it in a moment.");
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
      name: "flows",
      when: ({ world, happened }) => happened.has("crash") && findWriter(world) !== null,
      apply: nothing,
    },
    {
      // Not while the promotion still looks whether everything is as it has to be.
      name: "return",
      when: ({ seconds, happened }) =>
        seconds >= Math.max(45, (happened.get("flows") ?? Number.POSITIVE_INFINITY) + 30),
      apply: (world) => startNode(world, nodeOf(world, "db1")),
    },
  ],
  milestones: {},
  mistakes: {
    "two nodes took writes at the same time": twoWriters,
  },
  isWon: ({ world, happened }) => {
    const writer = findWriter(world);
    return happened.has("return") && writer !== null && isWholeBehind(world, writer);
  },
  holdSeconds: 3,
  whyLost: neverLost,
};

const lagHints = timed(
  [25, "db4 lags more and more, and read_nodes goes on sending readers to it."],
  [45, "Keep new readers off it: a drain of read_nodes/db4 does that, and leaves those who read alone."],
  [60, "In the HAProxy pane (2) select read_nodes/db4, press D and then y."],
);

/** Of what it has received; a thread that stands still counts as far behind. */
function secondsBehindOf(world: World, name: string): number {
  return Math.max(
    0,
    ...nodeOf(world, name).channels.map((channel) => secondsBehind(world, channel) ?? Number.POSITIVE_INFINITY),
  );
}

const laggingReplica: Scenario = {
  name: "lagging-replica",
  goal: "db4 falls minutes behind. Keep readers off it while it is, and give it back to them once it has caught up.",
  shape: "r1",
  parSeconds: 100,
  hint: (scene) => {
    const { world, happened, reached } = scene;
    if (!reached.has("out")) return lagHints(scene);
    if (!happened.has("over"))
      return tell("Readers keep off db4. It is busy with a report, and lags until that is done.");
    if (secondsBehindOf(world, "db4") > 2)
      return tell("The report is over: db4 catches up. Nobody should read from it before.");
    return isInService(world, "read_nodes/db4")
      ? tell("db4 has caught up and is read from again.")
      : { text: "db4 has caught up: select read_nodes/db4 and press E.", isHelp: false };
  },
  prepare: nothing,
  happenings: [
    { name: "report", when: after(10), apply: (world) => setHoldBack(world, "db4", 180_000) },
    { name: "over", when: after(80), apply: (world) => setHoldBack(world, "db4", 100) },
  ],
  milestones: { out: (world) => isTakenOut(world, "read_nodes/db4") },
  mistakes: {
    "db4 was given back to readers while it was far behind": ({ world, reached }) =>
      reached.has("out") && isInService(world, "read_nodes/db4") && secondsBehindOf(world, "db4") > 5,
    "a reader that had caught up was taken out": wrongReader("db2", "db3"),
  },
  isWon: ({ world, happened, reached }) =>
    happened.has("over") &&
    reached.has("out") &&
    isInService(world, "read_nodes/db4") &&
    isFollowing(world, nodeOf(world, "db4"), nodeOf(world, "db1"), 2),
  holdSeconds: 3,
  whyLost: neverLost,
};

/** Whether a node has committed anything itself. */
function hasOwnWrites({ binlogState, serverId }: Node): boolean {
  return [...binlogState].some(([pair, sequence]) => pair.endsWith(`-${serverId}`) && sequence > 0);
}

const splitBrain: Scenario = {
  name: "split-brain",
  goal: "Somebody opened db2 for writes beside db1. Leave one writable node before the nightly job begins to write to db2.",
  shape: "r1",
  parSeconds: 40,
  hint: timed(
    [15, "Two nodes are writable: db1, which gets the writes, and db2, which must not."],
    [35, "Nothing was written to db2 yet: select it, press :, type read-only on and press Enter."],
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
  milestones: { "own-writes": (world) => hasOwnWrites(nodeOf(world, "db2")) },
  mistakes: {
    "db1, which has the writes, was made read-only": ({ world }) => nodeOf(world, "db1").readOnly,
    "two nodes took writes at the same time": twoWriters,
  },
  isWon: ({ world, happened }) =>
    happened.has("opened") && findWriter(world) === nodeOf(world, "db1") && isWholeBehind(world, nodeOf(world, "db1")),
  holdSeconds: 3,
  whyLost: ({ happened, reached }) =>
    happened.has("job") && reached.has("own-writes")
      ? "The job wrote to db2: it has a transaction that nobody else has, and must be rebuilt."
      : null,
};

const applierHints = timed(
  [20, "db3 receives but does not apply: its readers see what was true at the moment it stopped."],
  [40, "1205 is a lock wait that timed out: it goes away by itself, and the applier only has to be started again."],
  [60, "Select db3, press S, then y."],
);

const brokenApplier: Scenario = {
  name: "broken-applier",
  goal: "The applier of db3 stops with an error that goes away by itself. Let it catch up, and readers come back to it only then.",
  shape: "r1",
  parSeconds: 60,
  hint: (scene) => {
    const { world, reached } = scene;
    if (!reached.has("stopped") || secondsBehindOf(world, "db3") === Number.POSITIVE_INFINITY)
      return applierHints(scene);
    if (secondsBehindOf(world, "db3") > 2) return tell("db3 applies again, and catches up.");
    return isInService(world, "read_nodes/db3")
      ? tell("db3 has caught up, and is read from.")
      : tell("db3 has caught up: make read_nodes/db3 ready again (E).");
  },
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
  milestones: {
    stopped: (world) => nodeOf(world, "db3").channels.some(({ applier }) => applier.error?.code === 1205),
    out: (world) => isTakenOut(world, "read_nodes/db3"),
  },
  mistakes: {
    "db3 was given back to readers before it had caught up": ({ world, reached }) =>
      reached.has("out") && isInService(world, "read_nodes/db3") && secondsBehindOf(world, "db3") > 5,
    "a reader that had caught up was taken out": wrongReader("db2", "db4"),
  },
  isWon: ({ world, reached }) =>
    reached.has("stopped") &&
    isFollowing(world, nodeOf(world, "db3"), nodeOf(world, "db1"), 2) &&
    isInService(world, "read_nodes/db3"),
  holdSeconds: 3,
  whyLost: neverLost,
};

const reloadHints = timed(
  [24, "lb1 was reloaded: every state that was set at run time is gone, and readers get to db3."],
  [40, "Put read_nodes/db3 out again, as it was before: into maintenance."],
  [55, "In the HAProxy pane (2) select read_nodes/db3, press M and then y."],
);

const haproxyReload: Scenario = {
  name: "haproxy-reload",
  goal: "db3 is being rebuilt and out of service. A reload of HAProxy forgets that: take it out again before many read from it.",
  shape: "r1",
  parSeconds: 45,
  hint: (scene) => {
    const { world, happened, seconds } = scene;
    if (!happened.has("reload") || !isTakenOut(world, "read_nodes/db3")) return reloadHints(scene);
    return seconds < 60
      ? tell("Nobody new gets to db3. Sessions that began meanwhile stay until they end.")
      : { text: "Select read_nodes/db3 and press X: its sessions are shut down.", isHelp: true };
  },
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
  mistakes: { "a reader that was in order was taken out": wrongReader("db2", "db4") },
  isWon: ({ world, happened }) =>
    happened.has("reload") &&
    serversOf(world, "read_nodes/db3").every(({ maint, drain, sessions }) => (maint || drain) && sessions.size === 0),
  holdSeconds: 3,
  whyLost: neverLost,
};

const drainHints = timed(
  [5, "db4 is read from like the others. First nobody new may come to it."],
  [20, "A drain keeps the sessions there are, and lets no new ones come."],
  [30, "In the HAProxy pane (2) select read_nodes/db4, press D and then y."],
);

const drainNeverEnds: Scenario = {
  name: "drain-never-ends",
  goal: "db4 is to be restarted for its kernel, and its readers hold their connections for ever. Free it of sessions.",
  shape: "r1",
  parSeconds: 45,
  hint: (scene) => {
    if (!isTakenOut(scene.world, "read_nodes/db4")) return drainHints(scene);
    return scene.seconds < 45
      ? tell(
          "Nobody new comes to db4. The pools of its clients never give a connection back: a drain alone does not end.",
        )
      : {
          text: "Press X on read_nodes/db4, type db4 and Enter: its clients connect again, to db2 and db3.",
          isHelp: true,
        };
  },
  prepare: (world) => {
    for (const server of serversOf(world, "read_nodes/db4"))
      for (const session of server.sessions) session.lasting = true;
  },
  happenings: [],
  milestones: {},
  mistakes: {
    "sessions were shut down while new ones could still come": ({ world }) =>
      !isTakenOut(world, "read_nodes/db4") &&
      serversOf(world, "read_nodes/db4").some(({ sessions }) => [...sessions].every(({ lasting }) => !lasting)),
    "a reader that was in order was taken out": wrongReader("db2", "db3"),
  },
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
  vipDouble,
  drill,
];
