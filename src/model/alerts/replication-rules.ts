/** Rules about replication threads, lag and errant transactions. */
import { isSourceSilent } from "../lag.ts";
import type { ReplicationError } from "../mysql.ts";
import { freshValue } from "../reading.ts";
import type { ChannelSnapshot, NodeSnapshot } from "../snapshot.ts";
import { formatSeconds, freshNodes, joinNames } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";

interface Following {
  readonly node: NodeSnapshot;
  readonly channel: ChannelSnapshot;
  /** Node, and channel where it has a name: stays the same while the alert lasts. */
  readonly subject: string;
  /** `db2`, or `db2 channel "reports"`. */
  readonly label: string;
}

/** Channels of nodes that answer now. */
function freshChannels(facts: ClusterFacts): Following[] {
  return facts.nodes.flatMap((node) => {
    if (freshValue(node.reading)?.channels == null) return [];
    return node.channels.map((channel): Following => {
      const named = channel.name !== "";
      return {
        node,
        channel,
        subject: named ? `${node.name} ${channel.name}` : node.name,
        label: named ? `${node.name} channel "${channel.name}"` : node.name,
      };
    });
  });
}

function nameSource(channel: ChannelSnapshot): string {
  return channel.sourceNode ?? `${channel.sourceHost}:${channel.sourcePort}`;
}

function describeError(error: ReplicationError | null): string {
  return error === null ? "" : ` Error ${error.code}: ${error.message}`;
}

/** Error numbers of a receiver that a restart of the thread cannot cure: the source no longer has the binlogs. */
const BINLOG_GONE: ReadonlySet<number> = new Set([1236, 13114]);

function adviseReceiver({ node, channel }: Following): string {
  if (channel.ioError !== null && BINLOG_GONE.has(channel.ioError.code)) {
    return `The source cannot give what ${node.name} needs next: compare their GTIDs or positions; if the logs are gone, rebuild ${node.name} from a copy.`;
  }
  if (channel.io === "connecting") {
    return `See whether ${nameSource(channel)} is alive, reachable from ${node.name}, and lets its replication account in.`;
  }
  return `If nobody stopped it on purpose: signalbox replica start ${node.name} --thread io`;
}

const replicaIoStopped: AlertRule = {
  code: "replica-io-stopped",
  severity: "warning",
  title: "A replica receives nothing",
  explains:
    "The receiver (IO) thread of a channel is stopped, or it is connecting and gets no connection. Critical when it stopped on an error.",
  evaluate: (facts) =>
    freshChannels(facts)
      .filter(({ channel }) => channel.io !== "yes")
      .map((following): Finding => {
        const { channel, node, subject, label } = following;
        const what = channel.io === "connecting" ? "cannot connect to" : "is stopped and receives nothing from";
        return {
          severity: channel.io === "no" && channel.ioError !== null ? "critical" : "warning",
          node: node.name,
          subject,
          message: `${label}: the receiver ${what} ${nameSource(channel)}.${describeError(channel.ioError)}`,
          advice: adviseReceiver(following),
        };
      }),
};

const replicaSqlStopped: AlertRule = {
  code: "replica-sql-stopped",
  severity: "warning",
  title: "A replica applies nothing",
  explains: "The applier (SQL) thread of a channel is stopped. Critical when it stopped on an error.",
  evaluate: (facts) =>
    freshChannels(facts)
      .filter(({ channel }) => channel.sql === "no")
      .map(({ channel, node, subject, label }): Finding => {
        const backlog = channel.applierBacklog === null ? "" : ` ${channel.applierBacklog} received transactions wait.`;
        return {
          severity: channel.sqlError === null ? "warning" : "critical",
          node: node.name,
          subject,
          message: `${label}: the applier is stopped; its data stands still.${backlog}${describeError(channel.sqlError)}`,
          advice:
            channel.sqlError === null
              ? `If nobody stopped it on purpose: signalbox replica start ${node.name} --thread sql`
              : `Find out why the row differs before skipping anything (duplicate or missing rows mean that ${node.name} was written to); then repair and start it, or rebuild ${node.name}.`,
        };
      }),
};

