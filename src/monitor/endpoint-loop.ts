/**
 * One endpoint, asked again and again: never twice at once, never without a deadline, never given up. A turn that hangs occupies only
 * this loop. A result carries the number of its turn and is dropped when a newer one has been taken.
 */
import type { RequestBounds } from "../drivers/contract.ts";
import { describeFailure } from "../drivers/errors.ts";
import type { EpochMs, Failure, Reading } from "../model/reading.ts";
import type { Clock } from "./clock.ts";
import { backoffMs, pollDeadlineMs, staleAfterMs } from "./pace.ts";
import type { Pace } from "./parts.ts";

/** A driver that has not rejected this long after its deadline is given up and replaced. */
const DRIVER_GRACE_MS = 250;

/** Ticks do not fall on the millisecond: a turn that is due within this part of the interval is due. */
const DUE_SLACK = 0.5;

/** What a loop needs of a driver; HaproxyReader and MysqlReader both fit. */
export interface Pollable<T> {
  readonly target: string;
  poll(bounds: RequestBounds): Promise<T>;
  close(): Promise<void>;
}

/** `accept`: the new present. `ignore`: not the present, yet no failure either; the last value goes on ageing. */
export type Verdict = { readonly take: "accept" | "ignore" } | { readonly take: "fail"; readonly failure: Failure };

export interface EndpointOptions<T, D extends Pollable<T>> {
  readonly open: () => D;
  readonly clock: Clock;
  readonly pace: Pace;
  /** Only used while there is no working connection. */
  readonly connectTimeoutMs: number;
  /** Looks at an answer before it counts. */
  readonly judge?: (value: T, reading: Reading<T>) => Verdict;
  /** Called after every turn, whatever came of it, with the state before it. */
  readonly onSettled: (before: Reading<T>["state"]) => void;
}

interface Good<T> {
  readonly value: T;
  readonly at: EpochMs;
  readonly atMonotonicMs: number;
}

export class EndpointLoop<T, D extends Pollable<T>> {
  /** Place of this endpoint within the spread of a round, 0 ≤ x < 1; fixed, so that its own cadence stays even. */
  readonly phase: number;
  readonly #options: EndpointOptions<T, D>;
  #driver: D;
  #good: Good<T> | null = null;
  #failure: { readonly failure: Failure; readonly at: EpochMs } | null = null;
  #failuresInRow = 0;
  #notBeforeMs = 0;
  #turn = 0;
  #settledTurn = 0;
  #again = false;
  #abort: AbortController | null = null;
  #cancelTimers: (() => void)[] = [];
  #closed = false;

  constructor(options: EndpointOptions<T, D>) {
    this.#options = options;
    this.#driver = options.open();
    this.phase = options.clock.random();
  }

  get target(): string {
    return this.#driver.target;
  }

  /** The driver in use, for questions beside the poll. */
  get driver(): D {
    return this.#driver;
  }

  get busy(): boolean {
    return this.#turn !== this.#settledTurn;
  }

