/** Sessions of one node, asked with every tick on the node's second connection while somebody looks at them. */
import { DriverError, describeFailure } from "../drivers/errors.ts";
import type { ClientSession } from "../model/mysql.ts";
import type { Reading } from "../model/reading.ts";
import type { Clock } from "./clock.ts";
import { EndpointLoop, type Pollable } from "./endpoint-loop.ts";
import type { NodeWatch } from "./node-watch.ts";
import type { Pace } from "./parts.ts";

/** The first report has to open a connection. */
const FIRST_ANSWER_MS = 3_000;

type Sessions = readonly ClientSession[];

export interface SessionsOptions {
  readonly cluster: string;
  readonly node: string;
  /** Looked up for every poll: the node may vanish, come back, or get another reader meanwhile. */
  readonly find: () => NodeWatch | null;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly onReading: (reading: Reading<Sessions>) => void;
}

export class SessionsWatch {
  readonly cluster: string;
  readonly node: string;
  readonly #loop: EndpointLoop<Sessions, Pollable<Sessions>>;
  readonly #onReading: (reading: Reading<Sessions>) => void;

  constructor(options: SessionsOptions) {
    const { clock, pace, onReading } = options;
    this.cluster = options.cluster;
    this.node = options.node;
    this.#onReading = onReading;
    this.#loop = new EndpointLoop({
      open: () => createSessionsSource(options),
      clock,
      pace,
      connectTimeoutMs: FIRST_ANSWER_MS,
      onSettled: () => onReading(this.#loop.reading()),
    });
  }

  /** One tick: polls when due; a reading that has turned stale meanwhile is told as such. */
  tick(urgent: boolean): void {
    if (!this.#loop.begin(0, urgent)) this.#onReading(this.#loop.reading());
  }

  async close(): Promise<void> {
    await this.#loop.close();
  }
}

function createSessionsSource(options: SessionsOptions): Pollable<Sessions> {
  const target = `${options.node} of ${options.cluster}`;
  return {
    target,
    async poll(bounds) {
      const watch = options.find();
      if (watch === null) {
        const fields = {
          kind: "unreachable",
          target,
          operation: "sessions",
          message: "there is no such node",
        } as const;
        throw new DriverError(fields);
      }
      try {
        return await watch.loop.driver.sessions(bounds);
      } catch (error) {
        const failure = describeFailure(error, watch.loop.target, "sessions");
        throw error instanceof DriverError ? error : new DriverError({ ...failure, cause: error });
      }
    },
    close: () => Promise.resolve(),
  };
}
