/** Who returns, whom it is to follow, and what it still has of its old role. */

import type { ChannelSnapshot } from "../../../model/snapshot.ts";
import { selectAdminState } from "../../admin-state.ts";
import type { DraftInput } from "../../commands/command.ts";
import { RefusedError } from "../../errors.ts";
import { resolveNodes } from "../../targets.ts";
import { type ClusterView, describeSilence, type ServerView } from "../../view.ts";
import { channelTo, selectReplicationBy, type Variant } from "../variant.ts";

export interface RejoinScene extends Pick<DraftInput, "view" | "settings" | "preflight"> {
  /** The node that returns. */
  readonly node: string;
  /** The primary of now. */
  readonly primary: string;
  readonly variant: Variant;
  readonly by: "mysql-gtid" | "mariadb-gtid" | "file";
  /** Over which the node follows the primary already; null when it does not. */
  readonly channel: ChannelSnapshot | null;
  /** Over which the primary follows the node: the other half of a pair; null elsewhere. */
  readonly back: ChannelSnapshot | null;
  /** Channels to other nodes of the cluster, and a default channel to somewhere else: what is left of an old role. */
  readonly stale: readonly ChannelSnapshot[];
  readonly writerServers: readonly ServerView[];
  /** Servers of the node in reader backends that are to serve again once it has caught up. */
  readonly readerServers: readonly ServerView[];
  /** Both sides take writes by configuration. */
  readonly isMultiWriter: boolean;
}

function assertAnswers(view: ClusterView, name: string): void {
  const node = view.node(name);
  if (node === null || view.report(name) === null) {
    const why = node === null ? "it is not known" : describeSilence(node.reading);
    const advice = `Start it read-only and without replication first: \`read_only = ON\` and \`skip_slave_start\` in its my.cnf.`;
    throw new RefusedError(`${name} does not answer (${why}).`, advice);
  }
  if (view.report(name)?.channels !== null) return;
  throw new RefusedError(
    `${name} does not tell whom it follows.`,
    "Grant the account the privilege for replica status.",
  );
}

/**
 * The one other node that takes writes; of several the one that took over from this node, or the one HAProxy sends writes to.
 * @throws RefusedError when nobody does, or it cannot be told who
 */
function selectPrimary({ view, preflight }: Pick<DraftInput, "view" | "preflight">, node: string): string {
  const last = preflight?.lastPromotion ?? null;
  const wasDemoted = last !== null && last.from === node && last.to !== node;
  const expected = view.cluster.writer?.expected ?? [];
  const isMultiWriter = view.cluster.writer?.multiWriter === true;
  if (expected.includes(node) && view.report(node)?.readOnly === false && !wasDemoted && !isMultiWriter) {
    throw new RefusedError(
      `${node} gets the writes: it is the primary.`,
      "Move the writes first: `signalbox promote` the node that is to take them.",
    );
  }
  const writable = view.cluster.nodes
    .map(({ name }) => name)
    .filter((name) => name !== node && view.report(name)?.readOnly === false);
  const routed = writable.filter((name) => expected.includes(name));
  if (wasDemoted && writable.includes(last.to) && (routed.length === 0 || routed.includes(last.to))) return last.to;
  const [only, ...more] = routed.length > 0 ? routed : writable;
  if (only === undefined) {
    throw new RefusedError(
      `No other node takes writes: there is no primary that ${node} could follow.`,
      "Promote a node first.",
    );
  }
  if (more.length > 0) {
    throw new RefusedError(
      `${[only, ...more].join(" and ")} take writes: whom ${node} is to follow cannot be told.`,
      "Make all but the primary read-only first.",
    );
  }
  return only;
}

/** As the replicas of the primary do it; without any, by what the last promotion kept, else by GTID where the servers have it. */
function selectBy(input: Pick<DraftInput, "view" | "preflight">, node: string, primary: string): RejoinScene["by"] {
  const { view, preflight } = input;
  if (channelTo(view, node, primary) !== null) return selectReplicationBy(view, node, primary);
  const report = view.report(node);
  const byGtid = report?.flavor === "mariadb" ? "mariadb-gtid" : "mysql-gtid";
  const sibling = view.cluster.nodes.find(
    ({ name }) => view.report(name) !== null && channelTo(view, name, primary) !== null,
  );
  if (sibling !== undefined) return channelTo(view, sibling.name, primary)?.usesGtid === true ? byGtid : "file";
  const last = preflight?.lastPromotion ?? null;
  if (last?.from === node && last.to === primary && (last.positions.open?.file ?? null) !== null) return "file";
  if (byGtid === "mariadb-gtid") return byGtid;
  return report?.gtid.mode === "ON" ? byGtid : "file";
}

/** Those that serve reads now, and those that the promotion took out; what somebody else took out stays out. */
function selectReaders({ view, preflight }: Pick<DraftInput, "view" | "preflight">, node: string): ServerView[] {
  const last = preflight?.lastPromotion ?? null;
  const takenOut = last?.from === node ? (last.takenOut ?? []) : [];
  return view.servers.filter(({ haproxy, node: name, server }) => {
    if (name !== node || !view.cluster.readerBackends.includes(server.backend)) return false;
    if (selectAdminState(server) === "ready") return true;
    return (
      selectAdminState(server) === "maint" &&
      takenOut.some(
        (each) => each.haproxy === haproxy && each.backend === server.backend && each.server === server.server,
      )
    );
  });
}

/** @throws TargetError, RefusedError */
export function selectRejoin({ request, view, settings, preflight }: DraftInput): RejoinScene {
  const [node = ""] = resolveNodes(view, request.targets);
  assertAnswers(view, node);
  const primary = selectPrimary({ view, preflight }, node);
  assertAnswers(view, primary);
  const channel = channelTo(view, node, primary);
  const back = channelTo(view, primary, node);
  const by = selectBy({ view, preflight }, node, primary);
  const multiWriter = view.cluster.writer?.multiWriter === true;
  const isPair = channel !== null && back !== null;
  const backend = view.cluster.writer?.backend ?? null;
  return {
    view,
    settings,
    preflight,
    node,
    primary,
    variant: isPair ? (multiWriter ? "multi-writer" : "pair") : by,
    by,
    channel,
    back,
    stale: (view.node(node)?.channels ?? []).filter(
      ({ sourceNode, name }) => sourceNode !== primary && (sourceNode !== null || (name === "" && channel === null)),
    ),
    writerServers: view.servers.filter((each) => each.node === node && each.server.backend === backend),
    readerServers: selectReaders({ view, preflight }, node),
    isMultiWriter: isPair && multiWriter,
  };
}
