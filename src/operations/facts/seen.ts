/** Whether facts hold by what a server said of itself right after a change, on the connection that made it: no look is needed then. */
import type { MysqlSeen } from "../../drivers/contract.ts";
import { addressKey } from "../../model/address.ts";
import type { Fact } from "../../model/operation.ts";
import type { SeenAfter } from "../ports.ts";
import { nameOf } from "../view.ts";
import { combineFindings, type FactFinding } from "./evaluate.ts";

const tell = (holds: boolean, now: string): FactFinding => ({ holds: holds ? "true" : "false", now });

/** Null when the answer does not tell about all of them. `about`: the node or HAProxy that answered. */
export function judgeSeen(facts: readonly Fact[], seen: SeenAfter, about: string): FactFinding | null {
  const findings: FactFinding[] = [];
  for (const fact of facts) {
    const finding = judgeOne(fact, seen, about);
    if (finding === null) return null;
    findings.push(finding);
  }
  return combineFindings(findings);
}

function judgeOne(fact: Fact, seen: SeenAfter, about: string): FactFinding | null {
  if ("haproxy" in fact) return fact.haproxy === about ? judgeServer(fact, seen) : null;
  if (!("node" in fact)) return null;
  return fact.node === about && seen.mysql !== undefined ? judgeNode(fact, seen.mysql) : null;
}

function judgeServer(fact: Extract<Fact, { readonly haproxy: string }>, { servers }: SeenAfter): FactFinding | null {
  if (fact.kind !== "admin-state" && fact.kind !== "weight") return null;
  const server = servers?.find(({ backend, server: name }) => backend === fact.backend && name === fact.server);
  if (server === undefined) return null;
  const name = nameOf(fact);
  if (fact.kind === "weight") {
    if (server.weight === null) return null;
    return tell(server.weight === fact.weight, `${name} has weight ${server.weight} on ${fact.haproxy}`);
  }
  // What keeps it out in effect may be inherited; what was set is told by the reasons.
  const reasons = server.adminReasons;
  if (reasons === null) return null;
  const forced = reasons.includes("maint-forced") ? "maint" : reasons.includes("drain-forced") ? "drain" : "ready";
  return tell(forced === fact.state, `${name} is ${forced} on ${fact.haproxy}`);
}

function judgeNode(fact: Extract<Fact, { readonly node: string }>, seen: MysqlSeen): FactFinding | null {
  const { node } = fact;
  switch (fact.kind) {
    case "read-only":
    case "writable": {
      const { readOnly } = seen;
      if (readOnly === undefined) return null;
      const words = readOnly.on ? (readOnly.superToo ? "read-only, super too" : "read-only") : "writable";
      const holds =
        fact.kind === "writable"
          ? readOnly.on !== fact.is
          : readOnly.on === fact.on && readOnly.superToo === fact.superToo;
      return tell(holds, `${node} is ${words}`);
    }
    case "event-scheduler": {
      const on = seen.eventSchedulerOn;
      return on === undefined ? null : tell(on === fact.on, `the event scheduler of ${node} is ${on ? "on" : "off"}`);
    }
    case "semi-sync-source": {
      const on = seen.semiSyncSourceOn;
      return on === undefined ? null : tell(on === fact.on, `${node} is ${on ? "a" : "no"} semi-sync source`);
    }
    case "applier-checkpoint": {
      const now = seen.applierCheckpointMs;
      return now === undefined
        ? null
        : tell(now === fact.milliseconds, `the applier of ${node} has a checkpoint every ${now} ms`);
    }
    case "session-gone":
      return null;
    default:
      return seen.channels === undefined ? null : judgeChannel(fact, seen.channels);
  }
}

type ChannelFact = Extract<Fact, { readonly channel: string }>;

function judgeChannel(fact: ChannelFact, channels: NonNullable<MysqlSeen["channels"]>): FactFinding {
  const { node } = fact;
  const channel = channels.find(({ name }) => name === fact.channel);
  if (fact.kind === "no-channel") {
    const there = channel !== undefined;
    return tell(!there, there ? `${node} has the channel still` : `${node} follows nobody over it`);
  }
  if (channel === undefined) return tell(false, `${node} has no such channel`);
  const sql = channel.sql === "no" ? "stopped" : "running";
  const error = channel.sqlError ?? channel.ioError;
  const why = error === null || error.code === 0 ? "" : ` (error ${error.code}: ${error.message})`;
  if (fact.kind === "replication") {
    const io = channel.io === "no" ? "stopped" : "running";
    const holds = (fact.io === null || fact.io === io) && (fact.sql === null || fact.sql === sql);
    return tell(holds, `${node}: IO ${io}, SQL ${sql}${why}`);
  }
  // A receiver that only tries to connect does not follow yet.
  const io = channel.io === "yes" ? "running" : channel.io === "no" ? "stopped" : "connecting";
  const isThere = addressKey(channel.host, channel.port) === addressKey(fact.host, fact.port);
  const holds = isThere && (fact.io === null || fact.io === io) && (fact.sql === null || fact.sql === sql);
  return tell(holds, `${node} follows ${channel.host}:${channel.port}: IO ${io}, SQL ${sql}${why}`);
}
