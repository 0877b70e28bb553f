/** Rules about who gets writes. */
import type { MysqlReport } from "../mysql.ts";
import { provesLife } from "../reading.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { freshNodes, isWritable, joinNames, reportOf } from "./facts.ts";
import { ROUTE_RULES } from "./route-rules.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";
import { describeOut, isOutForGood } from "./server-rules.ts";

/** Members of Galera and Group Replication agree on writes among themselves; two of them taking writes is no split brain. */
function isGroupMember(report: MysqlReport): boolean {
  return report.galera === true || report.groupReplication === true;
}

/** Writable nodes that get new writes or still hold sessions of the writer backend. */
function selectReachedByWrites(facts: ClusterFacts): string[] {
  return freshNodes(facts)
    .filter(({ report }) => isWritable(report) && !isGroupMember(report))
    .map(({ node }) => node.name)
    .filter((name) => facts.writers.has(name) || (facts.writerSessions.get(name) ?? 0) > 0);
}

function describeReach(facts: ClusterFacts, name: string): string {
  const sessions = facts.writerSessions.get(name) ?? 0;
  const fresh = facts.writers.has(name) ? "gets new writes" : "gets no new writes";
  return `${name} ${fresh} and holds ${sessions} writer session${sessions === 1 ? "" : "s"}`;
}

function findTwoWriters(facts: ClusterFacts): Finding[] {
  const reached = selectReachedByWrites(facts);
  if (reached.length < 2) return [];
  const backend = facts.writer?.backend ?? "";
  const extra = reached.filter((name) => !facts.writers.has(name));
  const victim = extra[0] ?? reached.at(-1) ?? "";
  return [
    {
      node: victim,
      subject: backend,
      message: `Split brain: ${joinNames(reached)} are writable and all reached by writes through ${backend}: ${reached.map((name) => describeReach(facts, name)).join("; ")}.`,
      advice: `Keep one. On the other: SET GLOBAL read_only=1, then "set server ${backend}/SERVER state maint" and "shutdown sessions server ${backend}/SERVER" on every HAProxy; then compare their GTIDs before anything else. If this is meant, set writer.multi_writer: true.`,
    },
  ];
}

/** True when the node has to do with this cluster's traffic, and is not some other database behind the same HAProxy. */
function belongs(facts: ClusterFacts, node: NodeSnapshot): boolean {
  if (node.knownFrom !== "haproxy" || facts.writer === null) return true;
  const backends = new Set([facts.writer.backend, ...facts.readerBackends]);
  return node.servers.some(({ server }) => backends.has(server.backend));
}

/** A dump thread of one of our nodes that says it follows others only lingers on: nobody follows for it. */
function isAlone(facts: ClusterFacts, { node, report }: { node: NodeSnapshot; report: MysqlReport }): boolean {
  if (report.channels === null || report.channels.length > 0) return false;
  if (facts.topology.followersOf(node.name).length > 0) return false;
  return !(report.attachedReplicas ?? []).some((replica) => facts.topology.isAttached(replica, node.name));
}

/** Writable, nobody's source, following nobody, while another node takes the writes or feeds the replicas. */
function findLoners(facts: ClusterFacts): Finding[] {
  const writable = freshNodes(facts).filter(({ report }) => isWritable(report) && !isGroupMember(report));
  const loners = writable.filter((entry) => isAlone(facts, entry) && belongs(facts, entry.node));
  return loners.flatMap(({ node }): Finding[] => {
    const others = writable.filter((entry) => {
      return (
        entry.node !== node &&
        belongs(facts, entry.node) &&
        (facts.writers.has(entry.node.name) || !isAlone(facts, entry))
      );
    });
    const onlyWriter = facts.writers.has(node.name) && !others.some((entry) => facts.writers.has(entry.node.name));
    const rivals = onlyWriter ? others.filter((entry) => entry.node.role === "source") : others;
    if (rivals.length === 0) return [];
    const names = joinNames(rivals.map((entry) => entry.node.name));
    return [
      {
        node: node.name,
        subject: node.name,
        message: `Split brain: ${node.name} is writable, follows nobody and nobody follows it, while ${names} ${rivals.length === 1 ? "is" : "are"} writable too.`,
        advice: onlyWriter
          ? `HAProxy sends writes to ${node.name} while replicas follow ${names}: decide which history is kept, SET GLOBAL read_only=1 on the other, and re-point the replicas to the one kept.`
          : `Fence it before anybody writes there: SET GLOBAL read_only=1 on ${node.name}. If it is the old primary that came back: signalbox rejoin ${node.name}.`,
      },
    ];
  });
}

