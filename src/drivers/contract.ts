/**
 * What the rest of the program may ask of a server. The monitor gets only these reading interfaces; interfaces that change anything are
 * separate, so that a program started read-only holds no object that could send a changing statement.
 */
import type { HaproxyReport } from "../model/haproxy.ts";
import type { ClientSession, MysqlReport } from "../model/mysql.ts";

/** Bounds of one request. When the signal aborts, the promise rejects with DriverError kind `cancelled`; at the deadline with `timeout`. */
export interface RequestBounds {
  readonly signal: AbortSignal;
  /** Milliseconds from the call to the last byte of the answer. */
  readonly timeoutMs: number;
}

/** One HAProxy process or stats page. Every call opens what it needs and leaves nothing behind; calls may overlap. */
export interface HaproxyReader {
  /** Name and URL without secrets. */
  readonly target: string;
  /** @throws DriverError */
  poll(bounds: RequestBounds): Promise<HaproxyReport>;
  close(): Promise<void>;
}

/** One MySQL or MariaDB node. Keeps one connection, reconnects by itself on the next poll; polls must not overlap. */
export interface MysqlReader {
  readonly target: string;
  /** @throws DriverError when the node cannot be asked at all; parts that fail alone are `problems` of the report. */
  poll(bounds: RequestBounds): Promise<MysqlReport>;
  /** Client sessions of the node, on a second connection so that it never delays a poll. @throws DriverError */
  sessions(bounds: RequestBounds): Promise<readonly ClientSession[]>;
  close(): Promise<void>;
}
