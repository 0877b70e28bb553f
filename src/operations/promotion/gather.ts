/** Collects what the plan of a promotion is made from beside the snapshot: all nodes at once, none waits for another. */
import type { BinlogTail } from "../../drivers/contract.ts";
import type { CommandRequest } from "../../model/operation.ts";
import type { DeathProof, LastPromotion, LoginTrial, NodePreflight, PreflightFacts } from "../../model/preflight.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import type { WrittenServer } from "../../model/written-server.ts";
import type { OperationRecord } from "../journal/record.ts";
import type { ClusterPorts } from "../ports.ts";
import { buildView, type ClusterView } from "../view.ts";
import { selectDeadPrimary } from "./failover/scene.ts";

const PREFLIGHT_TIMEOUT_MS = 3_000;
const CONFIG_TIMEOUT_MS = 1_000;
/** A proof of death is not asked for again within this time: it takes five seconds. */
const DEATH_PROOF_MS = 20_000;
const FAILOVER_PAUSE_MS = 60 * 60 * 1000;

/** What makes a plan ask for more than the snapshot. */
export interface GatherTarget {
  readonly mode: "promote" | "failover" | "rejoin";
  /** Node that is to be promoted, or that returns. */
  readonly node: string;
  /** The old primary, where a plan names it: the node may follow somebody else by now. */
  readonly primary?: string | null;
}

/** Null for everything that moves no writes. */
export function selectGatherTarget(request: CommandRequest, record: OperationRecord | null): GatherTarget | null {
  const [node] = request.targets;
  if (request.command === "promote" && node !== undefined) {
    return { mode: request.promotion?.failover === true ? "failover" : "promote", node };
  }
  if (request.command === "rejoin" && node !== undefined) return { mode: "rejoin", node };
  const promotion = record?.plan?.promotion;
  if (promotion === undefined) return null;
  if (promotion.mode === "rejoin") return { mode: "rejoin", node: promotion.from ?? promotion.to };
  // Taken back, a promotion is one of the old primary.
  if (request.command === "undo") return { mode: "promote", node: promotion.from ?? promotion.to };
  return { mode: promotion.mode === "failover" ? "failover" : "promote", node: promotion.to, primary: promotion.from };
}

/** Who gets the writes: what a returned node says of its old source is past. */
function selectWriter(view: ClusterView, node: string): string | null {
  return view.cluster.writer?.expected.find((name) => name !== node && view.node(name) !== null) ?? null;
}

async function readPreflights(
  view: ClusterView,
  ports: ClusterPorts,
): Promise<ReadonlyMap<string, NodePreflight | null>> {
  const bounds = { signal: new AbortController().signal, timeoutMs: PREFLIGHT_TIMEOUT_MS };
  const answering = view.cluster.nodes.filter(({ name }) => view.report(name) !== null);
  const read = answering.map(
    async ({ name }) => [name, await ports.preflight(name, bounds).catch(() => null)] as const,
  );
  return new Map(await Promise.all(read));
}

/** Nodes that others will follow after the plan, or may. */
function selectSources(view: ClusterView, target: GatherTarget): readonly string[] {
  if (target.mode !== "rejoin") return [target.node];
  const primary = selectWriter(view, target.node);
  const writable = view.cluster.nodes.filter(
    ({ name }) => name !== target.node && view.report(name)?.readOnly === false,
  );
  return [...new Set([...(primary === null ? [] : [primary]), ...writable.map(({ name }) => name)])];
}

/** A channel whose login the server may keep readable: the one of the node itself, else of any other. */
function selectStoredLogin(
  view: ClusterView,
  node: string,
): { readonly node: string; readonly channel: string } | null {
  const own = view.node(node);
  for (const each of [...(own === null ? [] : [own]), ...view.cluster.nodes]) {
    const [channel] = each.channels;
    if (channel !== undefined && view.report(each.name) !== null) return { node: each.name, channel: channel.name };
  }
  return null;
}

async function tryLogins(
  view: ClusterView,
  target: GatherTarget,
  ports: ClusterPorts,
): Promise<ReadonlyMap<string, LoginTrial>> {
  const bounds = { signal: new AbortController().signal, timeoutMs: PREFLIGHT_TIMEOUT_MS };
  const sources = selectSources(view, target).filter((name) => view.report(name) !== null);
  const trials = sources.map(
    async (name) => [name, await ports.tryLogin(name, selectStoredLogin(view, name), bounds)] as const,
  );
  return new Map(await Promise.all(trials));
}

/**
 * Proofs of death of one process: a plan that is confirmed is made again, and must not take another five seconds, after which what is known of
 * the others would be too old. One that answers meanwhile is seen by the look itself.
 */
export class DeathProofs {
  readonly #proofs = new Map<string, { readonly at: EpochMs; readonly proof: DeathProof }>();

