/** How the node comes to follow the primary: whatever it followed is stopped, nothing of it may be lacking there, then it starts from its own place. */
import { selectAddress } from "../address.ts";
import type { Move } from "../move.ts";
import { UNDO_RANK } from "../move.ts";
import { selectLogin } from "../plan/login.ts";
import type { Sheet } from "../sheet.ts";
import {
  changeSource,
  confirmContained,
  confirmPosition,
  type FollowBy,
  gtidPosition,
  type NewSource,
  resetReplication,
  startReplication,
  stopReplication,
} from "../steps.ts";
import type { RejoinScene } from "./scene.ts";
import { plain } from "./sides.ts";

const LEAVE = UNDO_RANK.replication + 0.1;
const FORGET = UNDO_RANK.replication + 0.2;

function selectFollowBy({ by, preflight }: RejoinScene): FollowBy {
  if (by === "mysql-gtid") return { follow: "auto-position", position: null };
  if (by === "mariadb-gtid") return { follow: "gtid-pos", position: null };
  const open = preflight?.lastPromotion?.positions.open ?? { gtid: null, file: null, pos: null };
  return { follow: "file", position: { kind: "known", position: open } };
}

/** A node whose own password can be read: another replica of the primary, else what the primary kept of its time as a replica. */
function selectKeeper({ view, preflight, node, primary }: RejoinScene) {
  const others = view.cluster.nodes.filter(({ name }) => name !== node && view.report(name) !== null);
  const follows = others.flatMap(({ name, channels }) => {
    const channel =
      channels.find(({ sourceNode }) => sourceNode === primary) ?? (name === primary ? channels[0] : null);
    return channel == null ? [] : [{ node: name, channel: channel.name }];
  });
  const readable = follows.find((each) => preflight?.nodes.get(each.node)?.hasStoredReplicationPassword === true);
  return readable ?? follows[0] ?? null;
}

/** Only GTIDs can be compared by the servers; coordinates were compared with the plan. */
const mayCompare = ({ view, node, by }: RejoinScene) => by !== "file" || view.report(node)?.flavor === "mariadb";

function startFollowing(here: NewSource): Move {
  const { node, channel, host, port } = here;
  return {
    ...plain(startReplication(here)),
    undo: {
      change: { kind: "replication", node, action: "stop", thread: "both", channel },
      after: [{ kind: "follows", node, channel, host, port, io: "stopped", sql: "stopped" }],
      rank: LEAVE,
    },
  };
}

export function addFollowing(sheet: Sheet, scene: RejoinScene): void {
  const { view, settings, node, primary, stale, channel } = scene;
  sheet.group(stale.map(({ name }) => plain(stopReplication(view, node, name, { before: [] }))));
  if (channel !== null) {
    sheet.group(stale.map(({ name }) => plain(resetReplication(node, name))));
    return;
  }
  // The guards judged its log up to where it ended when the plan was made: read-only by now, it must still end there.
  sheet.group(scene.by === "file" ? [plain(confirmPosition(node, "stop"))] : []);
  sheet.group(mayCompare(scene) ? [plain(confirmContained(node, primary))] : []);
  sheet.group(stale.map(({ name }) => plain(resetReplication(node, name))));
  sheet.group(scene.by === "mariadb-gtid" ? [plain(gtidPosition(node))] : []);
  const here: NewSource = { node, channel: "", source: primary, ...selectAddress(view, settings, primary) };
  const login = selectLogin(scene, node, selectKeeper(scene));
  sheet.group([
    {
      ...plain(changeSource(here, selectFollowBy(scene), login)),
      before: [{ kind: "no-channel", node, channel: "" }],
      undo: {
        change: { kind: "reset-replication", node, channel: "" },
        after: [{ kind: "no-channel", node, channel: "" }],
        before: [{ kind: "replication", node, channel: "", io: "stopped", sql: "stopped" }],
        rank: FORGET,
      },
    },
  ]);
  sheet.group([startFollowing(here)]);
}

/** Channels that are there and stand still are started: the node's own, and in a pair the primary's, once it holds everything of the node. */
export function addMutual(sheet: Sheet, scene: RejoinScene): void {
  const { node, primary, channel, back } = scene;
  if (channel === null) return;
  const isStill = ({ io, sql }: { readonly io: string; readonly sql: string }) => io === "no" || sql === "no";
  const mustGoBack = back !== null && isStill(back);
  if (!isStill(channel) && !mustGoBack) return;
  sheet.group(mayCompare(scene) ? [plain(confirmContained(node, primary))] : []);
  sheet.group([
    ...(isStill(channel)
      ? [
          startFollowing({
            node,
            channel: channel.name,
            source: primary,
            host: channel.sourceHost,
            port: channel.sourcePort,
          }),
        ]
      : []),
    ...(mustGoBack
      ? [
          startFollowing({
            node: primary,
            channel: back.name,
            source: node,
            host: back.sourceHost,
            port: back.sourcePort,
          }),
        ]
      : []),
  ]);
}
