/** Steps that are no statement for one node: nodes are compared by fresh looks, and the writer's address is asked who answers. */
import type { CompositeChange, RouteAnswer } from "../../drivers/contract.ts";
import { describeFailure } from "../../drivers/errors.ts";
import type { MysqlReport } from "../../model/mysql.ts";
import type { Change } from "../../model/operation.ts";
import { type Containment, compareApplied, compareCoordinates, compareHistories } from "../facts/contain.ts";
import { buildView } from "../view.ts";
import { pause, type RunContext } from "./context.ts";

export interface CompositeResult {
  readonly holds: boolean;
  readonly words: string;
}

/** A health check may still have to pass before HAProxy lets the probe through. */
const PROBE_PAUSE_MS = 200;

export function isComposite(change: Change): change is CompositeChange {
  return (
    change.kind === "probe-writer" || change.kind === "confirm-most-advanced" || change.kind === "confirm-contained"
  );
}

export function runComposite(context: RunContext, change: CompositeChange, limitMs: number): Promise<CompositeResult> {
  switch (change.kind) {
    case "confirm-contained":
      return confirm(context, change.node, [change.within], (node, within) => compareHistories(node, within), true);
    case "confirm-most-advanced":
      return confirm(
        context,
        change.node,
        change.others,
        (node, other) =>
          change.by === "gtid" ? compareApplied(other, node) : compareCoordinates(other, node, change.channel),
        false,
      );
    case "probe-writer":
      return probe(context, [change.node, ...(change.others ?? [])], limitMs);
  }
}

async function readReport(context: RunContext, node: string): Promise<MysqlReport | null> {
  return buildView(await context.ports.look({ haproxies: [], nodes: [node] }, context.limits.lookMs)).report(node);
}

/** The node is read first, so that the others can only look larger. */
async function confirm(
  context: RunContext,
  name: string,
  others: readonly string[],
  compare: (node: MysqlReport, other: MysqlReport) => Containment,
  isWithin: boolean,
): Promise<CompositeResult> {
  const node = await readReport(context, name);
  const reports = await Promise.all(others.map((other) => readReport(context, other)));
  const findings = others.map((other, index): CompositeResult => {
    const report = reports[index] ?? null;
    const silent = node === null ? name : report === null ? other : null;
    if (node === null || report === null) return { holds: false, words: `${silent} cannot be read` };
    const result = compare(node, report);
    const [has, lacks] = isWithin ? [name, other] : [other, name];
    if (result.kind === "contained") return { holds: true, words: `${lacks} has everything of ${has}` };
    if (result.kind === "missing") return { holds: false, words: `${has} has ${result.what}, which ${lacks} lacks` };
    return { holds: false, words: `${name} and ${other} cannot be compared: ${result.why}` };
  });
  const failed = findings.filter(({ holds }) => !holds);
  const told = failed.length > 0 ? failed : findings;
  return { holds: failed.length === 0, words: told.map(({ words }) => words).join("; ") };
}

async function probe(context: RunContext, nodes: readonly string[], limitMs: number): Promise<CompositeResult> {
  const { clock } = context.ports;
  const until = clock.monotonicMs() + limitMs;
  const reports = await Promise.all(nodes.map((node) => readReport(context, node)));
  const meant = nodes.map((node, index) => ({ node, report: reports[index] ?? null }));
  for (;;) {
    const result = await probeOnce(context, meant);
    if (result.holds || clock.monotonicMs() >= until) return result;
    await pause(context, PROBE_PAUSE_MS, null);
  }
}

interface Meant {
  readonly node: string;
  readonly report: MysqlReport | null;
}

async function probeOnce(context: RunContext, meant: readonly Meant[]): Promise<CompositeResult> {
  const bounds = { signal: new AbortController().signal, timeoutMs: context.limits.lookMs };
  const names = meant.map(({ node }) => node).join(" or ");
  try {
    const answer = await context.ports.route(bounds);
    if (answer === null) return { holds: false, words: "no writer address is configured" };
    if (meant.every(({ report }) => report === null)) {
      return { holds: false, words: `${names} cannot be read, so who answers cannot be told` };
    }
    const found = meant.map(({ node, report }) => ({
      node,
      same: report === null ? null : isSameServer(answer, report),
    }));
    const node = found.find(({ same }) => same === true)?.node;
    const who = answer.hostname === null ? `server_id ${answer.serverId}` : `${answer.hostname}:${answer.port}`;
    if (node === undefined) {
      if (found.some(({ same }) => same === null))
        return { holds: false, words: `${who} answers and cannot be told apart` };
      return { holds: false, words: `${who} (server_id ${answer.serverId}) answers, which is not ${names}` };
    }
    if (answer.readOnly !== false) return { holds: false, words: `${node} answers and is not writable` };
    return { holds: true, words: `${node} answers at the writer's address` };
  } catch (error) {
    return { holds: false, words: describeFailure(error, "the writer's address", "probe").message };
  }
}

/** Null: neither tells who it is. */
function isSameServer(answer: RouteAnswer, { serverUuid, serverId }: MysqlReport): boolean | null {
  if (answer.serverUuid !== null && serverUuid !== null) return answer.serverUuid === serverUuid;
  return answer.serverId === null || serverId === null ? null : answer.serverId === serverId;
}
