/**
 * The collector: polls every endpoint of every cluster in rounds and publishes one immutable Snapshot per round. Besides the ticks it
 * publishes when a reading turns stale, when an endpoint answers for the first time, and when it is asked to look now.
 */

import type { ClusterInput } from "../model/join.ts";
import type { ClientSession } from "../model/mysql.ts";
import type { EpochMs, Failure, Reading } from "../model/reading.ts";
import type { Settings } from "../model/settings.ts";
import type { ClusterSnapshot, Snapshot } from "../model/snapshot.ts";
import { diffSnapshots } from "./changes.ts";
import { ClusterWatch, type SideWatch, type Watch } from "./cluster-watch.ts";
import { settleWindowMs } from "./pace.ts";
import type { MonitorParts, Pace } from "./parts.ts";
import { Round } from "./round.ts";
import { SessionsWatch } from "./sessions-watch.ts";

/** An answer that comes after its round, and is the first of its endpoint, is shown after this pause: others may come with it. */
const LATE_PUBLISH_MS = 50;
/** A wall clock that moved by this much more or less than time passed has jumped, or the machine was asleep. */
const CLOCK_JUMP_MS = 2_000;
/** A tick that is so late was kept back: the program was stopped, the machine asleep or far too busy. */
const OVERSLEPT_MS = 500;
/** How long the first look after that is waited for, at most an interval, or the first answers to it were old: connections may have to be made anew. */
const WAKE_WINDOW_MS = 2_000;
/** Waking again while it wakes, so often in a row: then the machine is always so late, and what there is gets told as old as it is. */
const MAX_WAKES = 3;

export interface MonitorListener {
  snapshot(snapshot: Snapshot): void;
  sessions(cluster: string, node: string, reading: Reading<readonly ClientSession[]>): void;
  /** One line for the log; may hold server text. */
  log(at: EpochMs, line: string): void;
}

export class Monitor {
  readonly #settings: Settings;
  readonly #parts: MonitorParts;
  readonly #listener: MonitorListener;
  readonly #pace: Pace;
  readonly #clusters: readonly ClusterWatch[];
  #published: readonly ClusterSnapshot[] = [];
  #seq = 0;
  #round: Round | null = null;
  #dueTick: number | null = null;
  /** Counts time in intervals, also those without a tick: what was missed is a gap in the histories. */
  #tickNumber = 0;
  #nextTickMs = 0;
  #lastTick: { readonly epochMs: EpochMs; readonly monotonicMs: number } | null = null;
  /** What is known is of the time before the program stood still: nothing is told until everything has been asked again. */
  #isWaking = false;
  /** How often it was found to have stood still since it was last in time. */
  #wakes = 0;
  #sessions: SessionsWatch | null = null;
  #cancelTick = () => {};
  #cancelStale = () => {};
  #cancelLate: (() => void) | null = null;
  #closed = false;

