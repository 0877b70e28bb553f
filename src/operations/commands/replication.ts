/** replica-start, replica-stop: whole, receiver (IO) or applier (SQL) thread, one channel or all. */
import type { Change, CommandId, Fact } from "../../model/operation.ts";
import type { ChannelSnapshot } from "../../model/snapshot.ts";
import { RequestError } from "../errors.ts";
import { resolveNodes } from "../targets.ts";
import type { Command, DraftInput, PlanDraft, StepDraft } from "./command.ts";
import { describeTargets } from "./server-steps.ts";

type Thread = "io" | "sql" | "both";
type Word = "running" | "stopped";

/** A receiver that cannot connect runs all the same: stopping and starting concern the thread, not the connection. */
function threadsOf(channel: ChannelSnapshot): { readonly io: Word; readonly sql: Word } {
  return { io: channel.io === "no" ? "stopped" : "running", sql: channel.sql === "no" ? "stopped" : "running" };
}

/** Threads that would change; null when none. */
function selectThread(channel: ChannelSnapshot, wanted: Thread, to: Word): Thread | null {
  const now = threadsOf(channel);
  const io = wanted !== "sql" && now.io !== to;
  const sql = wanted !== "io" && now.sql !== to;
  if (io && sql) return "both";
  if (io) return "io";
  return sql ? "sql" : null;
}

function draftStep(
  node: string,
  channel: ChannelSnapshot,
  action: "start" | "stop",
  wanted: Thread,
  group: number,
): StepDraft | null {
  const to: Word = action === "start" ? "running" : "stopped";
  const changing = selectThread(channel, wanted, to);
  if (changing === null) return null;
  const now = threadsOf(channel);
  const fact = (io: Word | null, sql: Word | null): Fact => ({
    kind: "replication",
    node,
    channel: channel.name,
    io,
    sql,
  });
  const change = (what: "start" | "stop", thread: Thread): Change => ({
    kind: "replication",
    node,
    action: what,
    thread,
    channel: channel.name,
  });
  const threads = wanted === "both" ? "replication" : `the ${wanted.toUpperCase()} thread`;
  return {
    group,
    title: `${action} ${threads} of ${node}${channel.name === "" ? "" : `, channel ${channel.name}`}`,
    target: { kind: "node", node },
    change: change(action, wanted),
    before: [fact(now.io, now.sql)],
    after: [fact(wanted === "sql" ? null : to, wanted === "io" ? null : to)],
    undo: { change: change(action === "start" ? "stop" : "start", changing), after: [fact(now.io, now.sql)] },
    found: `IO ${channel.io}, SQL ${channel.sql}${channel.lagSeconds === null ? "" : `, ${channel.lagSeconds} s behind`}`,
  };
}

function selectChannels(input: DraftInput, node: string): readonly ChannelSnapshot[] {
  const channels = input.view.node(node)?.channels ?? [];
  const { channel } = input.request;
  if (input.view.report(node) === null) return [];
  if (input.view.report(node)?.channels === null) {
    throw new RequestError(
      "targets",
      `${node} does not tell its replication channels: the account may lack a privilege.`,
    );
  }
  if (channels.length === 0) throw new RequestError("targets", `${node} replicates from nobody.`);
  if (channel === null) return channels;
  const found = channels.filter(({ name }) => name === channel);
  if (found.length > 0) return found;
  const names = channels.map(({ name }) => (name === "" ? "the default one" : name)).join(", ");
  throw new RequestError("channel", `${node} has no channel "${channel}": there is ${names}.`);
}

function draftPlan(input: DraftInput, action: "start" | "stop"): PlanDraft {
  const { request, view } = input;
  const nodes = resolveNodes(view, request.targets);
  const wanted = request.thread ?? "both";
  const steps: StepDraft[] = [];
  const notes: string[] = [];
  for (const node of nodes) {
    for (const channel of selectChannels(input, node)) {
      const step = draftStep(node, channel, action, wanted, steps.length + 1);
      if (step !== null) steps.push(step);
      else notes.push(`${node}${channel.name === "" ? "" : ` channel ${channel.name}`}: nothing to ${action}.`);
    }
  }
  const verb = action === "start" ? "Start" : "Stop";
  const what = wanted === "both" ? "replication" : `the ${wanted.toUpperCase()} thread`;
  return {
    title: `${verb} ${what} of ${describeTargets(nodes)}`,
    confirmWord: nodes[0] ?? "",
    steps,
    notes,
    watch: [],
  };
}

function createReplicationCommand(id: CommandId, action: "start" | "stop"): Command {
  return {
    id,
    danger: "reversible",
    draft: (input) => draftPlan(input, action),
  };
}

export const replicaStart = createReplicationCommand("replica-start", "start");
export const replicaStop = createReplicationCommand("replica-stop", "stop");
