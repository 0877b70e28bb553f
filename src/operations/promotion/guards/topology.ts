import { addressKey } from "../../../model/address.ts";
import type { AttachedReplica } from "../../../model/mysql.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "../../guards/guard.ts";
import type { ClusterView } from "../../view.ts";
import {
  channelsBetween,
  hasStep,
  isFailover,
  isPlanned,
  lastReport,
  listNames,
  movesWrites,
  rolesOf,
} from "./roles.ts";

/** Where the candidate stands to the primary. */
function judgePlace(facts: GuardFacts, from: string, to: string): Finding[] {
  const { view } = facts;
  const report = view.report(to);
  if (report === null) return [];
  if (report.channels === null) {
    return [
      cannotTell(to, `Whom ${to} follows could not be read.`, "Give the account the privilege to read it.", false),
    ];
  }
  const count = channelsBetween(facts, to, from).length;
  if (count === 1) return [];
  if (count > 1) {
    const message = `${to} follows ${from} over ${count} channels: nobody knows which one tells how far it is.`;
    return [block(to, message, "Leave one channel.", false)];
  }
  const sources =
    view.node(to)?.channels.map((each) => each.sourceNode ?? `${each.sourceHost}:${each.sourcePort}`) ?? [];
  const place = sources.length === 0 ? `${to} follows nobody` : `${to} follows ${listNames(sources)}`;
  const message = `${place} and not ${from}, the primary: it cannot be told that it has everything.`;
  return [block(to, message, `Promote a direct replica of ${from}, or let ${to} follow ${from} first.`, false)];
}

/** HAProxy may have gone on to the candidate when the primary was restarted; anybody else who gets writes is one too many. */
function judgePrimary({ view }: GuardFacts, from: string, to: string): Finding[] {
  const { writer } = view.cluster;
  if (writer === null || writer.multiWriter) return [];
  const others = writer.expected.filter((name) => name !== from && name !== to);
  if (others.length > 0) {
    const message = `${writer.backend} sends writes to ${listNames(others)}, and the primary by replication is ${from}.`;
    return [block(from, message, `Bring that in order first: only ${from} may get writes.`, false)];
  }
  if (!writer.expected.includes(to)) return [];
  const message = `${writer.backend} sends writes to ${to} already, and the primary by replication is ${from}.`;
  return [warn(to, message, `As long as ${to} is read-only they fail; the plan puts that in order.`)];
}

export const topology: Guard = {
  name: "topology",
  explains: "There is exactly one primary, and the candidate follows it directly over exactly one channel.",
  applies: movesWrites,
  evaluate(facts, plan) {
    const { from, to, variant } = rolesOf(plan);
    if (from === null) {
      if (variant === "multi-writer") return [];
      const message = `No primary is known that ${to} follows: it cannot be told that it has everything.`;
      return [block(to, message, "Look at the replication of the nodes first.", false)];
    }
    if (from === to) return [block(to, `${to} is the primary already.`, "Nothing has to be done.", false)];
    // Once relay logs are applied a failover may have let it follow another replica, to fetch what it lacked; that it has all is proven by steps.
    const isFetched = isFailover(plan) && !hasStep(plan, ({ kind }) => kind === "drain-relay");
    return [
      ...(isFetched ? [] : judgePlace(facts, from, to)),
      ...(isPlanned(plan) ? judgePrimary(facts, from, to) : []),
    ];
  },
};

function isKnown({ cluster }: ClusterView, client: AttachedReplica): boolean {
  return cluster.nodes.some((node) => {
    const report = lastReport(node);
    if (client.uuid !== null && report?.serverUuid?.toLowerCase() === client.uuid.toLowerCase()) return true;
    if (client.serverId !== null && report?.serverId === client.serverId) return true;
    if (client.host === null || client.port === null) return false;
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(node.address) ?? [];
    return addressKey(host, Number(port)) === addressKey(client.host, client.port);
  });
}

export const leftBehind: Guard = {
  name: "left-behind",
  explains:
    "Every client that reads the binary log of the old primary is a known node; others would be left behind with it.",
  applies: (plan) => movesWrites(plan) && !isFailover(plan),
  evaluate({ view }, plan) {
    const { from } = rolesOf(plan);
    const report = view.report(from);
    if (from === null || report === null) return [];
    const { attachedReplicas } = report;
    if (attachedReplicas === null) {
      const message = `Who reads the binary log of ${from} could not be read.`;
      return [cannotTell(from, message, "Give the account PROCESS; --force leaves whoever it is behind.", true)];
    }
    // A dump thread that tells only its host is counted against the replicas known by the host: no id, no proof.
    const strangers = attachedReplicas.filter((client) => !isKnown(view, client));
    const nameless = strangers.filter(({ serverId, uuid }) => serverId === null && uuid === null);
    const followers = view.node(from)?.replicas.length ?? 0;
    const isExplained = attachedReplicas.length <= followers && nameless.length === strangers.length;
    if (strangers.length === 0 || isExplained) return [];
    return strangers.map((client) => {
      const id = client.serverId === null ? "a client without server_id" : `server_id ${client.serverId}`;
      const at = client.host === null ? "" : ` at ${client.host}${client.port === null ? "" : `:${client.port}`}`;
      const message = `${id}${at} reads the binary log of ${from} and is no known node: it will be left behind.`;
      return warn(from, message, "Add it to the configuration, or point it to the new primary afterwards.");
    });
  },
};

export const upstream: Guard = {
  name: "upstream",
  explains: "The old primary follows nobody outside the plan: that replication would end with its role.",
  applies: (plan) => movesWrites(plan),
  evaluate({ view }, plan) {
    const { from, to } = rolesOf(plan);
    const node = view.node(from);
    if (from === null || node === null) return [];
    const report = lastReport(node);
    // A dead primary that was never seen cannot be asked; the candidate's route is judged by itself.
    if (report === null) return [];
    if (report.channels === null) {
      return [cannotTell(from, `Whether ${from} follows somebody could not be read.`, "Look at it by hand.", false)];
    }
    return node.channels.flatMap((channel): Finding[] => {
      if (channel.sourceNode === to) return [];
      const key = addressKey(channel.sourceHost, channel.sourcePort);
      const isCarried = plan.steps.some(
        ({ change }) =>
          change.kind === "change-source" && change.node === to && addressKey(change.host, change.port) === key,
      );
      if (isCarried) return [];
      const source = channel.sourceNode ?? `${channel.sourceHost}:${channel.sourcePort}`;
      const name = channel.name === "" ? "" : ` (channel ${channel.name})`;
      const message = `${from} itself follows ${source}${name}: ${to} would no longer get what comes from there.`;
      return [block(from, message, `Promote a replica of ${source} instead, or end that channel first.`, false)];
    });
  },
};
