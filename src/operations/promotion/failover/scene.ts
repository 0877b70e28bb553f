/** Everything a failover is planned from: who is dead, who is left, and who of them can be used for what. */
import { lastKnown } from "../../../model/reading.ts";
import type { ClusterSettings } from "../../../model/settings.ts";
import type { ChannelSnapshot, NodeSnapshot } from "../../../model/snapshot.ts";
import { selectWeight } from "../../admin-state.ts";
import type { DraftInput } from "../../commands/command.ts";
import { RefusedError } from "../../errors.ts";
import { resolveNodes } from "../../targets.ts";
import { type ClusterView, describeSilence, nameOf } from "../../view.ts";
import { channelTo, selectReplicationBy, selectVariant, type Variant } from "../variant.ts";
import { selectWriterServers, type WriterServers } from "../writer-servers.ts";

/** Why a replica's relay logs cannot be applied now. */
export type Hindrance = "applier-error" | "delayed" | "threads-stopped";

export interface Survivor {
  readonly node: string;
  readonly channel: ChannelSnapshot;
  /** Null: its relay logs can be applied to the end. */
  readonly hindrance: Hindrance | null;
}

export interface FailoverScene {
  readonly view: ClusterView;
  readonly settings: ClusterSettings;
  /** The dead primary. */
  readonly from: string;
  /** The candidate. */
  readonly to: string;
  readonly variant: Variant;
  readonly by: "mysql-gtid" | "mariadb-gtid" | "file";
  readonly candidate: Survivor;
  /** Other replicas of the dead primary that answer. */
  readonly siblings: readonly Survivor[];
  /** Nodes that followed it by their last word and do not answer. */
  readonly silent: readonly string[];
  readonly servers: WriterServers;
  /** The candidate takes writes already: the other side of a pair, or a backup that was left writable. */
  readonly isOpen: boolean;
  readonly isPair: boolean;
}

/** The primary a failover to `node` is about: the silent one of those it follows, whoever HAProxy sends writes to by now. Null: none is known. */
export function selectDeadPrimary(view: ClusterView, node: string): string | null {
  const sources = [...new Set(view.node(node)?.channels.flatMap(({ sourceNode }) => sourceNode ?? []) ?? [])];
  const silent = sources.filter((name) => view.report(name) === null);
  const wasWritable = (name: string) => lastWord(view, name)?.readOnly === false;
  return silent.find(wasWritable) ?? silent[0] ?? sources[0] ?? null;
}

function lastWord(view: ClusterView, name: string) {
  const node = view.node(name);
  return node === null ? null : (lastKnown(node.reading)?.value ?? null);
}

function judgeSurvivor(view: ClusterView, node: string, channel: ChannelSnapshot): Hindrance | null {
  if (channel.sql === "no" && (channel.sqlError?.code ?? 0) !== 0) return "applier-error";
  if ((channel.delaySeconds ?? 0) > 0) return "delayed";
  const purges = channel.usesGtid && view.report(node)?.flavor === "mariadb";
  // MariaDB by GTID: once both threads stand still, starting either throws away relay logs that are not applied.
  return channel.sql === "no" && channel.io === "no" && purges ? "threads-stopped" : null;
}

const HINDRANCES: Readonly<Record<Hindrance, (node: string, channel: ChannelSnapshot) => string>> = {
  "applier-error": (node, { sqlError }) =>
    `The applier of ${node} has stopped with error ${sqlError?.code}: ${sqlError?.message}.`,
  delayed: (node, { delaySeconds }) => `${node} is delayed by ${delaySeconds} s: what it has received is not applied.`,
  "threads-stopped": (node) =>
    `Both replication threads of ${node} are stopped: starting one makes MariaDB throw away relay logs that are not applied.`,
};

export function describeHindrance({ node, channel, hindrance }: Survivor): string {
  return hindrance === null ? "" : HINDRANCES[hindrance](node, channel);
}

