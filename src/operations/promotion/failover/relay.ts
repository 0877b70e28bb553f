/**
 * What was received is applied before anything else, in the one order that keeps relay logs (PROMOTION.md §2.5.4): appliers that stand still are
 * started while their receiver still tries to connect, then receivers are stopped, then the relay logs are drained.
 */
import type { Fact } from "../../../model/operation.ts";
import { selectAddress } from "../address.ts";
import { BOUNDS, goOn, inSection, isWritable, type Move, UNDO_RANK } from "../move.ts";
import type { Sheet } from "../sheet.ts";
import { changeSource, type NewSource, readPosition, startReplication, waitPosition } from "../steps.ts";
import type { FailoverScene, Survivor } from "./scene.ts";

const DRAIN_SECONDS = 60;

/** The way back is the way in reverse: the candidate leaves whom it fetched from, appliers run, receivers run, appliers stand still as found. */
const RANK = {
  leave: UNDO_RANK.replication + 0.1,
  source: UNDO_RANK.replication + 0.2,
  applier: UNDO_RANK.replication + 0.3,
  receiver: UNDO_RANK.replication + 0.4,
  foundStopped: UNDO_RANK.replication + 0.5,
} as const;

type Word = "running" | "stopped" | null;

const threads = ({ node, channel }: Survivor, io: Word, sql: Word): Fact => ({
  kind: "replication",
  node,
  channel: channel.name,
  io,
  sql,
});

function threadMove(
  survivor: Survivor,
  action: "start" | "stop",
  thread: "io" | "sql",
  facts: Pick<Move, "title" | "before" | "after" | "undo" | "limitMs">,
): Move {
  const { node, channel } = survivor;
  return {
    target: { kind: "node", node },
    change: { kind: "replication", node, action, thread, channel: channel.name },
    found: `IO ${channel.io}, SQL ${channel.sql}`,
    section: "before",
    limitMs: BOUNDS.stop,
    ...facts,
  };
}

function startApplier(scene: FailoverScene, survivor: Survivor): Move[] {
  const { node, channel } = survivor;
  if (channel.sql !== "no") return [];
  const io = scene.by === "mariadb-gtid" ? "running" : null;
  return [
    threadMove(survivor, "start", "sql", {
      title: `start the applier of ${node}, which keeps its relay logs`,
      before: [threads(survivor, io, "stopped")],
      after: [threads(survivor, null, "running")],
      undo: {
        change: { kind: "replication", node, action: "stop", thread: "sql", channel: channel.name },
        after: [threads(survivor, null, "stopped")],
        rank: RANK.foundStopped,
      },
    }),
  ];
}

function stopReceiver(scene: FailoverScene, survivor: Survivor): Move[] {
  const { node, channel } = survivor;
  if (channel.io === "no") return [];
  const keepsRelayLogs = scene.by === "mariadb-gtid" ? [threads(survivor, null, "running")] : [];
  return [
    threadMove(survivor, "stop", "io", {
      title: `stop the receiver of ${node}`,
      before: [],
      after: [threads(survivor, "stopped", null)],
      undo: {
        change: { kind: "replication", node, action: "start", thread: "io", channel: channel.name },
        after: [threads(survivor, "running", null)],
        before: keepsRelayLogs,
        rank: RANK.receiver,
      },
    }),
  ];
}

function drainRelay({ by }: FailoverScene, { node, channel }: Survivor): Move {
  return {
    title: `apply everything that ${node} has received`,
    target: { kind: "node", node },
    change: {
      kind: "drain-relay",
      node,
      channel: channel.name,
      by: by === "file" ? "file" : "gtid",
      timeoutSeconds: DRAIN_SECONDS,
    },
    before: [],
    after: [],
    undo: null,
    found: channel.applierBacklog === null ? "" : `${channel.applierBacklog} received and not applied`,
    section: "before",
    limitMs: (DRAIN_SECONDS + 1) * 1000,
  };
}

