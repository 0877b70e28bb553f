/** MASTER_GTID_WAIT and MASTER_POS_WAIT: they wait for the applier, and like the server's own do not notice one that has stopped. */
import { comparePoints } from "../../world/binlog.ts";
import { parseGtidPosition } from "../../world/gtid.ts";
import { sqlErrors } from "../errors.ts";
import type { Cell } from "../wire/answer.ts";
import { toNumber } from "./cells.ts";
import { type SqlSession, waitUntil } from "./session.ts";

/** Without a limit, or with 0 where that means none. */
const forEverSeconds = 365 * 86_400;

export function readSeconds(value: Cell | undefined): number {
  const seconds = value === undefined || value === null ? forEverSeconds : toNumber(value);
  return seconds <= 0 ? forEverSeconds : seconds;
}

/** 0 when gtid_slave_pos has come there, -1 when it has not in time, null for no text. @throws SqlError 1941 */
export function waitForGtid(session: SqlSession, [text = null, limit]: readonly Cell[]): Cell {
  if (text === null) return null;
  const wanted = parseGtidPosition(String(text));
  if (wanted === null) throw sqlErrors.badGtid();
  const { replicaPosition } = session.node;
  const isThere = (): boolean =>
    [...wanted].every(([domain, { sequence }]) => (replicaPosition.get(domain)?.sequence ?? 0) >= sequence);
  return waitUntil(session, readSeconds(limit), isThere) ? 0 : -1;
}

/** 0 when the applier has come to these coordinates of its source, -1 when not in time, null without a running applier. */
export function waitForPoint(session: SqlSession, args: readonly Cell[]): Cell {
  const [file = null, pos = null, limit, name = ""] = args;
  const channel = session.node.channels.find((candidate) => candidate.name === String(name ?? ""));
  const number = /\.(\d+)$/.exec(String(file))?.[1];
  if (channel === undefined || !channel.applier.running || number === undefined) return null;
  const wanted = { file: Number(number), pos: toNumber(pos) };
  return waitUntil(session, readSeconds(limit), () => comparePoints(channel.executed, wanted) >= 0) ? 0 : -1;
}