const splitBrain: AlertRule = {
  code: "split-brain",
  severity: "critical",
  title: "Two nodes take writes",
  explains:
    "Two writable nodes can both be reached by writes: HAProxy gives them new writes now, or they still hold sessions of the writer backend. Or a writable node follows nobody and nobody follows it while another node is the writable one. Not with writer.multi_writer, where auto-increment-clash watches instead. A node whose read_only is not known right now is never counted.",
  evaluate: (facts) => {
    if (facts.writer?.multiWriter === true) return [];
    return [...findTwoWriters(facts), ...findLoners(facts)];
  },
};

const noWriter: AlertRule = {
  code: "no-writer",
  severity: "critical",
  title: "Nobody gets writes",
  explains: "A HAProxy has no usable server in the writer backend: every write is refused there.",
  evaluate: (facts) =>
    facts.choices
      .filter(({ chosen }) => chosen.length === 0)
      .map(({ haproxy, servers }): Finding => {
        const backend = facts.writer?.backend ?? "";
        const states = servers.map(({ server }) => `${server.server} ${describeOut(server)}`).join(", ");
        // One that is out for good is "ready" already, and nothing would come of saying it again.
        const isForGood = servers.some(({ server }) => isOutForGood(server));
        const back = isForGood ? 'state maint", then "state ready' : "state ready";
        return {
          node: null,
          subject: `${haproxy} ${backend}`,
          message: `${haproxy}: nobody gets writes, no server of ${backend} is usable (${states}).`,
          advice: `If the primary is alive, "set server ${backend}/SERVER ${back}" on ${haproxy}; if it is dead: signalbox promote NODE --failover.`,
        };
      }),
};

/** A primary that was closed is opened; a replica becomes the primary, or, when the old one is alive and fit, that gets the writes back. */
function adviseReadOnlyWriter(facts: ClusterFacts, name: string): string {
  const open = `SET GLOBAL read_only=0 on ${name} (and in its configuration file)`;
  const channels = facts.nodeByName.get(name)?.channels ?? [];
  if (facts.writer?.multiWriter === true) {
    const link = facts.freshLinks.find(({ node, server }) => node === name && server.backend === facts.writer?.backend);
    return `If it is to take writes: ${open}. If not, or until then: signalbox maint ${link === undefined ? name : `${link.server.backend}/${link.server.server}`}.`;
  }
  const alive = freshNodes(facts).find(
    ({ node, report }) => node.role === "source" && isWritable(report) && node.name !== name,
  );
  const giveBack = alive === undefined ? null : adviseGivingBack(facts, name, alive.node);
  if (channels.length === 0) {
    const first = `${name} follows nobody: see who closed it (a restart with read_only in its configuration file, a switchover that runs or was cut short). If it is the primary: ${open}.`;
    return giveBack === null ? first : `${first} ${giveBack}`;
  }
  const silent = channels.flatMap(({ sourceNode }) => facts.nodeByName.get(sourceNode ?? "") ?? []).filter(isSilent);
  const living = silent.find(({ reading }) => reading.state === "failed" && provesLife(reading.failure));
  if (alive === undefined && living !== undefined)
    return `${living.name} is alive and only cannot be read: its own alert comes first. Then: signalbox promote ${name}, or give ${living.name} the writes back.`;
  const make = `Make ${name} the primary: signalbox promote ${name}${alive === undefined && silent.length > 0 ? " --failover" : ""}.`;
  return giveBack === null ? make : `${make} ${giveBack}`;
}

function isSilent({ reading }: NodeSnapshot): boolean {
  return reading.state === "failed" || reading.state === "stale";
}

