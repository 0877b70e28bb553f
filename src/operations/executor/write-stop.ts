/**
 * The part of a plan in which writes stand still: all intents are on disk before it begins, and nothing in it waits for a disk or for a look
 * that can be done without. Before the step of no return whatever goes wrong ends it; after that there is only forward.
 */
import type { PlanStep } from "../../model/operation.ts";
import { buildView } from "../view.ts";
import { pause, type RunContext } from "./context.ts";
import { describeFailed, stepsWith } from "./end.ts";
import { JournalLostError, outcomeLine, sendStep } from "./group.ts";
import { noteFailure } from "./hand-tasks.ts";
import { skipUnneeded } from "./needs.ts";
import { renewProcess } from "./reloaded.ts";
import { findRival } from "./rival.ts";
import { readBack, type SentChange } from "./step.ts";
import { StopWatch } from "./stop-watch.ts";

/** `back`: the candidate was not opened, take back. `stuck`: it may have been, and nothing more can be done. */
export type WriteStopEnd =
  | { readonly kind: "over" }
  | { readonly kind: "back"; readonly why: string }
  | { readonly kind: "stuck"; readonly why: string };

/** A server of HAProxy that does not take its state is tried again this often, this far apart. */
const RETRIES = 3;
const RETRY_PAUSE_MS = 200;
/** What was found longer ago is asked again before the opening: this program may have stood still since, and others have not. */
const LAST_WORD_MS = 250;
/** Answers of slow servers that were asked again count all the same, up to this age. */
const SLOW_WORD_MS = 2_000;
/** Even when the time is used up, what leads forward gets this long. */
const FORWARD_MS = 3_000;

const isState = ({ change }: PlanStep, state: "ready" | "maint") =>
  change.kind === "server-state" && change.state === state;

/** The node is fenced by its database; a session that lingers at HAProxy can write nothing. */
const isBeside = ({ change }: PlanStep) => change.kind === "shutdown-sessions";

/** @throws JournalLostError when the intents cannot be written: nothing of it was sent then */
export async function runWriteStop(context: RunContext, steps: readonly PlanStep[]): Promise<WriteStopEnd> {
  try {
    await context.journal.append(steps.map((step) => context.line(step, "intent")));
  } catch (error) {
    throw new JournalLostError(error);
  }
  context.beginQuiet();
  const stop = new WriteStop(context, steps);
  try {
    return await stop.run();
  } finally {
    stop.close();
    context.endQuiet();
  }
}

class WriteStop {
  readonly #context: RunContext;
  readonly #steps: readonly PlanStep[];
  readonly #watch: StopWatch;
  /** Read-only flags as nodes told them last, and in which group. */
  readonly #flags = new Map<string, { readonly readOnly: boolean; readonly group: number }>();
  #lastGroup = 0;
  /** What could not be told right before the opening; null: all have answered. */
  #silent: string | null = null;
  /** Since when answers count, by both clocks: the monotonic one stands still with a machine that is suspended. */
  #askedAt = { monotonicMs: 0, epochMs: 0 };
  /** Steps that go on beside later groups. */
  readonly #beside: Promise<unknown>[] = [];

  constructor(context: RunContext, steps: readonly PlanStep[]) {
    this.#context = context;
    this.#steps = steps;
    const { plan, promotion } = context;
    const from = promotion?.plan.from ?? null;
    const frozenBefore = plan.steps.some(
      ({ number, section, change }) =>
        section === "write-stop" &&
        change.kind === "read-only" &&
        change.on &&
        change.node === from &&
        plan.doneBefore.includes(number),
    );
    this.#watch = new StopWatch(context, !frozenBefore);
    if (frozenBefore && from !== null && promotion?.pastNoReturn === false) this.#watch.watchFlag(from);
  }

