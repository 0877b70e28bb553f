/**
 * Single steps on nodes, each with its facts, bound and way back. Sections and consequences are those of a planned switchover; other plans
 * spread a step and say otherwise. Groups are given by the sheet (sheet.ts); steps on HAProxy are in server-steps.ts.
 */
import type { Change, Fact, PositionSource } from "../../model/operation.ts";
import type { ScheduledEvent } from "../../model/preflight.ts";
import type { PositionRole } from "../../model/source-position.ts";
import type { ClusterView } from "../view.ts";
import { BOUNDS, isWritable, type Move, UNDO_RANK } from "./move.ts";

type NodeMove = Pick<Move, "title" | "change"> & { readonly node: string } & Partial<Move>;

/** A step on a node with nothing to be read before, nothing after and no way back, as far as nothing else is said. */
function onNode({ node, ...move }: NodeMove): Move {
  return { target: { kind: "node", node }, before: [], after: [], undo: null, found: "", ...move };
}

const seconds = (bound: number): number => bound * 1000;

// --- Read-only -----------------------------------------------------------------------------------------------------------------------------

interface Fence {
  readonly on: boolean;
  readonly superToo: boolean;
}

function fenceOf(view: ClusterView, node: string) {
  const report = view.report(node);
  const hasSuper = (report?.superReadOnly ?? null) !== null;
  const found = report?.readOnly == null ? null : { on: report.readOnly, superToo: report.superReadOnly === true };
  return { hasSuper, found };
}

const describeFence = (fence: Fence | null): string => {
  if (fence === null) return "not known whether read-only";
  if (!fence.on) return "writable";
  return fence.superToo ? "read-only, super too" : "read-only";
};

/**
 * Makes a node read-only, `super_read_only` too where it has it. Taken back to what was found, never further, and only after `undoBefore`
 * has been read to hold. Sent also when it is so already: the statement waits for what still commits.
 */
export function freezeNode(
  view: ClusterView,
  node: string,
  options: { readonly lockWaitSeconds: number; readonly undoBefore: readonly Fact[]; readonly undoRank?: number },
): Move {
  const { hasSuper, found } = fenceOf(view, node);
  const wanted = { on: true, superToo: hasSuper };
  const fact = (fence: Fence): Fact => ({ kind: "read-only", node, ...fence });
  const change = (fence: Fence): Change => ({
    kind: "read-only",
    node,
    on: fence.on,
    superToo: fence.on ? fence.superToo : hasSuper,
  });
  const wasSo = found === null || (found.on && found.superToo === hasSuper);
  return onNode({
    node,
    title: `stop writes on ${node}`,
    change: change(wanted),
    before: found === null ? [] : [fact(found)],
    after: [fact(wanted)],
    undo: wasSo
      ? null
      : {
          change: change(found),
          after: [fact(found)],
          before: options.undoBefore,
          rank: options.undoRank ?? UNDO_RANK.readOnly,
        },
    found: describeFence(found),
    section: "write-stop",
    limitMs: seconds(options.lockWaitSeconds),
  });
}

/** From here on nothing is taken back. `fenced`: nodes that must be read to be read-only right before. */
export function openNode(view: ClusterView, node: string, fenced: readonly string[]): Move {
  const { hasSuper, found } = fenceOf(view, node);
  return onNode({
    node,
    title: `open ${node} for writes`,
    change: { kind: "read-only", node, on: false, superToo: hasSuper },
    before: [...fenced, node].map((each) => isWritable(each, false)),
    after: [{ kind: "read-only", node, on: false, superToo: false }],
    found: describeFence(found),
    section: "write-stop",
    noReturn: true,
  });
}

export function clearSessions(node: string): Move {
  return onNode({
    node,
    title: `end sessions of ${node} that could still write`,
    change: { kind: "clear-sessions", node },
    before: [isWritable(node, false)],
    section: "write-stop",
    limitMs: BOUNDS.clear,
  });
}

export function persistReadOnly(node: string, on: boolean): Move {
  return onNode({
    node,
    title: `keep ${node} ${on ? "read-only" : "writable"} over a restart`,
    change: { kind: "persist-read-only", node, on },
    section: "after",
    onFailure: "go-on",
  });
}

