/** The door to everything that changes a cluster: plan, run, journal. A program started read-only has none of these at all. */
import { randomBytes } from "node:crypto";
import type { CommandRequest, OperationProgress, Plan } from "../model/operation.ts";
import type { PreflightFacts } from "../model/preflight.ts";
import type { ClusterSettings, HaproxyLocation } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import { RequestError } from "./errors.ts";
import { type Decide, RUN_LIMITS, RunContext, type RunLimits } from "./executor/context.ts";
import { lookBound, readSessionIds } from "./executor/look.ts";
import { runPlan } from "./executor/run.ts";
import { selectRefusals } from "./guards/table.ts";
import type { Journal } from "./journal/journal.ts";
import { needsAttention, type OperationRecord } from "./journal/record.ts";
import { takeLock } from "./lock.ts";
import { buildPlan, type PlanInput } from "./plan.ts";
import type { ClusterPorts } from "./ports.ts";
import { DeathProofs, gatherPreflight, selectGatherTarget } from "./promotion/gather.ts";

const ALL_HOSTS = { haproxies: [], nodes: [], hosts: "all" } as const;

/** A plan older than this is made again and not run. */
const PLAN_MAX_AGE_MS = 30_000;

/** What was read longer ago than this is read again before a plan is made of it. */
const LOOK_MAX_AGE_MS = 2_000;

/** The cluster is no longer as the plan found it, or the plan is too old. Nothing was sent; `fresh` is what would be done now. */
export class PlanChangedError extends Error {
  override readonly name = "PlanChangedError";
  readonly fresh: Plan;

  constructor(message: string, fresh: Plan) {
    super(message);
    this.fresh = fresh;
  }
}

export interface RunOptions {
  /** Stops at the next safe point. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: OperationProgress) => void;
  /** Somebody to ask when it stands still; without, scripts' rules: take back what was done, keep what is drained. */
  readonly decide?: Decide;
}

export interface Operations {
  /** Looks at the cluster now and says what would be done. @throws TargetError, RequestError */
  plan(request: CommandRequest): Promise<Plan>;
  /** Carries a plan out; resolves with its end, whatever servers do. @throws PlanChangedError, TargetError, RequestError */
  run(plan: Plan, options?: RunOptions): Promise<OperationProgress>;
  readonly journal: Journal;
  close(): Promise<void>;
}

export interface OperationsOptions {
  /** @throws RequestError for a cluster that is not configured */
  readonly clusters: ReadonlyMap<string, ClusterPorts>;
  readonly journal: Journal;
  readonly operator: string;
  readonly host: string;
  readonly limits?: RunLimits;
  /** Four hexadecimal digits for ids. */
  readonly random?: () => string;
}

export function createOperations(options: OperationsOptions): Operations {
  return new OperationsCore(options);
}

class OperationsCore implements Operations {
  readonly journal: Journal;
  readonly #options: OperationsOptions;
  readonly #limits: RunLimits;
  readonly #deaths = new DeathProofs();

  constructor(options: OperationsOptions) {
    this.#options = options;
    this.#limits = options.limits ?? RUN_LIMITS;
    this.journal = options.journal;
  }

  async plan(request: CommandRequest): Promise<Plan> {
    return (await this.#plan(request)).plan;
  }

  async run(plan: Plan, options: RunOptions = {}): Promise<OperationProgress> {
    const request = this.#requestOf(plan);
    const { plan: fresh, cluster, record } = await this.#plan(request);
    const ports = this.#ports(plan.cluster);
    const refreshPreflight = async () => {
      // What was waited for since the last look may have taken longer than that counts as one of now.
      const now = await ports.look("all", this.#limits.lookMs);
      return this.#gatherPreflight(request, record, now, ports, fresh.promotion?.from);
    };
    const isOld = ports.clock.epochMs() - plan.at > PLAN_MAX_AGE_MS;
    if (isOld || fresh.fingerprint !== plan.fingerprint) {
      const why = isOld ? "The plan is older than 30 seconds" : "The cluster has changed since the plan was made";
      throw new PlanChangedError(`${why}: nothing was done. This is what would be done now.`, fresh);
    }
    const current = { ...fresh, id: plan.id };
    const refusals = selectRefusals(current.guards, current.request.force);
    if (refusals.length > 0) return this.#refuse(current, refusals, options);
    const lock = current.danger === "disruptive" ? await takeLock(ports, cluster, current.request.force) : null;
    if (lock !== null && lock.refusal !== null) return this.#refuse(current, [lock.refusal], options);
    try {
      const end = await this.#execute(current, ports, options, {
        refreshPreflight,
        refreshUnfinished: () => this.#listUnfinished(plan.cluster, record?.id ?? plan.id, plan.id),
        ...(lock === null ? {} : { keepLock: lock.keep }),
      });
      await this.#markConcerned(end);
      return end;
    } finally {
      await lock?.release();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#options.clusters.values()].map((ports) => ports.close()));
  }

  /** A resumed plan carries the request of its operation; the request to make it again is the one to resume. */
  #requestOf(plan: Plan): CommandRequest {
    if (plan.carriesOn) return { ...plan.request, command: "resume", operationId: plan.id };
    return plan.concerns === null ? plan.request : { ...plan.request, operationId: plan.concerns };
  }