  async run(): Promise<WriteStopEnd> {
    this.#noteAsked();
    const result = await this.#runGroups();
    await Promise.all(this.#beside);
    this.#noteUnsent();
    const { promotion } = this.#context;
    if (result.kind === "over" && promotion !== null && this.#isOpen()) promotion.closeGap();
    return result;
  }

  async #runGroups(): Promise<WriteStopEnd> {
    const groups = [...new Set(this.#steps.map(({ group }) => group))].sort((a, b) => a - b);
    const opening = this.#steps.find(({ noReturn }) => noReturn === true);
    for (const [index, group] of groups.entries()) {
      const steps = this.#steps.filter((step) => step.group === group);
      // Beside the last step before the opening, so that it costs no time of its own.
      const isLast = opening !== undefined && !this.#isPast && groups[index + 1] === opening.group;
      const asked = isLast ? this.#askFlags(opening, group) : null;
      const result = await this.#runGroup(skipUnneeded(this.#context, steps), steps);
      this.#silent = (await asked) ?? null;
      if (result !== null) return result;
      this.#lastGroup = group;
    }
    return { kind: "over" };
  }

  close(): void {
    this.#watch.close();
  }

  get #isPast(): boolean {
    return this.#context.promotion?.pastNoReturn === true;
  }

  async #runGroup(steps: readonly PlanStep[], all: readonly PlanStep[]): Promise<WriteStopEnd | null> {
    if (!this.#isPast) {
      const cause = this.#watch.cause ?? this.#describeUncut();
      if (cause !== null) return { kind: "back", why: cause };
      const unmet = all.find((step) => step.noReturn === true && !steps.includes(step));
      if (unmet !== undefined)
        return { kind: "back", why: `${unmet.title} cannot be done: something it needs failed.` };
    }
    const opening = steps.find(({ noReturn }) => noReturn === true);
    const others = steps.filter((step) => step !== opening && !isBeside(step));
    this.#watch.begin();
    this.#beside.push(...steps.filter(isBeside).map((step) => this.#runBeside(step)));
    await Promise.all(others.map((step) => this.#runStep(step)));
    const failed = others.filter((step) => this.#context.outcome(step.number) !== "done");
    const fatal = failed.filter(({ onFailure }) => onFailure !== "go-on" && !this.#isPast);
    if (fatal.length > 0) return { kind: "back", why: this.#watch.cause ?? `${describeFailed(this.#context, fatal)}.` };
    for (const step of failed) noteFailure(this.#context, step);
    return opening === undefined ? null : this.#open(opening);
  }

  /** It is sent with its group; that it is in effect is seen before the section ends, and no later step waits for it. */
  async #runBeside(step: PlanStep): Promise<void> {
    const { outcome } = await this.#runStep(step);
    if (outcome !== "done") noteFailure(this.#context, step);
  }

  /** Sends a step; what HAProxy does not take is tried again. */
  async #runStep(step: PlanStep): Promise<SentChange> {
    let sent = await this.#send(step);
    const isServer = step.change.kind === "server-state";
    for (let tries = 0; isServer && sent.outcome !== "done" && this.#mayRetry(tries); tries += 1) {
      if (!this.#isPast && this.#watch.cause !== null) break;
      await pause(this.#context, RETRY_PAUSE_MS, null);
      // Before the opening a reload is a reason to take back: what it has undone may be more than this.
      sent = await this.#send(this.#isPast ? await renewProcess(this.#context, step) : step);
    }
    this.#write(step, sent);
    if (sent.outcome === "done" && isServer && this.#isPast) this.#context.promotion?.noteOpen();
    return sent;
  }

  /** Open and with no route at all, writes stand still until one is there: then it is tried for as long as they may. */
  #mayRetry(tries: number): boolean {
    return tries < RETRIES || (this.#isPast && !this.#hasRoute() && this.#watch.leftMs() > 0);
  }

  #hasRoute(): boolean {
    return stepsWith(this.#context, "done").some((step) => isState(step, "ready"));
  }

  /**
   * The old primary's server is in rotation still on every HAProxy: no client would come to the new one. One that cannot be reached among others
   * is told afterwards; its clients meet a node that is read-only.
   */
  #describeUncut(): string | null {
    const cuts = this.#context.plan.steps.filter((step) => step.section === "write-stop" && isState(step, "maint"));
    const isTried = ({ number }: PlanStep) => ["failed", "unknown"].includes(this.#context.outcome(number));
    if (cuts.length === 0 || !cuts.every(isTried)) return null;
    return `${describeFailed(this.#context, cuts)}: no HAProxy would send writes to ${this.#context.promotion?.plan.to ?? "it"}.`;
  }

  async #send(step: PlanStep): Promise<SentChange> {
    const bad = this.#contradicted(step);
    if (bad !== null) {
      this.#context.updateStep(step.number, { outcome: "failed", message: bad, failure: null });
      return {
        outcome: "failed",
        message: bad,
        failure: null,
        refused: true,
        command: null,
        value: null,
        readOnly: null,
      };
    }
    const limitMs = this.#limitOf(step);
    const interrupt = this.#isPast ? {} : { interrupt: this.#watch.signal };
    const sent = await sendStep(this.#context, step, { limitMs, trusts: "both", ...interrupt });
    if (sent.readOnly !== null && step.target.kind === "node") this.#noteFlag(step, step.target.node, sent.readOnly);
    return sent;
  }

  #limitOf({ limitMs }: PlanStep): number {
    const own = limitMs ?? this.#context.limits.sendMs;
    const left = Math.min(own, this.#watch.leftMs());
    return this.#isPast ? Math.max(left, Math.min(own, FORWARD_MS)) : Math.max(1, left);
  }

  /** A flag that is not as this section has made it: somebody has changed it since. */
  #noteFlag({ change, group }: Pick<PlanStep, "change" | "group">, node: string, readOnly: boolean): void {
    this.#flags.set(node, { readOnly, group });
    if (node !== this.#context.promotion?.plan.from) return;
    if (change.kind === "read-only" && change.on && readOnly) this.#watch.watchFlag(node);
    else this.#watch.noteFlag(node, readOnly);
  }

  /** What has to hold right before, and does not by what nodes have told in the meantime; null when nothing speaks against it. */
  #contradicted({ before }: PlanStep): string | null {
    for (const fact of before) {
      if (fact.kind !== "writable" && fact.kind !== "read-only") continue;
      const readOnly = this.#flags.get(fact.node)?.readOnly;
      const wanted = fact.kind === "writable" ? !fact.is : fact.on;
      if (readOnly !== undefined && readOnly !== wanted)
        return `Not sent: ${fact.node} is ${readOnly ? "read-only" : "writable"}.`;
    }
    return null;
  }

  #write(step: PlanStep, sent: SentChange): void {
    // An unknown outcome leaves its intent as the last word.
    if (sent.outcome !== "unknown") this.#context.journal.appendSoon([outcomeLine(this.#context, step, sent)]);
  }

  /** Intents of what was never sent must not look like something that may have been done. */
  #noteUnsent(): void {
    const lines = this.#steps
      .filter(({ number }) => ["pending", "skipped"].includes(this.#context.outcome(number)))
      .map((step) => this.#context.line(step, "failed", { error: "not sent", message: "not sent" }));
    if (lines.length > 0) this.#context.journal.appendSoon(lines);
  }

  /** The step of no return: once it is sent the answer decides nothing but what is said. */
  async #open(step: PlanStep): Promise<WriteStopEnd | null> {
    const { promotion } = this.#context;
    const changed = this.#isPast ? null : await this.#askAgain(step);
    const { cause } = this.#watch;
    if (cause !== null && !this.#isPast) return { kind: "back", why: cause };
    const bad = changed ?? this.#silent ?? this.#contradicted(step);
    if (bad !== null) {
      this.#context.updateStep(step.number, { outcome: "failed", message: bad });
      this.#write(step, {
        outcome: "failed",
        message: bad,
        failure: null,
        refused: true,
        command: null,
        value: null,
        readOnly: null,
      });
      return { kind: "back", why: `${step.title}: ${bad}` };
    }
    promotion?.setPastNoReturn(true);
    this.#watch.noReturn();
    for (let tries = 0; ; tries += 1) {
      const sent = await this.#resolve(step, await this.#send(step));
      if (sent.outcome === "done") {
        promotion?.noteOpen();
        this.#write(step, sent);
        return null;
      }
      if (sent.refused && (await this.#isStillReadOnly(step))) {
        // Its server has not taken it, and says that it takes no writes: nothing was opened.
        promotion?.setPastNoReturn(false);
        this.#write(step, sent);
        return { kind: "back", why: `${describeFailed(this.#context, [step])}.` };
      }
      if (sent.outcome === "unknown" || tries >= RETRIES || this.#watch.leftMs() <= 0) return this.#stuck(step);
      await pause(this.#context, RETRY_PAUSE_MS, null);
    }
  }

  /** Not known: the node is read, over a new connection, until it tells, at most for what is left of the time. */
  async #resolve(step: PlanStep, sent: SentChange): Promise<SentChange> {
    if (sent.outcome !== "unknown") return sent;
    const left = Math.max(this.#context.limits.lookMs, this.#watch.leftMs());
    const finding = await this.#readUntilTold(step, left);
    if (finding.holds === "unknown") return sent;
    const outcome = finding.holds === "true" ? "done" : "failed";
    const message = `${finding.now} (read again: ${sent.message})`;
    this.#context.updateStep(step.number, { outcome, message });
    return { ...sent, outcome, message };
  }

  async #readUntilTold(step: PlanStep, leftMs: number) {
    const { clock } = this.#context.ports;
    const until = clock.monotonicMs() + leftMs;
    for (;;) {
      const finding = await readBack(this.#context, step, { after: step.after, pid: null }, 0);
      if (finding.holds !== "unknown" || clock.monotonicMs() >= until) return finding;
      await pause(this.#context, RETRY_PAUSE_MS, null);
    }
  }

  /**
   * Nodes that have to be fenced and have not said so in the group right before are asked now: never two that can be written to. Returns what
   * cannot be told; null when all have answered.
   */
  async #askFlags({ before, target }: PlanStep, group: number | null): Promise<string | null> {
    const nodes = before.flatMap((fact) => (fact.kind === "writable" && !fact.is ? [fact.node] : []));
    const isDue = (node: string) => group === null || this.#flags.get(node)?.group !== this.#lastGroup;
    const own = target.kind === "node" ? target.node : null;
    if (!nodes.some((node) => node !== own && isDue(node))) return null;
    const { ports, limits } = this.#context;
    const view = buildView(await ports.look({ haproxies: [], nodes }, limits.lookMs));
    for (const node of nodes) {
      const readOnly = view.report(node)?.readOnly ?? null;
      if (readOnly === null) return `Not sent: whether ${node} is read-only cannot be read.`;
      this.#flags.set(node, { readOnly, group: group ?? this.#lastGroup });
      this.#watch.noteFlag(node, readOnly);
    }
    return null;
  }

  #noteAsked(): void {
    const { clock } = this.#context.ports;
    this.#askedAt = { monotonicMs: clock.monotonicMs(), epochMs: clock.epochMs() };
  }

  #isOlderThan(ms: number): boolean {
    const { clock } = this.#context.ports;
    const { monotonicMs, epochMs } = this.#askedAt;
    return Math.max(clock.monotonicMs() - monotonicMs, clock.epochMs() - epochMs) > ms;
  }

  /** What the opening rests on is asked again until the answers are new. Returns what speaks against it; null: nothing. */
  async #askAgain(opening: PlanStep): Promise<string | null> {
    for (let ms = LAST_WORD_MS; this.#isOlderThan(ms) && this.#watch.cause === null; ms = SLOW_WORD_MS) {
      this.#noteAsked();
      const positions = this.#steps.filter(({ change }) => change.kind === "confirm-position");
      const [rival, silent] = await Promise.all([
        findRival(this.#context),
        this.#askFlags(opening, null),
        ...positions.map((step) => this.#send(step)),
      ]);
      if (rival !== null) return `Not sent: ${rival} is writable.`;
      if (silent !== null) return silent;
      const failed = positions.filter(({ number }) => this.#context.outcome(number) !== "done");
      if (failed.length > 0) return `${describeFailed(this.#context, failed)}.`;
    }
    return null;
  }

  async #isStillReadOnly({ target }: PlanStep): Promise<boolean> {
    if (target.kind !== "node") return false;
    const { ports, limits } = this.#context;
    const view = buildView(await ports.look({ haproxies: [], nodes: [target.node] }, limits.lookMs));
    return view.report(target.node)?.readOnly === true;
  }

  #stuck(step: PlanStep): WriteStopEnd {
    const { from, to } = this.#context.promotion?.plan ?? { from: null, to: "the new primary" };
    const old = from === null ? "" : ` ${from} stays read-only.`;
    const message = this.#context.message(step.number) ?? "no answer";
    return { kind: "stuck", why: `It is not known whether ${to} takes writes (${message}).${old}` };
  }

  /** Open, and every route that the plan has leads there, or at least one when some failed. */
  #isOpen(): boolean {
    const opened = this.#steps.every((step) => step.noReturn !== true || this.#context.outcome(step.number) === "done");
    return this.#isPast && opened && (!this.#steps.some((step) => isState(step, "ready")) || this.#hasRoute());
  }
}
