import { setTimeout as delay } from "node:timers/promises";
import type { Connection, ResultSetHeader } from "mysql2/promise";
import { labAccounts } from "./accounts.ts";
import { connectByPort } from "./connection.ts";

export interface TrafficOptions {
  /** Port of the writer listener. */
  readonly port: number;
  /** Writers side by side, each with one connection. Default 2. */
  readonly writers?: number;
  /** Rows per second of all writers together; default 20. */
  readonly rate?: number;
}

/** One row whose COMMIT the server acknowledged. */
export interface AcknowledgedRow {
  readonly id: number;
  readonly writer: number;
  readonly seq: number;
  /** Wall clock, milliseconds since 1970, when the acknowledgement came. */
  readonly atMs: number;
}

export interface Failure {
  readonly writer: number;
  readonly atMs: number;
  readonly message: string;
  /** `connect`: no connection could be opened. `first`: one that had carried no row yet broke, or was refused. `statement`: one in use did. */
  readonly during: "connect" | "first" | "statement";
}

export interface TrafficSummary {
  readonly acknowledged: readonly AcknowledgedRow[];
  /** Statements or connections that failed; what a row's fate was then is unknown. */
  readonly failures: readonly Failure[];
  /** Longest time between two acknowledged rows of anybody, milliseconds; 0 with fewer than two. */
  readonly longestGapMs: number;
}

/** Writers that insert into `shop.orders` through HAProxy as an application would: keep the connection, open a new one when it breaks. */
export class Traffic {
  private readonly acknowledged: AcknowledgedRow[] = [];
  private readonly failures: Failure[] = [];
  private readonly abort = new AbortController();
  private readonly done: Promise<unknown>;
  private readonly options: Required<TrafficOptions>;

  constructor(options: TrafficOptions) {
    this.options = { writers: 2, rate: 20, ...options };
    this.done = Promise.all(Array.from({ length: this.options.writers }, (_, writer) => this.write(writer + 1)));
  }

  /** What happened so far. */
  summary(): TrafficSummary {
    const times = this.acknowledged.map((row) => row.atMs);
    const longestGapMs = times.reduce((longest, at, index) => Math.max(longest, at - (times[index - 1] ?? at)), 0);
    return { acknowledged: [...this.acknowledged], failures: [...this.failures], longestGapMs };
  }

  /** Ends the writers after the statement they are in, and returns all that happened. */
  async stop(): Promise<TrafficSummary> {
    this.abort.abort();
    await this.done;
    return this.summary();
  }

  private async write(writer: number): Promise<void> {
    const pauseMs = (1000 * this.options.writers) / this.options.rate;
    let connection: Connection | undefined;
    let isUsed = false;
    for (let seq = 1; !this.abort.signal.aborted; seq++) {
      try {
        if (connection === undefined) {
          isUsed = false;
          connection = await this.connect();
        }
        const [result] = await connection.query<ResultSetHeader>(
          `INSERT INTO orders (writer, seq, at) VALUES (${writer}, ${seq}, NOW(6))`,
        );
        isUsed = true;
        this.acknowledged.push({ id: result.insertId, writer, seq, atMs: Date.now() });
      } catch (error) {
        this.failures.push({
          writer,
          atMs: Date.now(),
          during: connection === undefined ? "connect" : isUsed ? "statement" : "first",
          message: error instanceof Error ? error.message : String(error),
        });
        connection?.destroy();
        connection = undefined;
      }
      await delay(pauseMs, undefined, { signal: this.abort.signal }).catch(() => undefined);
    }
    connection?.destroy();
  }

  private async connect(): Promise<Connection> {
    const connection = await connectByPort(this.options.port, labAccounts.app, "shop");
    // The next statement reports a broken connection; the event alone must not end the process.
    connection.on("error", () => undefined);
    return connection;
  }
}

/** Starts writers; they run until {@link Traffic.stop}. */
export function startTraffic(options: TrafficOptions): Traffic {
  return new Traffic(options);
}