/** @param needed nodes without whose relay logs the run must not go on */
export function addRelayLogs(sheet: Sheet, scene: FailoverScene, needed: readonly string[]): void {
  const survivors = [scene.candidate, ...scene.siblings].filter(({ hindrance }) => hindrance === null);
  const judged = (survivor: Survivor) => (move: Move) => (needed.includes(survivor.node) ? move : goOn(move));
  const add = (moves: (survivor: Survivor) => readonly Move[]) =>
    sheet.group(survivors.flatMap((survivor) => moves(survivor).map(judged(survivor))));
  add((survivor) => startApplier(scene, survivor));
  add((survivor) => stopReceiver(scene, survivor));
  add((survivor) => [drainRelay(scene, survivor)]);
}

/** The candidate follows the replica that has received most until it holds the same; by GTID, with the login it has. */
export function addFetch(sheet: Sheet, scene: FailoverScene, source: Survivor): void {
  const { view, settings, from, to, candidate, by } = scene;
  const { channel } = candidate;
  const address = selectAddress(view, settings, source.node);
  const here: NewSource = { node: to, channel: channel.name, source: source.node, ...address };
  const notOpen = isWritable(to, false);
  const start = (thread: "sql" | "both", action: "start" | "stop") =>
    ({ kind: "replication", node: to, action, thread, channel: channel.name }) as const;
  sheet.group([
    threadMove(candidate, "stop", "sql", {
      title: `stop the applier of ${to}, which has nothing left to apply`,
      limitMs: BOUNDS.leave,
      before: [],
      after: [threads(candidate, "stopped", "stopped")],
      undo: {
        change: start("sql", "start"),
        after: [threads(candidate, null, "running")],
        before: [notOpen],
        rank: RANK.applier,
      },
    }),
  ]);
  const follow = by === "mariadb-gtid" ? "gtid-pos" : "auto-position";
  const old = { kind: "change-source", node: to, channel: channel.name, follow, position: null } as const;
  const login = { kind: "keep" } as const;
  const oldAddress = { host: channel.sourceHost, port: channel.sourcePort };
  const standsStill = { io: "stopped", sql: "stopped" } as const;
  const name = { node: to, channel: channel.name };
  const must = (move: Move): Move => {
    const { onFailure: _goOn, ...rest } = inSection("before", move);
    return rest;
  };
  sheet.group([
    {
      ...must(changeSource(here, { follow, position: null }, login)),
      before: [threads(candidate, "stopped", "stopped")],
      undo: {
        change: { ...old, ...oldAddress, login },
        after: [{ kind: "follows", ...name, ...oldAddress, ...standsStill }],
        before: [threads(candidate, "stopped", "stopped"), notOpen],
        rank: RANK.source,
      },
      found: `follows ${from}`,
    },
  ]);
  sheet.group([
    {
      ...must(startReplication(here)),
      undo: {
        change: start("both", "stop"),
        after: [{ kind: "follows", ...name, ...address, ...standsStill }],
        before: [notOpen],
        rank: RANK.leave,
      },
    },
  ]);
  sheet.group([inSection("before", readPosition(source.node, "ahead"))]);
  const position = { kind: "role", role: "ahead", node: source.node } as const;
  const wait = {
    node: to,
    channel: channel.name,
    position,
    of: source.node,
    by: "gtid",
    timeoutSeconds: DRAIN_SECONDS,
  } as const;
  sheet.group([inSection("before", waitPosition(wait))]);
}

export function addProof(sheet: Sheet, scene: FailoverScene): void {
  const others = scene.siblings.map(({ node }) => node);
  if (others.length === 0) return;
  const { to, candidate, by } = scene;
  sheet.group([
    {
      title: `see that no other replica has applied more than ${to}`,
      target: { kind: "node", node: to },
      change: {
        kind: "confirm-most-advanced",
        node: to,
        others,
        by: by === "file" ? "file" : "gtid",
        channel: candidate.channel.name,
      },
      before: [],
      after: [],
      undo: null,
      found: "",
      section: "before",
    },
  ]);
}
