/** Who hands the writes to whom, and everything the parts of the plan need to know of it. What cannot be planned is refused here, in words. */
import type { ChannelSnapshot, NodeSnapshot } from "../../../model/snapshot.ts";
import type { DraftInput } from "../../commands/command.ts";
import { RefusedError } from "../../errors.ts";
import { resolveNodes } from "../../targets.ts";
import { type ClusterView, describeSilence } from "../../view.ts";
import { channelTo, selectVariant, selectWaitBy, type Variant } from "../variant.ts";
import { selectWriterServers, type WriterServers } from "../writer-servers.ts";

/** A replica of the old primary that is to follow the new one. */
export interface Sibling {
  readonly node: string;
  /** The one that reads from the old primary; others of the node stay as they are. */
  readonly channel: ChannelSnapshot;
}

export interface Switch extends Pick<DraftInput, "view" | "settings" | "preflight"> {
  readonly from: string;
  readonly to: string;
  readonly variant: Variant;
  readonly servers: WriterServers;
  /** Of the candidate, from the old primary. */
  readonly channel: ChannelSnapshot;
  /** How the candidate is waited for. */
  readonly by: "gtid" | "file";
  readonly siblings: readonly Sibling[];
  /** Those that do not answer: nobody can point them anywhere. */
  readonly silentSiblings: readonly string[];
}

/** @throws TargetError, RefusedError */
export function selectSwitch({ request, view, settings, preflight }: DraftInput): Switch {
  const [to = "", second] = resolveNodes(view, request.targets);
  if (second !== undefined) {
    throw new RefusedError(
      `One node can take the writes, not ${request.targets.length}.`,
      "Name the one to be promoted.",
    );
  }
  const node = assertAnswers(view, to, "Promote a node that does, or bring it back first.");
  const from = selectPrimary(view, node);
  assertAnswers(view, from, `When it is dead, use \`signalbox promote ${to} --failover\`.`);
  assertTop(view, from, to);
  assertSoleWriter(view, from, to);
  const channel = channelTo(view, to, from);
  if (channel === null) throw followsNobody(to);
  const followers = view.cluster.nodes.flatMap((each): Sibling[] => {
    const own = each.name === to ? null : channelTo(view, each.name, from);
    return own === null || each.name === from ? [] : [{ node: each.name, channel: own }];
  });
  const answers = ({ node: name }: Sibling) => view.report(name) !== null;
  return {
    view,
    settings,
    preflight,
    from,
    to,
    variant: selectVariant(view, from, to),
    servers: selectWriterServers(view, [from], to),
    channel,
    by: selectWaitBy(view, to, from),
    siblings: followers.filter(answers),
    silentSiblings: followers.filter((each) => !answers(each)).map((each) => each.node),
  };
}

function assertAnswers(view: ClusterView, name: string, advice: string): NodeSnapshot {
  const node = view.node(name);
  const report = view.report(name);
  if (node === null || report === null) {
    const why = node === null ? "it is not known" : describeSilence(node.reading);
    throw new RefusedError(`${name} does not answer (${why}).`, advice);
  }
  if (report.channels === null) {
    throw new RefusedError(
      `${name} does not tell whom it follows.`,
      "Its account lacks the privilege to read the replica status: see `signalbox status`.",
    );
  }
  return node;
}

const followsNobody = (node: string) =>
  new RefusedError(
    `${node} follows no node of this cluster: what it lacks cannot be told.`,
    "Only a replica of the primary can be promoted.",
  );

/** The node the candidate follows; of several the one that gets the writes. */
function selectPrimary(view: ClusterView, node: NodeSnapshot): string {
  const expected = view.cluster.writer?.expected ?? [];
  const isPrimary = () =>
    new RefusedError(
      `${node.name} is the primary already.`,
      "Name the replica that is to take the writes: `signalbox status` lists them.",
    );
  const sources = node.channels.flatMap(({ sourceNode }) => sourceNode ?? []);
  const [first] = sources;
  if (first === undefined)
    throw expected.includes(node.name) || node.role === "source" ? isPrimary() : followsNobody(node.name);
  const source = sources.find((name) => expected.includes(name)) ?? first;
  const isPair = channelTo(view, source, node.name) !== null;
  const isAlone = expected.includes(node.name) && !expected.includes(source);
  if (isPair && isAlone && view.report(node.name)?.readOnly === false) throw isPrimary();
  return source;
}

/** Only a direct replica of the node at the top holds, or can be waited for to hold, everything. */
function assertTop(view: ClusterView, from: string, to: string): void {
  for (const { name, sourceNode, sourceHost, sourcePort, io, sql } of view.node(from)?.channels ?? []) {
    if (sourceNode === to) continue;
    if (io === "no" && sql === "no") {
      const left = sourceNode ?? `${sourceHost}:${sourcePort}`;
      throw new RefusedError(
        `${from} takes the writes and still has a stopped channel${name === "" ? "" : ` ${name}`} from ${left}: whether it belongs to it cannot be told.`,
        `Forget it on ${from} when it is a remainder (RESET … ALL), then promote.`,
      );
    }
    if (sourceNode !== null) {
      throw new RefusedError(
        `${to} follows ${from}, which itself follows ${sourceNode}: it is in the second tier.`,
        `Move it up first, so that it follows ${sourceNode} directly, or promote ${from}.`,
      );
    }
    throw new RefusedError(
      `${from} itself follows ${sourceHost}:${sourcePort}, which is none of this cluster: ${to} would have to take that over.`,
      `Give ${to} that source by hand after stopping it on ${from}, then promote.`,
    );
  }
}

/** Somebody else who gets writes would lose them, or keep them. */
function assertSoleWriter(view: ClusterView, from: string, to: string): void {
  const { writer } = view.cluster;
  const others = (writer?.expected ?? []).filter((name) => name !== from && name !== to);
  const [other] = others;
  if (writer === null || other === undefined) return;
  const which = others.length > 1 ? others.join(" and ") : other;
  throw new RefusedError(
    `Backend ${writer.backend} sends writes to ${which}, and ${to} follows ${from}.`,
    `Take ${which} out of ${writer.backend} first (\`signalbox maint\`), or promote a replica of it.`,
  );
}