  /**
   * Starts a turn after `offsetMs` when one is due; returns whether it did. `urgent` ignores back-off, and when a turn is already
   * running has another follow it at once, because the running one may have looked before the moment of interest.
   */
  begin(offsetMs: number, urgent: boolean): boolean {
    if (this.#closed) return false;
    if (this.busy) {
      this.#again ||= urgent;
      return false;
    }
    const slackMs = DUE_SLACK * this.#options.pace.intervalMs;
    if (!urgent && this.#options.clock.monotonicMs() + slackMs < this.#notBeforeMs) return false;
    this.#turn += 1;
    const turn = this.#turn;
    if (offsetMs <= 0) this.#run(turn);
    else this.#cancelTimers = [this.#options.clock.after(offsetMs, () => this.#run(turn))];
    return true;
  }

  /** What is known now, with its age taken into account. */
  reading(): Reading<T> {
    const from = this.target;
    const good = this.#good;
    if (this.#failure !== null) {
      const last = good === null ? null : { value: good.value, at: good.at };
      return { state: "failed", from, failure: this.#failure.failure, failedAt: this.#failure.at, last };
    }
    if (good === null) return { state: "never", from };
    return { state: this.#isStale(good) ? "stale" : "fresh", from, value: good.value, at: good.at };
  }

  /** Milliseconds until a fresh reading turns stale; null when it is not fresh. */
  staleInMs(): number | null {
    const good = this.#good;
    if (good === null || this.#failure !== null || this.#isStale(good)) return null;
    return staleAfterMs(this.#options.pace.intervalMs) - (this.#options.clock.monotonicMs() - good.atMonotonicMs);
  }

  /** Ends the running turn now, as a timeout after `timeoutMs`. */
  giveUp(timeoutMs: number): void {
    if (!this.busy) return;
    this.#abort?.abort();
    this.#settle(this.#turn, this.#options.clock.monotonicMs(), () =>
      this.#fail(timeoutFailure(this.target, timeoutMs)),
    );
  }

  /** Aborts what is running and closes the driver. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#clearTimers();
    this.#abort?.abort();
    this.#settledTurn = this.#turn;
    await this.#driver.close().catch(() => undefined);
  }

  /** The wall clock counts too: after a suspend the monotonic one has stood still while the world went on. */
  #isStale(good: Good<T>): boolean {
    const { clock, pace } = this.#options;
    const ageMs = Math.max(clock.monotonicMs() - good.atMonotonicMs, clock.epochMs() - good.at);
    return ageMs >= staleAfterMs(pace.intervalMs);
  }

  #run(turn: number): void {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const timeoutMs = this.#deadlineMs();
    const abort = new AbortController();
    this.#abort = abort;
    this.#cancelTimers = [clock.after(timeoutMs + DRIVER_GRACE_MS, () => this.#abandon(turn, startedMs, timeoutMs))];
    // A driver that throws instead of rejecting must not end the loop either.
    const poll = async () => this.#driver.poll({ signal: abort.signal, timeoutMs });
    poll().then(
      (value) => this.#settle(turn, startedMs, () => this.#take(value)),
      (error) => this.#settle(turn, startedMs, () => this.#fail(describeFailure(error, this.target, "poll"))),
    );
  }

  #deadlineMs(): number {
    const { pace, connectTimeoutMs } = this.#options;
    if (pace.deadlineMs !== null) return pace.deadlineMs;
    return pollDeadlineMs(pace.intervalMs, this.#good !== null && this.#failure === null, connectTimeoutMs);
  }

  /** The driver did not keep to its own deadline: it may hang for good, so it is replaced. */
  #abandon(turn: number, startedMs: number, timeoutMs: number): void {
    this.#abort?.abort();
    void this.#driver.close().catch(() => undefined);
    this.#driver = this.#options.open();
    this.#settle(turn, startedMs, () => this.#fail(timeoutFailure(this.target, timeoutMs)));
  }

  #settle(turn: number, startedMs: number, apply: () => void): void {
    if (this.#closed || turn <= this.#settledTurn) return;
    this.#clearTimers();
    const before = this.reading().state;
    this.#settledTurn = turn;
    try {
      apply();
    } catch (error) {
      // Our own defect in judging an answer: told as a failure of this endpoint, and the loop goes on.
      this.#fail(describeFailure(error, this.target, "judge"));
    }
    const failure = this.#failure?.failure;
    this.#notBeforeMs =
      failure === undefined
        ? 0
        : startedMs + backoffMs(this.#options.pace.intervalMs, this.#failuresInRow, failure.kind);
    const again = this.#again;
    this.#again = false;
    if (again) this.begin(0, true);
    this.#options.onSettled(before);
  }

  #take(value: T): void {
    const verdict = this.#options.judge?.(value, this.reading()) ?? { take: "accept" };
    if (verdict.take === "ignore") return;
    if (verdict.take === "fail") {
      this.#fail(verdict.failure);
      return;
    }
    const { clock } = this.#options;
    this.#good = { value, at: clock.epochMs(), atMonotonicMs: clock.monotonicMs() };
    this.#failure = null;
    this.#failuresInRow = 0;
  }

  #fail(failure: Failure): void {
    this.#failure = { failure, at: this.#options.clock.epochMs() };
    this.#failuresInRow += 1;
  }

  #clearTimers(): void {
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
  }
}

function timeoutFailure(target: string, timeoutMs: number): Failure {
  const message = `no answer within ${timeoutMs} ms`;
  return { kind: "timeout", target, operation: "poll", message, advice: null, serverCode: null };
}
