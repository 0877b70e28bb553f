/** How long endpoints take to answer, measured around the drivers. */
import type { RequestBounds } from "../../drivers/contract.ts";
import type { Clock } from "../../monitor/clock.ts";
import type { MonitorParts } from "../../monitor/parts.ts";

export type EndpointKind = "haproxy" | "mysql" | "route" | "host";

export interface PollTime {
  readonly kind: EndpointKind;
  /** Endpoint without secrets. */
  readonly target: string;
  readonly lastMs: number;
  readonly answered: number;
  readonly failed: number;
}

interface Polled<T> {
  readonly target: string;
  poll(bounds: RequestBounds): Promise<T>;
  close(): Promise<void>;
}

export class PollTimes {
  readonly #clock: Clock;
  readonly #times = new Map<string, PollTime>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  list(): readonly PollTime[] {
    return [...this.#times.values()];
  }

  /** The same parts, with every poll measured. */
  around(parts: MonitorParts): MonitorParts {
    const { openRoute, openHost } = parts;
    return {
      ...parts,
      openHaproxy: (settings) => this.#measure("haproxy", parts.openHaproxy(settings)),
      openMysql: (target) => {
        const reader = parts.openMysql(target);
        return { ...this.#measure("mysql", reader), sessions: (bounds) => reader.sessions(bounds) };
      },
      ...(openRoute === undefined
        ? {}
        : { openRoute: (cluster, reader) => this.#measure("route", openRoute(cluster, reader)) }),
      ...(openHost === undefined
        ? {}
        : {
            openHost: (host, address) => {
              const reader = openHost(host, address);
              return reader === null ? null : this.#measure("host", reader);
            },
          }),
    };
  }

  #measure<T>(kind: EndpointKind, reader: Polled<T>): Polled<T> {
    const { target } = reader;
    return {
      target,
      poll: async (bounds) => {
        const startedMs = this.#clock.monotonicMs();
        try {
          const answer = await reader.poll(bounds);
          this.#note(kind, target, startedMs, true);
          return answer;
        } catch (error) {
          // Cancelled by ourselves is no answer of anybody.
          if (!bounds.signal.aborted) this.#note(kind, target, startedMs, false);
          throw error;
        }
      },
      close: () => {
        // One that is opened again goes on with its next poll.
        this.#times.delete(`${kind} ${target}`);
        return reader.close();
      },
    };
  }

  #note(kind: EndpointKind, target: string, startedMs: number, isAnswer: boolean): void {
    const key = `${kind} ${target}`;
    const { answered = 0, failed = 0 } = this.#times.get(key) ?? {};
    const lastMs = this.#clock.monotonicMs() - startedMs;
    const counts = isAnswer ? { answered: answered + 1, failed } : { answered, failed: failed + 1 };
    this.#times.set(key, { kind, target, lastMs, ...counts });
  }
}
