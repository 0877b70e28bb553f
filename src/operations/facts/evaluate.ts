/** Whether a fact holds by what was read: true, false, or unknown; with what is the case, for people. */
import { addressKey } from "../../model/address.ts";
import type { Fact } from "../../model/operation.ts";
import { freshValue } from "../../model/reading.ts";
import { selectAdminState, selectWeight } from "../admin-state.ts";
import { evaluateAddress, evaluateTrackFile } from "../floating-ip/facts.ts";
import { type ClusterView, describeSilence, nameOf, selectQueued } from "../view.ts";
import type { FactFinding } from "./finding.ts";

export type { FactFinding };

/** Numbers of the sessions a node has; null when they could not be read. */
export type SessionIds = ReadonlyMap<string, ReadonlySet<number> | null>;

const compare = (holds: boolean, now: string): FactFinding => ({ holds: holds ? "true" : "false", now });
const unknown = (now: string): FactFinding => ({ holds: "unknown", now });

type ServerFact = Extract<Fact, { readonly server: string }>;

/** All together: false beats unknown beats true. */
export function combineFindings(findings: readonly FactFinding[]): FactFinding {
  const now = findings.map((finding) => finding.now).join(", ");
  const worst = (["false", "unknown"] as const).find((word) => findings.some(({ holds }) => holds === word));
  return { holds: worst ?? "true", now };
}

/** Whether the event scheduler of a node runs; null: could not be read. A node that is not in it was not asked. */
export type Schedulers = ReadonlyMap<string, boolean | null>;

export function evaluateFact(
  fact: Fact,
  view: ClusterView,
  sessions: SessionIds = new Map(),
  schedulers: Schedulers = new Map(),
): FactFinding {
  switch (fact.kind) {
    case "admin-state":
    case "weight":
    case "no-sessions":
      return evaluateServer(fact, view);
    case "pid":
      return evaluatePid(fact, view);
    case "replication":
      return evaluateReplication(fact, view);
    case "read-only":
      return evaluateReadOnly(fact, view);
    case "writable":
      return evaluateWritable(fact, view);
    case "follows":
      return evaluateFollows(fact, view);
    case "no-channel":
      return evaluateNoChannel(fact, view);
    case "event-scheduler": {
      const on = schedulers.get(fact.node) ?? null;
      if (on === null) return unknown(`whether the event scheduler of ${fact.node} runs cannot be told`);
      return compare(on === fact.on, `the event scheduler of ${fact.node} is ${on ? "on" : "off"}`);
    }
    case "semi-sync-source": {
      const on = view.report(fact.node)?.semiSync?.sourceEnabled ?? null;
      if (on === null) return unknown(`whether ${fact.node} is a semi-sync source cannot be told`);
      return compare(on === fact.on, `${fact.node} is ${on ? "a" : "no"} semi-sync source`);
    }
    case "applier-checkpoint": {
      const now = view.report(fact.node)?.applierCheckpointMs ?? null;
      if (now === null) return unknown(`how often the applier of ${fact.node} has a checkpoint cannot be told`);
      return compare(now === fact.milliseconds, `the applier of ${fact.node} has a checkpoint every ${now} ms`);
    }
    case "address-at":
      return evaluateAddress(fact, view);
    case "track-file":
      return evaluateTrackFile(fact, view);
    case "session-gone": {
      const ids = sessions.get(fact.node) ?? null;
      if (ids === null) return unknown(`the sessions of ${fact.node} could not be read`);
      const there = ids.has(fact.sessionId);
      return compare(!there, `session ${fact.sessionId} of ${fact.node} is ${there ? "still there" : "gone"}`);
    }
  }
}

function evaluateServer(fact: ServerFact, view: ClusterView): FactFinding {
  const haproxy = view.haproxy(fact.haproxy);
  if (haproxy === null) return unknown(`there is no HAProxy ${fact.haproxy}`);
  if (haproxy.reading.state !== "fresh") {
    return unknown(`${fact.haproxy} cannot be read: ${describeSilence(haproxy.reading)}`);
  }
  const found = view.find(fact.haproxy, fact.backend, fact.server);
  const server = found?.server;
  const name = nameOf(fact);
  if (found === null || server === undefined) return compare(false, `${name} is gone from ${fact.haproxy}`);
  switch (fact.kind) {
    case "admin-state": {
      const state = selectAdminState(server);
      if (state === null) return unknown(`the state of ${name} on ${fact.haproxy} cannot be told`);
      return compare(state === fact.state, `${name} is ${state} on ${fact.haproxy}`);
    }
    case "weight": {
      const weight = selectWeight(server);
      if (weight === null) return unknown(`the weight of ${name} on ${fact.haproxy} cannot be told`);
      return compare(weight === fact.weight, `${name} has weight ${weight} on ${fact.haproxy}`);
    }
    case "no-sessions": {
      if (server.sessions === null) return unknown(`the sessions of ${name} on ${fact.haproxy} cannot be told`);
      const queued = selectQueued(view, found);
      if (queued === null) return unknown(`the queue of ${name} on ${fact.haproxy} cannot be told`);
      const left = server.sessions + queued;
      return compare(left === 0, `${name} has ${left} ${left === 1 ? "session" : "sessions"} on ${fact.haproxy}`);
    }
  }
}

