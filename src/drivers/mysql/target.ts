/** What a reader has to know of its node. */
import type { Duplex } from "node:stream";
import type { MysqlAccess } from "../../model/settings.ts";

export interface MysqlTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly access: MysqlAccess;
  /** `schema.table` of a pt-heartbeat style table, or null. */
  readonly heartbeatTable: string | null;
  /**
   * How the writer of the heartbeat table dates its rows: pt-heartbeat writes local time unless it was started with `--utc`. Never
   * guessed: an hour of lag and an hour of time zone look the same. Default `local` (the time zone of the node that is asked).
   */
  readonly heartbeatClock?: "local" | "utc";
  /** Another way to the server than a TCP socket, e.g. through SSH. One stream per call; it may still be connecting. */
  readonly openStream?: () => Duplex;
}

/** Name and address for messages, e.g. `db1 10.0.0.11:3306`. No secret. */
export function describeTarget(target: Pick<MysqlTarget, "name" | "host" | "port">): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${target.name} ${host}:${target.port}`;
}