// --- Positions -----------------------------------------------------------------------------------------------------------------------------

export function readPosition(node: string, role: PositionRole, channel: string | null = null): Move {
  const what = channel === null ? `the position of ${node}` : `what ${node} has applied`;
  return onNode({
    node,
    title: `read ${what}`,
    change: { kind: "read-position", node, role, channel },
    section: "write-stop",
  });
}

export function confirmPosition(node: string, role: PositionRole): Move {
  return onNode({
    node,
    title: `see that nobody has written to ${node} since`,
    change: { kind: "confirm-position", node, role },
    section: "write-stop",
  });
}

export interface Wait {
  readonly node: string;
  readonly channel: string;
  readonly position: PositionSource;
  /** Whose position it is, for people. */
  readonly of: string;
  readonly by: "gtid" | "file";
  readonly timeoutSeconds: number;
}

export function waitPosition({ of, ...wait }: Wait): Move {
  return onNode({
    node: wait.node,
    title: `wait until ${wait.node} has applied everything of ${of}`,
    change: { kind: "wait-position", ...wait },
    section: "write-stop",
    // The server's own bound ends it first.
    limitMs: seconds(wait.timeoutSeconds) + 1000,
  });
}

/** Fails when `node` has a transaction that `within` lacks. */
export function confirmContained(node: string, within: string): Move {
  return onNode({
    node,
    title: `see that ${within} has everything of ${node}`,
    change: { kind: "confirm-contained", node, within, by: "gtid" },
    section: "after",
  });
}

// --- Replication ---------------------------------------------------------------------------------------------------------------------------

const named = (channel: string): string => (channel === "" ? "" : `, channel ${channel}`);

/** Both threads. `undo`: those that ran are started again, once the facts are read to hold. */
export function stopReplication(
  view: ClusterView,
  node: string,
  channel: string,
  undo: { readonly before: readonly Fact[] } | null,
): Move {
  const found = view.node(node)?.channels.find(({ name }) => name === channel);
  const io = found?.io !== "no";
  const sql = found?.sql !== "no";
  const fact = (ioRuns: boolean, sqlRuns: boolean): Fact => ({
    kind: "replication",
    node,
    channel,
    io: ioRuns ? "running" : "stopped",
    sql: sqlRuns ? "running" : "stopped",
  });
  const thread = io && sql ? "both" : io ? "io" : "sql";
  return onNode({
    node,
    title: `stop replication of ${node}${named(channel)}`,
    change: { kind: "replication", node, action: "stop", thread: "both", channel },
    after: [fact(false, false)],
    undo:
      undo === null || (!io && !sql)
        ? null
        : {
            change: { kind: "replication", node, action: "start", thread, channel },
            after: [fact(io, sql)],
            before: undo.before,
            rank: UNDO_RANK.replication,
          },
    found: found === undefined ? "" : `IO ${found.io}, SQL ${found.sql}`,
    section: "write-stop",
    limitMs: BOUNDS.stop,
  });
}

export interface NewSource {
  readonly node: string;
  readonly channel: string;
  /** Node to follow, for people. */
  readonly source: string;
  /** Its address as the node reaches it. */
  readonly host: string;
  readonly port: number;
}

export type FollowBy =
  | { readonly follow: "auto-position" | "gtid-pos"; readonly position: null }
  | { readonly follow: "file"; readonly position: PositionSource };

export function changeSource(
  to: NewSource,
  by: FollowBy,
  login: Extract<Change, { readonly kind: "change-source" }>["login"],
): Move {
  const { node, channel, source, host, port } = to;
  return onNode({
    node,
    title: `point ${node} to ${source}${named(channel)}`,
    change: { kind: "change-source", node, channel, host, port, ...by, login },
    after: [{ kind: "follows", node, channel, host, port, io: "stopped", sql: "stopped" }],
    section: "after",
    onFailure: "go-on",
    limitMs: BOUNDS.follow,
  });
}

/** Done when both threads run and the receiver is connected to the new source. */
export function startReplication({ node, channel, source, host, port }: NewSource): Move {
  return onNode({
    node,
    title: `start replication of ${node} from ${source}${named(channel)}`,
    change: { kind: "replication", node, action: "start", thread: "both", channel },
    after: [{ kind: "follows", node, channel, host, port, io: "running", sql: "running" }],
    section: "after",
    onFailure: "go-on",
    limitMs: BOUNDS.follow,
  });
}