function evaluatePid(fact: Extract<Fact, { readonly kind: "pid" }>, view: ClusterView): FactFinding {
  const reading = view.haproxy(fact.haproxy)?.reading;
  const pid = reading === undefined ? null : (freshValue(reading)?.process?.pid ?? null);
  if (pid === null) return unknown(`the process of ${fact.haproxy} cannot be told`);
  return compare(pid === fact.pid, `${fact.haproxy} is process ${pid}`);
}

function evaluateReplication(fact: Extract<Fact, { readonly kind: "replication" }>, view: ClusterView): FactFinding {
  const node = view.node(fact.node);
  if (node === null || view.report(fact.node) === null) {
    return unknown(`${fact.node} cannot be read${node === null ? "" : `: ${describeSilence(node.reading)}`}`);
  }
  if (view.report(fact.node)?.channels === null) return unknown(`${fact.node} does not tell its channels`);
  const channel = node.channels.find(({ name }) => name === fact.channel);
  if (channel === undefined) return compare(false, `${fact.node} has no such channel any more`);
  const io = channel.io === "no" ? "stopped" : "running";
  const sql = channel.sql === "no" ? "stopped" : "running";
  const error = channel.sqlError ?? channel.ioError;
  const why = error === null || error.code === 0 ? "" : ` (error ${error.code}: ${error.message})`;
  const holds = (fact.io === null || fact.io === io) && (fact.sql === null || fact.sql === sql);
  return compare(holds, `${fact.node}: IO ${io}, SQL ${sql}${why}`);
}

function evaluateReadOnly(fact: Extract<Fact, { readonly kind: "read-only" }>, view: ClusterView): FactFinding {
  const node = view.node(fact.node);
  const report = view.report(fact.node);
  if (report === null || report.readOnly === null) {
    return unknown(`${fact.node} cannot be read${node === null ? "" : `: ${describeSilence(node.reading)}`}`);
  }
  const superOn = report.superReadOnly === true;
  const words = report.readOnly ? (superOn ? "read-only, super too" : "read-only") : "writable";
  return compare(report.readOnly === fact.on && superOn === fact.superToo, `${fact.node} is ${words}`);
}

function evaluateWritable(fact: Extract<Fact, { readonly kind: "writable" }>, view: ClusterView): FactFinding {
  const node = view.node(fact.node);
  const readOnly = view.report(fact.node)?.readOnly ?? null;
  if (readOnly === null) {
    return unknown(`${fact.node} cannot be read${node === null ? "" : `: ${describeSilence(node.reading)}`}`);
  }
  return compare(readOnly !== fact.is, `${fact.node} is ${readOnly ? "read-only" : "writable"}`);
}

type ChannelFact = Extract<Fact, { readonly kind: "follows" | "no-channel" }>;

/** Null: cannot be told. */
function channelsNow({ node: name }: ChannelFact, view: ClusterView) {
  return (view.report(name)?.channels ?? null) === null ? null : (view.node(name)?.channels ?? null);
}

function evaluateFollows(fact: Extract<Fact, { readonly kind: "follows" }>, view: ClusterView): FactFinding {
  const channels = channelsNow(fact, view);
  if (channels === null) return unknown(`${fact.node} does not tell its channels`);
  const channel = channels.find(({ name }) => name === fact.channel);
  if (channel === undefined) return compare(false, `${fact.node} follows nobody`);
  const to = `${channel.sourceHost}:${channel.sourcePort}`;
  const isThere = addressKey(channel.sourceHost, channel.sourcePort) === addressKey(fact.host, fact.port);
  // A receiver that only tries to connect does not follow yet.
  const io = channel.io === "yes" ? "running" : channel.io === "no" ? "stopped" : "connecting";
  const sql = channel.sql === "no" ? "stopped" : "running";
  const holds = isThere && (fact.io === null || fact.io === io) && (fact.sql === null || fact.sql === sql);
  const error = channel.sqlError ?? channel.ioError;
  const why = error === null || error.code === 0 ? "" : ` (error ${error.code}: ${error.message})`;
  return compare(holds, `${fact.node} follows ${to}: IO ${io}, SQL ${sql}${why}`);
}

function evaluateNoChannel(fact: Extract<Fact, { readonly kind: "no-channel" }>, view: ClusterView): FactFinding {
  const channels = channelsNow(fact, view);
  if (channels === null) return unknown(`${fact.node} does not tell its channels`);
  const there = channels.some(({ name }) => name === fact.channel);
  return compare(!there, there ? `${fact.node} has the channel still` : `${fact.node} follows nobody over it`);
}
