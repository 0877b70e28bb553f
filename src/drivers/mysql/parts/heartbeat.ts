/** pt-heartbeat style table: one row per writing server with the time of its last beat. */
import type { MysqlReport } from "../../../model/mysql.ts";
import { DriverError } from "../../errors.ts";
import { type Asking, ask } from "../asking.ts";
import { numberOf, type Row } from "../rows.ts";
import type { MysqlTarget } from "../target.ts";

type Heartbeats = NonNullable<MysqlReport["heartbeats"]>;

/** Clocks of two hosts differ a little; a beat further in the future than this cannot be read as an age. */
const toleratedSkewSeconds = 2;

/**
 * `ts` is text like 2026-11-20T20:15:00.004230 (or a TIMESTAMP in similar tables). Both tables and clock are ours or validated.
 * @throws DriverError kind `unsupported` when the table name is not `schema.table` of plain letters, digits, _ and $
 */
export function buildHeartbeatStatement(table: string, clock: "local" | "utc", target: string): string {
  const name = /^([\w$]+)\.([\w$]+)$/.exec(table);
  if (name === null) {
    const message = `${target}: heartbeat: ${JSON.stringify(table)} is not a table name like percona.heartbeat`;
    throw new DriverError({
      kind: "unsupported",
      target,
      operation: "heartbeat",
      message,
      advice: "Correct heartbeat.table.",
    });
  }
  const now = clock === "utc" ? "UTC_TIMESTAMP(6)" : "NOW(6)";
  const beat = "CAST(REPLACE(ts, 'T', ' ') AS DATETIME(6))";
  return `SELECT server_id, TIMESTAMPDIFF(MICROSECOND, ${beat}, ${now}) / 1000000 AS age FROM \`${name[1]}\`.\`${name[2]}\``;
}

/** Age of each beat in seconds; beats from the future are left out and counted. */
export function parseHeartbeats(rows: readonly Row[]): { readonly beats: Heartbeats; readonly future: number } {
  const all = rows.map((row) => ({ serverId: numberOf(row, "server_id"), ageSeconds: numberOf(row, "age") }));
  const known = all.flatMap(({ serverId, ageSeconds }) =>
    serverId === null || ageSeconds === null ? [] : [{ serverId, ageSeconds }],
  );
  const past = known.filter(({ ageSeconds }) => ageSeconds >= -toleratedSkewSeconds);
  const beats = past.map(({ serverId, ageSeconds }) => ({ serverId, ageSeconds: Math.max(0, ageSeconds) }));
  return { beats, future: known.length - past.length };
}

/** Null when no table is configured or it cannot be read (then a problem says why). */
export async function readHeartbeats(asking: Asking, target: MysqlTarget): Promise<Heartbeats | null> {
  const { heartbeatTable } = target;
  if (heartbeatTable === null) return null;
  const part = { name: "heartbeat", privilege: `SELECT ON ${heartbeatTable}` };
  const sql = buildHeartbeatStatement(heartbeatTable, target.heartbeatClock ?? "local", asking.target);
  const answer = await ask(asking, part, [{ sql, columns: null }]);
  if (answer === null) return null;
  const { beats, future } = parseHeartbeats(answer.rows);
  if (future > 0) asking.problems.push({ part: part.name, failure: describeFuture(asking.target) });
  return beats;
}

function describeFuture(target: string) {
  return {
    kind: "unsupported" as const,
    target,
    operation: "heartbeat",
    message: `${target}: heartbeat: a beat lies in the future, so its age is not known`,
    advice: "Either pt-heartbeat writes with --utc while local time is expected, or the clocks of the hosts differ.",
    serverCode: null,
  };
}
