/** Every action of the console as data: its key, its names, where it works, and the request it becomes, or why not. The same function greys the key and builds the request. */
import type { CommandRequest, CommandId as EngineCommand, OperationEntry } from "../../model/operation.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { describeNoMove } from "../../model/why-no-move.ts";
import {
  ADDRESS_ALIASES,
  FAILOVER_ALIASES,
  PROMOTE_ALIASES,
  REJOIN_ALIASES,
  REPLICATION_ALIASES,
  START_ALIASES,
  STOP_ALIASES,
} from "../aliases.ts";
import { selectSessionsNode } from "../selectors/tables.ts";
import { type ConsoleState, type PaneId, selectCluster } from "../state/state.ts";
import { selectDirection, whyNotReplication } from "./replication.ts";
import { buildRequest } from "./request.ts";
import { type NoTargets, selectRowKey, selectTargets } from "./targets.ts";

export type ActionId =
  | "drain"
  | "maintenance"
  | "enable"
  | "weight"
  | "shutdown-sessions"
  | "replication"
  | "promote"
  | "failover"
  | "failover-accept-loss"
  | "undo"
  | "rejoin"
  | "replica-start"
  | "replica-stop"
  | "io-start"
  | "io-stop"
  | "sql-start"
  | "sql-stop"
  | "channel-start"
  | "channel-stop"
  | "read-only-on"
  | "read-only-off"
  | "kill-session"
  | "reapply"
  | "move-ip"
  | "resume";

export interface Action {
  readonly id: ActionId;
  /** Key of contract §4; null: only in the palette. */
  readonly key: string | null;
  readonly title: string;
  readonly aliases: readonly string[];
  readonly panes: readonly PaneId[];
  readonly hint?: { readonly word: string; readonly rank: number };
  readonly build: (state: ConsoleState, cluster: ClusterSnapshot) => CommandRequest | NoTargets;
}

const ROW_PANES: readonly PaneId[] = ["nodes", "haproxy", "replication"];
const ALL_PANES: readonly PaneId[] = ["nodes", "haproxy", "replication", "timeline", "operations", "sessions"];

/** Commands on servers of HAProxy: a node means all its servers. */
function onServers(command: EngineCommand): Action["build"] {
  return (state, cluster) => {
    const rows = selectTargets(state);
    if ("whyNot" in rows) return rows;
    return buildRequest(command, cluster.name, { targets: rows.servers });
  };
}

function selectNodes(state: ConsoleState): readonly string[] | NoTargets {
  const rows = selectTargets(state);
  if ("whyNot" in rows) return rows;
  const known = rows.nodes.filter((node) => node !== null);
  return known.length === rows.nodes.length ? known : { whyNot: "no MySQL node is known behind that server" };
}

function onNodes(command: EngineCommand): Action["build"] {
  return (state, cluster) => {
    const nodes = selectNodes(state);
    return "whyNot" in nodes ? nodes : buildRequest(command, cluster.name, { targets: nodes });
  };
}

/** Commands that give one node another role: never several at once. */
function onOneNode(
  command: "promote" | "rejoin",
  promotion: CommandRequest["promotion"] = { failover: false, acceptLoss: false },
): Action["build"] {
  return (state, cluster) => {
    const nodes = selectNodes(state);
    if ("whyNot" in nodes) return nodes;
    if (nodes.length > 1) return { whyNot: `${nodes.length} nodes are marked: one at a time (Esc clears the marks)` };
    return buildRequest(command, cluster.name, { targets: nodes, ...(command === "promote" ? { promotion } : {}) });
  };
}

/** @param direction null: by how it is now */
function onReplication(direction: "start" | "stop" | null, thread: "io" | "sql" | null = null): Action["build"] {
  return (state, cluster) => {
    const nodes = selectNodes(state);
    if ("whyNot" in nodes) return nodes;
    const reason = nodes.map((name) => whyNotReplication(cluster, name)).find((each) => each !== null);
    if (reason !== undefined) return { whyNot: reason };
    const chosen = direction ?? selectDirection(cluster, nodes);
    if (typeof chosen !== "string") return chosen;
    return buildRequest(`replica-${chosen}`, cluster.name, { targets: nodes, thread });
  };
}

/** The channel of the selected row of the Replication pane. */
function onChannel(direction: "start" | "stop"): Action["build"] {
  return (state, cluster) => {
    const key = selectRowKey(state);
    if (typeof key !== "string") return key;
    for (const { name, channels } of cluster.nodes) {
      const channel = channels.find((each) => `${name}/${each.name}` === key);
      if (channel === undefined) continue;
      const reason = whyNotReplication(cluster, name);
      if (reason !== null) return { whyNot: reason };
      return buildRequest(`replica-${direction}`, cluster.name, { targets: [name], channel: channel.name });
    }
    return { whyNot: "choose the row of a channel" };
  };
}

const killSession: Action["build"] = (state, cluster) => {
  const key = selectRowKey(state);
  if (typeof key !== "string") return key;
  const node = selectSessionsNode(state);
  if (node === null) return { whyNot: "no node is selected" };
  return buildRequest("kill-session", cluster.name, { targets: [node], sessionId: Number(key) });
};

const reapply: Action["build"] = (_state, cluster) =>
  cluster.haproxies.some(({ reload }) => (reload?.restore ?? []).length > 0)
    ? buildRequest("reapply", cluster.name)
    : { whyNot: "no reload was seen that lost anything" };