  async #plan(request: CommandRequest): Promise<{
    readonly plan: Plan;
    readonly cluster: ClusterSnapshot;
    readonly record: OperationRecord | null;
  }> {
    const ports = this.#ports(request.cluster);
    const record = await this.#findRecord(request);
    const isMove = concernsAddress(request, record);
    const [all, unfinished] = await Promise.all([
      ports.look("all", firstLookMs(ports.settings, this.#limits)),
      isMove ? this.#listUnfinished(request.cluster, record?.id ?? null) : null,
      isMove ? ports.look(ALL_HOSTS, lookBound(ALL_HOSTS, this.#limits)) : null,
    ]);
    const first = isMove ? await ports.look({ haproxies: [], nodes: [] }, this.#limits.lookMs) : all;
    const lookedAtMs = ports.clock.monotonicMs();
    const [sessions, stickTables, preflight] = await Promise.all([
      readSessionsFor(request, ports, this.#limits.lookMs),
      readStickTables(request, first, ports, this.#limits.lookMs),
      this.#gatherPreflight(request, record, first, ports),
    ]);
    // To prove a death takes seconds: the guards are asked about the servers as they are after it.
    const isOld = ports.clock.monotonicMs() - lookedAtMs > LOOK_MAX_AGE_MS;
    const cluster = isOld ? await ports.look("all", this.#limits.lookMs) : first;
    const input: PlanInput = {
      request,
      cluster,
      settings: ports.settings,
      now: ports.clock.epochMs(),
      random: this.#options.random ?? (() => randomBytes(2).toString("hex")),
      record,
      sessions,
      stickTables,
      preflight,
      unfinished,
      commandText: (change, seen) => ports.commandText(change, seen),
    };
    return { plan: buildPlan(input), cluster, record };
  }

  async #gatherPreflight(
    request: CommandRequest,
    record: OperationRecord | null,
    cluster: ClusterSnapshot,
    ports: ClusterPorts,
    primary?: string | null,
  ): Promise<PreflightFacts | null> {
    const target = selectGatherTarget(request, record);
    if (target === null) return null;
    const known = primary === undefined ? target : { ...target, primary };
    const records = (await this.journal.list(cluster.name)).filter(({ id }) => id !== record?.id);
    return gatherPreflight({ target: known, cluster, ports, records, deaths: this.#deaths });
  }

  /** Null: the journal cannot be read. @param except the operation that is taken back or carried on, and the one that asks */
  async #listUnfinished(cluster: string, ...except: readonly (string | null)[]): Promise<readonly string[] | null> {
    const isOpen = (record: OperationRecord) =>
      needsAttention(record) || record.state === "running" || record.state === "draining";
    try {
      const records = await this.journal.list(cluster);
      return records.filter((record) => isOpen(record) && !except.includes(record.id)).map(({ id }) => id);
    } catch {
      return null;
    }
  }

  #ports(cluster: string): ClusterPorts {
    const ports = this.#options.clusters.get(cluster);
    if (ports !== undefined) return ports;
    const names = [...this.#options.clusters.keys()].join(", ");
    throw new RequestError("cluster", `There is no cluster "${cluster}": there is ${names || "none"}.`);
  }

  async #findRecord({ command, cluster, operationId }: CommandRequest): Promise<OperationRecord | null> {
    if (command !== "undo" && command !== "resume") return null;
    if (operationId !== null) {
      const record = await this.journal.show(operationId);
      return record?.cluster === cluster ? record : null;
    }
    if (command === "undo") return this.journal.lastUndoable(cluster);
    return (await this.journal.list(cluster)).find(needsAttention) ?? null;
  }

  #refuse(plan: Plan, refusals: OperationProgress["refusals"], options: RunOptions): OperationProgress {
    const now = this.#ports(plan.cluster).clock.epochMs();
    const progress: OperationProgress = {
      id: plan.id,
      plan,
      state: "refused",
      steps: plan.steps.map(({ number }) => ({
        number,
        outcome: "skipped",
        startedAt: null,
        endedAt: null,
        message: null,
        failure: null,
      })),
      drain: null,
      refusals,
      question: null,
      summary: `Refused: ${refusals.map(({ message }) => message).join(" ")} Nothing was changed.`,
      operator: this.#options.operator,
      host: this.#options.host,
      startedAt: now,
      endedAt: now,
    };
    options.onProgress?.(progress);
    return progress;
  }

  async #execute(
    plan: Plan,
    ports: ClusterPorts,
    options: RunOptions,
    asks: Pick<ConstructorParameters<typeof RunContext>[0], "refreshPreflight" | "refreshUnfinished" | "keepLock">,
  ): Promise<OperationProgress> {
    const journal = await this.journal.open(plan.id).catch((error: unknown) => {
      throw new RequestError("journal", `The journal cannot be opened (${String(error)}): nothing was changed.`);
    });
    try {
      const context = new RunContext({
        plan,
        ports,
        journal,
        signal: options.signal ?? new AbortController().signal,
        limits: this.#limits,
        decide: options.decide ?? null,
        operator: this.#options.operator,
        host: this.#options.host,
        onProgress: options.onProgress ?? (() => {}),
        ...asks,
      });
      return await runPlan(context);
    } finally {
      await journal.close();
    }
  }

  async #markConcerned({ plan, state, endedAt }: OperationProgress): Promise<void> {
    if (plan.request.command !== "undo" || plan.concerns === null || state !== "done") return;
    const record = await this.journal.show(plan.concerns);
    if (record === null) return;
    await this.journal.markUndone(record, plan.id, new Date(endedAt ?? Date.now()).toISOString());
  }
}

/** For a plan from the command line nothing is connected yet, and a way through SSH takes a dozen round trips to be opened. */
export function firstLookMs(
  { access, haproxies, nodes }: ClusterSettings,
  { lookMs }: Pick<RunLimits, "lookMs">,
): number {
  const usesSsh = nodes.some(({ ssh }) => ssh !== null) || haproxies.some(({ location }) => isBehindSsh(location));
  const timeouts = [access, ...nodes.map((node) => node.access)].map(({ connectTimeoutMs }) => connectTimeoutMs);
  return usesSsh ? Math.max(lookMs, ...timeouts) : lookMs;
}

const isBehindSsh = (location: HaproxyLocation): boolean =>
  location.kind === "ssh" || (location.kind === "sql-admin" && location.ssh !== null);

async function readSessionsFor(request: CommandRequest, ports: ClusterPorts, timeoutMs: number) {
  const [node] = request.targets;
  if (request.command !== "kill-session" || node === undefined) return new Map();
  const change = { kind: "kill-session", node, sessionId: 0 } as const;
  return readSessionIds(ports, [{ change }], timeoutMs);
}

/** Asked with the plan only: configured tables do not come and go. */
async function readStickTables(
  request: CommandRequest,
  cluster: ClusterSnapshot,
  ports: ClusterPorts,
  timeoutMs: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  if (request.command !== "drain" && request.command !== "weight" && request.command !== "reapply") return found;
  const bounds = { signal: new AbortController().signal, timeoutMs };
  const readable = cluster.haproxies.filter(({ reading }) => reading.state === "fresh");
  await Promise.all(
    readable.map(async ({ name }) => {
      const tables = await ports.stickTables(name, bounds).catch(() => null);
      if (tables !== null) found.set(name, tables);
    }),
  );
  return found;
}

/** Also what takes a move back, or carries one on. */
function concernsAddress({ command }: CommandRequest, record: OperationRecord | null): boolean {
  return command === "move-ip" || (record?.plan?.steps ?? []).some(({ change }) => change.kind === "move-address");
}