/** Null where no HAProxy that sends the writes to `from` has a server of the other one. */
function adviseGivingBack(facts: ClusterFacts, from: string, { name, servers }: NodeSnapshot): string | null {
  const where = facts.choices.filter(({ chosen }) => chosen.some(({ node }) => node === from));
  const links = servers.filter(
    ({ haproxy, server }) =>
      server.backend === facts.writer?.backend && where.some((choice) => choice.haproxy === haproxy),
  );
  const [link] = links;
  if (link === undefined) return null;
  const server = `${link.server.backend}/${link.server.server}`;
  return `Or, as ${name} is alive and writable, give it the writes back: "set server ${server} state maint", then "state ready" on ${joinNames(links.map(({ haproxy }) => haproxy))}.`;
}

const writerReadOnly: AlertRule = {
  code: "writer-read-only",
  severity: "critical",
  title: "Writes are sent to a read-only node",
  explains: "HAProxy gives new writes to a node that has read_only on: they fail with error 1290 (or 1836).",
  evaluate: (facts) =>
    [...facts.writers].flatMap((name): Finding[] => {
      if (reportOf(facts, name)?.readOnly !== true) return [];
      return [
        {
          node: name,
          subject: name,
          message: `${facts.writer?.backend} sends new writes to ${name}, which is read-only: they fail.`,
          advice: adviseReadOnlyWriter(facts, name),
        },
      ];
    }),
};

const backupWritable: AlertRule = {
  code: "backup-writable",
  severity: "warning",
  title: "The backup of the writer backend is writable",
  explains:
    "A backup server of the writer backend has read_only off while another server gets the writes: nothing but HAProxy keeps it from writes, and a failover needs no decision.",
  evaluate: (facts) => {
    if (facts.writer === null || facts.writer.multiWriter || facts.writers.size === 0) return [];
    const backend = facts.writer.backend;
    const backups = new Set(
      facts.freshLinks
        .filter(({ server }) => server.backend === backend && server.backup)
        .flatMap(({ node }) => node ?? []),
    );
    return [...backups].flatMap((name): Finding[] => {
      if (facts.writers.has(name) || !isWritable(reportOf(facts, name))) return [];
      return [
        {
          node: name,
          subject: name,
          message: `${name} is a backup of ${backend} and writable: nothing but HAProxy keeps it from writes.`,
          advice: `SET GLOBAL read_only=1 on ${name} (and in its configuration file); promotion opens it when it is meant to take over.`,
        },
      ];
    });
  },
};

const autoIncrementClash: AlertRule = {
  code: "auto-increment-clash",
  severity: "warning",
  title: "Writers hand out the same auto-increment values",
  explains:
    "With writer.multi_writer, nodes that get writes must have one auto_increment_increment, at least as large as their number, and different auto_increment_offset values.",
  evaluate: (facts) => {
    if (facts.writer?.multiWriter !== true) return [];
    const settings = [...facts.writers].flatMap((name) => {
      const report = reportOf(facts, name);
      const increment = report?.autoIncrementIncrement ?? null;
      const offset = report?.autoIncrementOffset ?? null;
      return report === null || !isWritable(report) || increment === null || offset === null
        ? []
        : [{ name, increment, offset }];
    });
    if (settings.length < 2) return [];
    const steps = new Set(settings.map(({ increment }) => increment));
    const step = settings[0]?.increment ?? 0;
    const offsets = new Set(settings.map(({ offset }) => offset % Math.max(step, 1)));
    if (steps.size === 1 && step >= settings.length && offsets.size === settings.length) return [];
    const names = settings.map(({ name }) => name).sort();
    const figures = settings.map(({ name, increment, offset }) => `${name} increment ${increment} offset ${offset}`);
    return [
      {
        node: null,
        subject: names.join(" "),
        message: `${joinNames(names)} take writes and can hand out the same auto-increment values: ${figures.join(", ")}.`,
        advice: `Set on all: auto_increment_increment=${settings.length}, and auto_increment_offset=1…${settings.length}, a different one each (SET GLOBAL and in the configuration file; open sessions keep the old values).`,
      },
    ];
  },
};

export const WRITER_RULES: readonly AlertRule[] = [
  splitBrain,
  noWriter,
  writerReadOnly,
  ...ROUTE_RULES,
  backupWritable,
  autoIncrementClash,
];