/** To the other host; with several to choose from the plan says so, and the command line names one. */
const moveIp: Action["build"] = (_state, cluster) => {
  const why = describeNoMove(cluster.floatingIp ?? null);
  return why === null ? buildRequest("move-ip", cluster.name) : { whyNot: why };
};

/** In the Operations pane the operation of the selected row, elsewhere the last one that the journal has for it. */
function onOperation(
  command: "undo" | "resume",
  canBe: (entry: OperationEntry) => boolean,
  not: string,
): Action["build"] {
  return (state, cluster) => {
    if (state.pane !== "operations") return buildRequest(command, cluster.name);
    const key = selectRowKey(state);
    if (typeof key !== "string") return key;
    const entry = state.journal[cluster.name]?.find(({ id }) => id === key);
    if (entry !== undefined && !canBe(entry)) return { whyNot: not };
    return buildRequest(command, cluster.name, { operationId: key });
  };
}

const named = (
  id: ActionId,
  title: string,
  aliases: readonly string[],
  build: Action["build"],
  panes: readonly PaneId[] = ROW_PANES,
): Action => ({ id, key: null, title, aliases, panes, build });

const keyed = (
  id: ActionId,
  key: string,
  title: string,
  aliases: readonly string[],
  build: Action["build"],
  panes: readonly PaneId[] = ROW_PANES,
): Action => ({ id, key, title, aliases, panes, build });

export const ACTIONS: readonly Action[] = [
  keyed(
    "drain",
    "D",
    "drain",
    ["drain server", "set server state drain", "soft stop", "offline soft", "cordon"],
    onServers("drain"),
  ),
  keyed(
    "maintenance",
    "M",
    "maintenance",
    ["maint", "disable server", "set server state maint", "offline hard"],
    onServers("maint"),
  ),
  keyed(
    "enable",
    "E",
    "enable (ready)",
    ["ready", "enable server", "set server state ready", "undrain", "uncordon", "online"],
    onServers("ready"),
  ),
  keyed("weight", "W", "weight", ["set weight", "set server weight"], onServers("weight")),
  keyed(
    "shutdown-sessions",
    "X",
    "shut down sessions",
    ["kill sessions", "shutdown sessions server", "cut sessions"],
    onServers("shutdown-sessions"),
  ),
  keyed("replication", "S", "start or stop replication of the node", REPLICATION_ALIASES, onReplication(null)),
  keyed("promote", "P", "promote (planned)", PROMOTE_ALIASES, onOneNode("promote")),
  keyed(
    "undo",
    "U",
    "undo the last operation",
    ["take back", "revert", "rollback"],
    onOperation("undo", ({ undoable }) => undoable, "it has changed nothing that could be taken back"),
    ALL_PANES,
  ),
  keyed("rejoin", "R", "rejoin as a replica", REJOIN_ALIASES, onOneNode("rejoin")),
  named(
    "failover",
    "promote after failure (failover)",
    FAILOVER_ALIASES,
    onOneNode("promote", { failover: true, acceptLoss: false }),
  ),
  named(
    "failover-accept-loss",
    "promote after failure, accept the known loss (failover)",
    ["accept loss", ...FAILOVER_ALIASES],
    onOneNode("promote", { failover: true, acceptLoss: true }),
  ),
  named("replica-start", "start replication", START_ALIASES, onReplication("start")),
  named("replica-stop", "stop replication", STOP_ALIASES, onReplication("stop")),
  named("io-start", "start the IO thread", ["start io_thread", "receiver"], onReplication("start", "io")),
  named("io-stop", "stop the IO thread", ["stop io_thread", "receiver"], onReplication("stop", "io")),
  named("sql-start", "start the SQL thread", ["start sql_thread", "applier"], onReplication("start", "sql")),
  named("sql-stop", "stop the SQL thread", ["stop sql_thread", "applier"], onReplication("stop", "sql")),
  named("channel-start", "start this channel", ["start replication for channel"], onChannel("start"), ["replication"]),
  named("channel-stop", "stop this channel", ["stop replication for channel"], onChannel("stop"), ["replication"]),
  named(
    "read-only-on",
    "read-only on",
    ["set global read_only on", "super_read_only", "fence", "freeze writes"],
    onNodes("read-only-on"),
  ),
  named(
    "read-only-off",
    "read-only off (open for writes)",
    ["set global read_only off", "writable"],
    onNodes("read-only-off"),
  ),
  named("kill-session", "kill the session", ["kill connection", "kill client"], killSession, ["sessions"]),
  named("reapply", "re-apply what a reload took back", ["restore runtime state", "after reload"], reapply, ALL_PANES),
  keyed("move-ip", "I", "move the floating address to the other host", ADDRESS_ALIASES, moveIp, ALL_PANES),
  named(
    "resume",
    "resume an operation that was cut short",
    ["continue", "finish", "carry on"],
    onOperation("resume", ({ open }) => open, "nothing of it is left to be done"),
    ALL_PANES,
  ),
];

const BY_ID = new Map(ACTIONS.map((action) => [action.id, action]));

/** The request of an action as things are now, or the reason why there is none. */
export function buildAction(id: ActionId, state: ConsoleState): CommandRequest | NoTargets {
  const action = BY_ID.get(id);
  const cluster = selectCluster(state);
  if (action === undefined) return { whyNot: "there is no such action" };
  if (state.readOnly) return { whyNot: "signalbox was started read-only" };
  if (state.frozen !== null) return { whyNot: "the screen is frozen: f runs it again" };
  if (state.engineStopped) return { whyNot: "the engine has stopped" };
  if (cluster === null) return { whyNot: "nothing is known of the cluster yet" };
  return action.build(state, cluster);
}
