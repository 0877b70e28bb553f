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
      return probe(context, change.node, limitMs);
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

async function probe(context: RunContext, node: string, limitMs: number): Promise<CompositeResult> {
  const { clock } = context.ports;
  const until = clock.monotonicMs() + limitMs;
  const expected = await readReport(context, node);
  for (;;) {
    const result = await probeOnce(context, node, expected);
    if (result.holds || clock.monotonicMs() >= until) return result;
    await pause(context, PROBE_PAUSE_MS, null);
  }
}

async function probeOnce(context: RunContext, node: string, expected: MysqlReport | null): Promise<CompositeResult> {
  const bounds = { signal: new AbortController().signal, timeoutMs: context.limits.lookMs };
  try {
    const answer = await context.ports.route(bounds);
    if (answer === null) return { holds: false, words: "no writer address is configured" };
    if (expected === null) return { holds: false, words: `${node} cannot be read, so who answers cannot be told` };
    const same = isSameServer(answer, expected);
    const who = answer.hostname === null ? `server_id ${answer.serverId}` : `${answer.hostname}:${answer.port}`;
    if (same === null) return { holds: false, words: `${who} answers and cannot be told apart` };
    if (!same) return { holds: false, words: `${who} (server_id ${answer.serverId}) answers, which is not ${node}` };
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