/** MariaDB: a node that was primary has no position, or an old one, to follow from. */
export function gtidPosition(node: string): Move {
  return onNode({
    node,
    title: `set the position ${node} follows from`,
    change: { kind: "gtid-position", node },
    before: [isWritable(node, false)],
    section: "after",
    onFailure: "go-on",
  });
}

export function resetReplication(node: string, channel: string): Move {
  return onNode({
    node,
    title: `forget the old source of ${node}${named(channel)}`,
    change: { kind: "reset-replication", node, channel },
    before: [{ kind: "replication", node, channel, io: "stopped", sql: "stopped" }],
    after: [{ kind: "no-channel", node, channel }],
    section: "after",
    onFailure: "go-on",
  });
}

// --- Events, semi-sync, route ----------------------------------------------------------------------------------------------------------------

/** `undo` puts it back to the opposite; null leaves it. */
export function eventScheduler(node: string, on: boolean, undo: "undo" | null): Move {
  const fact = (is: boolean): Fact => ({ kind: "event-scheduler", node, on: is });
  const change = (to: boolean): Change => ({ kind: "event-scheduler", node, on: to });
  return onNode({
    node,
    title: `turn the event scheduler of ${node} ${on ? "on" : "off"}`,
    change: change(on),
    after: [fact(on)],
    undo: undo === null ? null : { change: change(!on), after: [fact(!on)], before: [], rank: UNDO_RANK.events },
    found: `event scheduler ${on ? "off" : "on"}`,
    section: on ? "after" : "before",
    ...(on ? { onFailure: "go-on" as const } : {}),
  });
}

export function enableEvent(node: string, { schema, name, definer }: ScheduledEvent): Move {
  return onNode({
    node,
    title: `enable event ${schema}.${name} on ${node}`,
    change: { kind: "enable-event", node, schema, name, definer },
    before: [isWritable(node, true)],
    section: "after",
    onFailure: "go-on",
  });
}

export function semiSync(node: string, on: boolean, undo: "undo" | null): Move {
  const fact = (is: boolean): Fact => ({ kind: "semi-sync-source", node, on: is });
  const change = (to: boolean): Change => ({ kind: "semi-sync-source", node, on: to });
  return onNode({
    node,
    title: `semi-synchronous replication from ${node} ${on ? "on" : "off"}`,
    change: change(on),
    after: [fact(on)],
    undo: undo === null ? null : { change: change(!on), after: [fact(!on)], before: [], rank: UNDO_RANK.semiSync },
    found: `semi-sync source ${on ? "off" : "on"}`,
    section: on ? "write-stop" : "after",
    onFailure: "go-on",
  });
}

/** Coordinates that are waited for have to move at once; goes back to what was found. */
export function quickenApplier(node: string, foundMs: number): Move {
  return {
    ...applierCheckpoint(node, foundMs, 1),
    title: `let the coordinates of ${node} move at once`,
    undo: { ...checkpoint(node, foundMs), before: [], rank: UNDO_RANK.applier },
    section: "before",
  };
}

export function restoreApplier(node: string, foundMs: number): Move {
  return {
    ...applierCheckpoint(node, 1, foundMs),
    title: `let the coordinates of ${node} move every ${foundMs} ms as before`,
    section: "after",
    onFailure: "go-on",
  };
}

const checkpoint = (node: string, milliseconds: number) => ({
  change: { kind: "applier-checkpoint", node, milliseconds } as const,
  after: [{ kind: "applier-checkpoint", node, milliseconds } as const],
});

function applierCheckpoint(node: string, fromMs: number, toMs: number): Move {
  const found = `a checkpoint of the applier every ${fromMs} ms`;
  return onNode({ node, title: "", ...checkpoint(node, toMs), before: checkpoint(node, fromMs).after, found });
}

export function probeWriter(node: string): Move {
  return onNode({
    node,
    title: `ask through the writer's address who answers`,
    change: { kind: "probe-writer", node },
    section: "after",
    onFailure: "go-on",
  });
}