function selectSurvivor(view: ClusterView, { name }: NodeSnapshot, from: string): Survivor[] {
  const channel = channelTo(view, name, from);
  if (channel === null || view.report(name) === null) return [];
  return [{ node: name, channel, hindrance: judgeSurvivor(view, name, channel) }];
}

/** Anybody else who takes writes may have transactions that the candidate lacks. */
function assertOnlyWriter({ view, settings }: Pick<DraftInput, "view" | "settings">, from: string, to: string): void {
  if (settings.writer?.multiWriter === true) return;
  const other = view.cluster.nodes.find(
    ({ name }) => name !== from && name !== to && view.report(name)?.readOnly === false,
  );
  if (other === undefined) return;
  throw new RefusedError(
    `${other.name} is writable and may have taken writes since ${from} went silent.`,
    `Promote ${other.name}, or make it read-only first if it has taken none.`,
  );
}

/** A weight of 0 would keep every write away, however ready the server is. */
function assertWeight({ candidate }: WriterServers, to: string): void {
  for (const { haproxy, server } of candidate) {
    if (selectWeight(server) !== 0) continue;
    const name = nameOf(server);
    throw new RefusedError(
      `${name} has weight 0 on ${haproxy}: no write would reach ${to}.`,
      `Set one first: \`signalbox weight ${name} 1\`.`,
    );
  }
}

/** @throws TargetError, RefusedError */
export function selectScene({ request, view, settings }: DraftInput): FailoverScene {
  const [to = ""] = resolveNodes(view, request.targets);
  const node = view.node(to);
  if (node === null || view.report(to) === null) {
    const why = node === null ? "it is not known" : describeSilence(node.reading);
    throw new RefusedError(`${to} cannot be read: ${why}.`, "Promote a replica that answers.");
  }
  if (view.report(to)?.channels === null) {
    throw new RefusedError(
      `${to} does not tell whom it follows.`,
      "Grant the account the privilege for replica status.",
    );
  }
  const from = selectDeadPrimary(view, to);
  if (from === null) {
    const [channel] = node.channels;
    const takesWrites = node.role === "source" || (view.cluster.writer?.expected.includes(to) ?? false);
    if (channel === undefined && takesWrites && view.report(to)?.readOnly === false)
      throw new RefusedError(
        `${to} is the primary already.`,
        "It is open for writes and follows nobody: `signalbox operations` tells who made it so, `signalbox status` how it stands.",
      );
    const whom = channel === undefined ? "nobody" : `${channel.sourceHost}:${channel.sourcePort}, no node we know of`;
    throw new RefusedError(
      `${to} follows ${whom}: which primary it would replace cannot be told.`,
      "Promote a direct replica of the dead primary, or name the primary under `nodes:` in the configuration.",
    );
  }
  assertOnlyWriter({ view, settings }, from, to);
  const survivors = view.cluster.nodes.flatMap((each) => selectSurvivor(view, each, from));
  const candidate = survivors.find(({ node: name }) => name === to);
  if (candidate === undefined) throw new RefusedError(`${to} does not follow ${from}.`);
  if (candidate.hindrance !== null) {
    const salvage =
      candidate.hindrance === "threads-stopped"
        ? " To save them first, have it read its relay logs by file and position (RELAY_LOG_FILE and RELAY_LOG_POS as its replica status tells) without GTIDs, then start only its applier."
        : "";
    throw new RefusedError(describeHindrance(candidate), `Promote another replica.${salvage}`);
  }
  const servers = selectWriterServers(view, [from], to);
  assertWeight(servers, to);
  const variant = selectVariant(view, from, to);
  const isOpen = view.report(to)?.readOnly === false;
  return {
    view,
    settings,
    from,
    to,
    variant,
    by: selectReplicationBy(view, to, from),
    candidate,
    siblings: survivors.filter((each) => each !== candidate),
    silent: view.cluster.nodes.flatMap(({ name }) =>
      name !== from && view.report(name) === null && channelTo(view, name, from) !== null ? [name] : [],
    ),
    servers,
    isOpen,
    isPair: variant === "pair" || variant === "multi-writer",
  };
}