/** True when the source is a node of ours that is silent: that has its own alert, and explains why nobody can tell the lag. */
function isSourceUnseen(facts: ClusterFacts, channel: ChannelSnapshot): boolean {
  const source = channel.sourceNode === null ? undefined : facts.nodeByName.get(channel.sourceNode);
  return source !== undefined && freshValue(source.reading) === null;
}

function judgeLag(facts: ClusterFacts, { channel, node, subject, label }: Following): Finding | null {
  if (channel.io !== "yes" || channel.sql !== "yes") return null;
  const { warningSeconds, criticalSeconds } = facts.settings.lag;
  if (channel.lagSeconds === null) {
    if (isSourceUnseen(facts, channel)) return null;
    const why = isSourceSilent(channel)
      ? `no heartbeat of ${nameSource(channel)} for ${formatSeconds(channel.secondsSinceHeartbeat ?? 0)}`
      : "the server gives no figure";
    const message = `${label}: both threads run, but how late it is cannot be told: ${why}.`;
    return {
      node: node.name,
      subject,
      message,
      advice: `See whether ${nameSource(channel)} hangs; a heartbeat table gives a figure that does not depend on it.`,
    };
  }
  const late = channel.lagSeconds - (channel.delaySeconds ?? 0);
  if (late < warningSeconds) return null;
  const behind = channel.behind === null ? "" : `, ${channel.behind} transactions behind`;
  const delay = channel.delaySeconds ? ` (${channel.delaySeconds} s of it is the configured delay)` : "";
  return {
    severity: late >= criticalSeconds ? "critical" : "warning",
    node: node.name,
    subject,
    message: `${label} is ${formatSeconds(channel.lagSeconds)} behind ${nameSource(channel)} by ${channel.lagFrom}${behind}${delay}.`,
    advice: `See what its applier does (long transactions, missing keys, disk); if its reads must not be stale: signalbox drain ${node.name}.`,
  };
}

const replicaLag: AlertRule = {
  code: "replica-lag",
  severity: "warning",
  title: "A replica is late",
  explains:
    "Lag, less a configured delay, has reached lag.warning, or (critical) lag.critical. Also raised when both threads run but the lag cannot be told. Not raised while a thread is stopped: then the lag is unknown and the thread has its own alert.",
  evaluate: (facts) => freshChannels(facts).flatMap((following) => judgeLag(facts, following) ?? []),
};

const readerStopped: AlertRule = {
  code: "reader-stopped",
  severity: "critical",
  title: "A reader in service stands still",
  explains:
    "A server of a reader backend gets new reads although the applier (SQL) thread of its node is stopped: its answers get older and older.",
  evaluate: (facts) =>
    freshNodes(facts).flatMap(({ node }): Finding[] => {
      const backends = facts.readersInService.get(node.name);
      if (backends === undefined || facts.writers.has(node.name)) return [];
      if (!node.channels.some(({ sql }) => sql === "no")) return [];
      return [
        {
          node: node.name,
          subject: node.name,
          message: `${node.name} serves reads through ${joinNames(backends)} although its applier is stopped.`,
          advice: `Take it out: signalbox drain ${backends[0]}/${node.servers.find(({ server }) => server.backend === backends[0])?.server.server ?? node.name}, then repair and start its replication.`,
        },
      ];
    }),
};

const errantTransactions: AlertRule = {
  code: "errant-transactions",
  severity: "warning",
  title: "A replica has transactions of its own",
  explains:
    "A replica holds transactions its source lacks and that no node above it ever produced: somebody wrote to it, or a failover lost them elsewhere. Judged only while both answer; transactions that may still be on their way never count.",
  evaluate: (facts) =>
    freshChannels(facts).flatMap(({ channel, node, subject, label }): Finding[] => {
      if (channel.errant === null) return [];
      return [
        {
          node: node.name,
          subject,
          message: `${label} has transactions that ${nameSource(channel)} lacks: ${channel.errant}.`,
          advice: `Do not promote ${node.name} before this is settled. See what they are (mysqlbinlog, by their ids); then rebuild ${node.name}, or carry them over to the source. Set read_only=1 (super_read_only=1) against new ones.`,
        },
      ];
    }),
};

export const REPLICATION_RULES: readonly AlertRule[] = [
  readerStopped,
  replicaSqlStopped,
  replicaIoStopped,
  replicaLag,
  errantTransactions,
];