  constructor(settings: Settings, parts: MonitorParts, listener: MonitorListener) {
    this.#settings = settings;
    this.#parts = parts;
    this.#listener = listener;
    this.#pace = { intervalMs: settings.intervalMs, deadlineMs: null };
    this.#clusters = settings.clusters.map(
      (cluster) =>
        new ClusterWatch({
          settings: cluster,
          parts,
          pace: this.#pace,
          onSettled: (watch, before) => this.#settled(watch, before),
          onNews: (watch, before) => this.#news(watch, before),
          onSideSettled: () => {},
        }),
    );
  }

  /** Begins the first round at once and ticks from now on. */
  start(): void {
    this.#nextTickMs = this.#parts.clock.monotonicMs();
    this.#tick();
    for (const watch of this.#sideWatches()) watch.start();
  }

  /** Asks now what is asked beside the rounds: who answers where clients connect, and who holds the floating address. */
  askBeside(): void {
    if (this.#closed) return;
    for (const watch of this.#sideWatches()) watch.ask();
  }

  /** Polls everything now, also what is in back-off. */
  refresh(): void {
    if (this.#closed) return;
    this.#beginRound(this.#watches(), true);
    this.#sessions?.tick(true);
  }

  /** What is known of a cluster now, before it is joined; null when there is no such cluster. */
  input(cluster: string): ClusterInput | null {
    return this.#clusters.find(({ settings }) => settings.name === cluster)?.input() ?? null;
  }

  /** Follows the sessions of one node; null ends it. The first report comes as soon as the node has answered. */
  watchSessions(cluster: string, node: string | null): void {
    void this.#sessions?.close();
    this.#sessions = null;
    if (node === null || this.#closed) return;
    const clock = this.#parts.clock;
    this.#sessions = new SessionsWatch({
      cluster,
      node,
      find: () => this.#clusters.find(({ settings }) => settings.name === cluster)?.findNode(node) ?? null,
      clock,
      pace: this.#pace,
      onReading: (reading) => this.#listener.sessions(cluster, node, reading),
    });
    this.#sessions.tick(true);
  }

  /** Ends every loop and closes every reader; nothing is published afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTick();
    this.#cancelStale();
    this.#cancelLate?.();
    this.#round?.cancel();
    await Promise.all([this.#sessions?.close(), ...this.#clusters.map((cluster) => cluster.close())]);
  }

  #tick(): void {
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    const { intervalMs } = this.#pace;
    // Ticks keep to their grid; those that were missed are dropped, never made up for.
    const overdueMs = nowMs - this.#nextTickMs;
    // Before its time it comes only where the program has stood still.
    const ticks = overdueMs < 0 ? 0 : 1 + Math.floor(overdueMs / intervalMs);
    this.#nextTickMs += ticks * intervalMs;
    this.#cancelTick = clock.after(this.#nextTickMs - nowMs, () => this.#tick());
    const jumpedMs = this.#clockJumpMs();
    if (jumpedMs !== 0) this.#logJump(jumpedMs);
    const isLate = jumpedMs > 0 || overdueMs > OVERSLEPT_MS;
    this.#wakes = isLate ? this.#wakes + 1 : 0;
    const isWaking = isLate && this.#wakes <= MAX_WAKES;
    const urgent = this.#lastTick === null || jumpedMs !== 0 || isWaking;
    this.#lastTick = { epochMs: clock.epochMs(), monotonicMs: nowMs };
    this.#tickNumber += ticks + Math.floor(Math.max(0, jumpedMs) / intervalMs);
    this.#sessions?.tick(urgent);
    this.#isWaking = isWaking || (this.#isWaking && !isLate);
    if (!isWaking && this.#round !== null && !this.#round.done) return;
    this.#dueTick = this.#tickNumber;
    this.#beginRound(this.#watches(), urgent);
  }

  /** By how much the wall clock moved more (less: negative) than time passed since the last tick; 0 while the two agree. */
  #clockJumpMs(): number {
    const { clock } = this.#parts;
    if (this.#lastTick === null) return 0;
    const wallMs = clock.epochMs() - this.#lastTick.epochMs;
    const jumpMs = Math.round(wallMs - (clock.monotonicMs() - this.#lastTick.monotonicMs));
    return Math.abs(jumpMs) < CLOCK_JUMP_MS ? 0 : jumpMs;
  }

  #logJump(byMs: number): void {
    const line = `the clock jumped by ${byMs} ms, or the machine was asleep: looking at everything`;
    this.#listener.log(this.#parts.clock.epochMs(), line);
  }

  /** True when the program stood still and this is the first that comes after it: then everything is asked before anything is told. */
  #hasOverslept(): boolean {
    const overdueMs = this.#parts.clock.monotonicMs() - this.#nextTickMs;
    if (this.#closed || this.#wakes >= MAX_WAKES) return false;
    if (overdueMs <= OVERSLEPT_MS && this.#clockJumpMs() <= 0) return false;
    this.#cancelTick();
    this.#tick();
    return true;
  }

  #watches(): readonly Watch[] {
    return this.#clusters.flatMap((cluster) => cluster.watches);
  }

  #sideWatches(): readonly SideWatch[] {
    return this.#clusters.flatMap((cluster) => cluster.sideWatches);
  }

  #beginRound(watches: readonly Watch[], urgent: boolean): void {
    const { intervalMs } = this.#pace;
    this.#round?.cancel();
    this.#round = new Round(watches, {
      clock: this.#parts.clock,
      intervalMs,
      urgent,
      windowMs: this.#isWaking ? Math.min(WAKE_WINDOW_MS, intervalMs) : settleWindowMs(intervalMs),
      onDone: () => {
        if (this.#hasOverslept()) return;
        this.#isWaking = false;
        this.#publish();
      },
    });
  }

  #news({ loop }: SideWatch, before: Reading<unknown>["state"]): void {
    this.#logChange(loop.reading(), before);
    this.#publishLate();
  }

  #settled(watch: Watch, before: Reading<unknown>["state"]): void {
    this.#logChange(watch.loop.reading(), before);
    if (before === "never" && (this.#round === null || this.#round.done)) this.#publishLate();
    this.#round?.settled(watch);
  }

  #logChange(reading: Reading<unknown>, before: Reading<unknown>["state"]): void {
    if (reading.state === "failed" && before !== "failed") {
      this.#listener.log(reading.failedAt, describeFailed(reading.from, reading.failure));
    } else if (before === "failed" && reading.state === "fresh") {
      this.#listener.log(reading.at, `${reading.from}: answers again`);
    }
  }

  #publishLate(): void {
    this.#cancelLate ??= this.#parts.clock.after(LATE_PUBLISH_MS, () => {
      this.#cancelLate = null;
      this.#publish();
    });
  }

  #publish(): void {
    if (this.#isWaking || this.#hasOverslept()) return;
    const at = this.#parts.clock.epochMs();
    const opened = this.#clusters.flatMap((cluster) => cluster.replan());
    const clusters = this.#clusters.map((cluster) => cluster.build(this.#dueTick));
    const changes = diffSnapshots(this.#published, clusters, at);
    this.#dueTick = null;
    this.#published = clusters;
    this.#seq += 1;
    this.#listener.snapshot({ seq: this.#seq, at, intervalMs: this.#settings.intervalMs, clusters, changes });
    if (opened.length > 0 && !this.#closed) this.#beginRound(opened, true);
    this.#armStale();
  }

  /** The moment the next reading turns stale is shown when it comes, not with the tick after it. */
  #armStale(): void {
    this.#cancelStale();
    const loops = [...this.#watches(), ...this.#sideWatches()];
    const times = loops.flatMap(({ loop }) => loop.staleInMs() ?? []);
    if (times.length === 0 || this.#closed) return;
    this.#cancelStale = this.#parts.clock.after(Math.max(0, Math.min(...times)) + 1, () => this.#publish());
  }
}

/** Drivers often begin their sentence with the endpoint already. */
function describeFailed(from: string, { kind, message }: Failure): string {
  return message.startsWith(from) ? message : `${from}: ${kind}: ${message}`;
}