  async prove(node: string, ports: ClusterPorts): Promise<DeathProof> {
    const now = ports.clock.epochMs();
    const kept = this.#proofs.get(node);
    const isKept = kept?.proof.verdict === "dead" || kept?.proof.verdict === "hanging";
    if (kept !== undefined && isKept && now - kept.at <= DEATH_PROOF_MS) return kept.proof;
    const proof = await ports.proveDeath(node, new AbortController().signal);
    this.#proofs.set(node, { at: ports.clock.epochMs(), proof });
    return proof;
  }
}

/** The last operation of this cluster that moved the writes, or may have. */
export function selectLastPromotion(records: readonly OperationRecord[]): LastPromotion | null {
  for (const { id, plan, phases, positions, state } of records) {
    if (plan?.promotion === undefined || plan.promotion.mode === "rejoin") continue;
    if (state === "refused" || state === "rolled-back") continue;
    const { mode, from, to } = plan.promotion;
    const takenOut = plan.steps.flatMap(({ number, change }) => {
      if (change.kind !== "server-state" || change.state !== "maint" || phases.get(number) !== "done") return [];
      const { haproxy, backend, server } = change;
      return [{ haproxy, backend, server }];
    });
    return { operation: id, from, to, failover: mode === "failover", positions, takenOut };
  }
  return null;
}

/** One that has opened its candidate, or may have, however it ended; one whose candidate was open before it, once it has not been taken back. */
function wasFailover({ plan, phases, state, undoneBy }: OperationRecord): boolean {
  if (plan?.promotion?.mode !== "failover") return false;
  if (state === "done") return true;
  const opening = plan.steps.find(({ noReturn }) => noReturn === true);
  if (opening === undefined) return undoneBy === null && (state === "unfinished" || state === "interrupted");
  return ["intent", "done"].includes(phases.get(opening.number) ?? "");
}

function selectRecentFailover(records: readonly OperationRecord[], now: EpochMs): PreflightFacts["recentFailover"] {
  const found = records.find((record) => {
    const at = record.endedAt ?? record.startedAt;
    return wasFailover(record) && now - at < FAILOVER_PAUSE_MS;
  });
  return found === undefined ? null : { operation: found.id, at: found.endedAt ?? found.startedAt };
}

/** Coordinates say where the returning node was left, not what it wrote since: its log is read from there to the end. */
async function readRejoinTail(
  view: ClusterView,
  { mode, node }: GatherTarget,
  last: LastPromotion | null,
  ports: ClusterPorts,
): Promise<BinlogTail | null> {
  if (mode !== "rejoin" || last?.from !== node || view.report(node) === null) return null;
  const { file = null, pos = null } = last.positions[last.failover ? "applied" : "stop"] ?? {};
  if (file === null || pos === null) return null;
  const bounds = { signal: new AbortController().signal, timeoutMs: PREFLIGHT_TIMEOUT_MS };
  return ports.binlogTail(node, { file, pos }, bounds).catch(() => null);
}

/** What is left to people is said in the words of their files, where these can be read at once: no plan waits for them. */
async function readWrittenServers(
  view: ClusterView,
  { mode }: GatherTarget,
  ports: ClusterPorts,
): Promise<ReadonlyMap<string, readonly WrittenServer[]>> {
  const found = new Map<string, readonly WrittenServer[]>();
  if (mode === "rejoin") return found;
  const bounds = { signal: new AbortController().signal, timeoutMs: CONFIG_TIMEOUT_MS };
  const all = view.cluster.haproxies.map(async ({ name, reading }) => {
    const pid = reading.state === "fresh" ? (reading.value.process?.pid ?? null) : null;
    const servers = await ports.writtenServers(name, pid, bounds);
    if (servers !== null) found.set(name, servers);
  });
  await new Promise<void>((resolve) => {
    const cancel = ports.clock.after(CONFIG_TIMEOUT_MS, resolve);
    const done = () => {
      cancel();
      resolve();
    };
    Promise.all(all).then(done, done);
  });
  return new Map(found);
}

/** @param records of this cluster, newest first; the one that is carried on or taken back left out */
export async function gatherPreflight(options: {
  readonly target: GatherTarget;
  readonly cluster: ClusterSnapshot;
  readonly ports: ClusterPorts;
  readonly records: readonly OperationRecord[];
  readonly deaths: DeathProofs;
}): Promise<PreflightFacts> {
  const { target, cluster, ports, records, deaths } = options;
  const view = buildView(cluster);
  const primary = target.mode === "failover" ? (target.primary ?? selectDeadPrimary(view, target.node)) : null;
  const lastPromotion = selectLastPromotion(records);
  const [nodes, logins, death, rejoinTail, writtenServers] = await Promise.all([
    readPreflights(view, ports),
    tryLogins(view, target, ports),
    primary !== null ? deaths.prove(primary, ports) : null,
    readRejoinTail(view, target, lastPromotion, ports),
    readWrittenServers(view, target, ports),
  ]);
  return {
    nodes,
    logins,
    death,
    recentFailover: selectRecentFailover(records, ports.clock.epochMs()),
    lastPromotion,
    rejoinTail,
    writtenServers,
  };
}
