import type { HaproxyReader, MysqlReader, RequestBounds } from "../../../../src/drivers/contract.ts";
import { DriverError } from "../../../../src/drivers/errors.ts";
import type { HaproxyReport } from "../../../../src/model/haproxy.ts";
import type { ClientSession, MysqlReport } from "../../../../src/model/mysql.ts";
import type { FailureKind } from "../../../../src/model/reading.ts";
import type { FakeClock } from "./fake-clock.ts";

/** `hang`: silent until the deadline, as a good driver reports it. `deaf`: a driver that ignores even its deadline. */
export type Behaviour = "answer" | "hang" | "deaf" | FailureKind;

/** An endpoint whose behaviour a test changes while the monitor polls it. */
export class ScriptedEndpoint<T> {
  readonly target: string;
  readonly clock: FakeClock;
  value: T;
  behaviour: Behaviour = "answer";
  delayMs = 1;
  sessions: readonly ClientSession[] = [];
  readonly pollTimes: number[] = [];
  running = 0;
  mostAtOnce = 0;
  opened = 0;
  closed = 0;
  aborted = 0;
  /** Settles the polls of a deaf driver, in order. */
  readonly late: ((value: T) => void)[] = [];

  constructor(target: string, clock: FakeClock, value: T) {
    this.target = target;
    this.clock = clock;
    this.value = value;
  }

  poll(bounds: RequestBounds): Promise<T> {
    this.pollTimes.push(this.clock.monotonicMs());
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    const value = this.value;
    const poll = new Promise<T>((resolve, reject) => {
      const fail = (kind: FailureKind) =>
        reject(new DriverError({ kind, target: this.target, operation: "poll", message: `scripted ${kind}` }));
      bounds.signal.addEventListener("abort", () => {
        this.aborted += 1;
        if (this.behaviour !== "deaf") fail("cancelled");
      });
      const behaviour = this.behaviour;
      if (behaviour === "answer") this.clock.after(this.delayMs, () => resolve(value));
      else if (behaviour === "hang") this.clock.after(bounds.timeoutMs, () => fail("timeout"));
      else if (behaviour === "deaf") this.late.push(resolve);
      else this.clock.after(this.delayMs, () => fail(behaviour));
    });
    return poll.finally(() => {
      this.running -= 1;
    });
  }

  /** A reader as the monitor's factories return it. */
  open(): HaproxyReader & MysqlReader & { poll(bounds: RequestBounds): Promise<T & HaproxyReport & MysqlReport> } {
    this.opened += 1;
    return {
      target: this.target,
      poll: (bounds) => this.poll(bounds) as Promise<T & HaproxyReport & MysqlReport>,
      sessions: async () => this.sessions,
      close: async () => {
        this.closed += 1;
      },
    };
  }
}
