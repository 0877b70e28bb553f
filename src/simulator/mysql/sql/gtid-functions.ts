/** Functions of MySQL on GTID sets. */
import { executedPosition } from "../../world/gtid.ts";
import { formatGtidSet, type GtidSet, parseGtidSet, subtractGtidSet, toGtidSet } from "../../world/gtid-set.ts";
import { sqlErrors } from "../errors.ts";
import type { Cell } from "../wire/answer.ts";
import { readSeconds } from "./position-waits.ts";
import { type SqlSession, waitUntil } from "./session.ts";

function readSet(value: Cell): GtidSet {
  const set = parseGtidSet(String(value));
  if (set === null) throw sqlErrors.badGtidSet(String(value));
  return set;
}

/** @throws SqlError 1772 */
export function subtractGtids([left = null, right = null]: readonly Cell[]): Cell {
  if (left === null || right === null) return null;
  return formatGtidSet(subtractGtidSet(readSet(left), readSet(right)));
}

/** @throws SqlError 1772 */
export function isGtidSubset([left = null, right = null]: readonly Cell[]): Cell {
  if (left === null || right === null) return null;
  return subtractGtidSet(readSet(left), readSet(right)).size === 0 ? 1 : 0;
}

/** 0 when all of the set is executed, 1 when it is not in time, null for no text. @throws SqlError 1772 */
export function waitForGtidSet(session: SqlSession, [text = null, limit]: readonly Cell[]): Cell {
  if (text === null) return null;
  const wanted = readSet(text);
  const isThere = (): boolean => subtractGtidSet(wanted, toGtidSet(executedPosition(session.node))).size === 0;
  return waitUntil(session, readSeconds(limit), isThere) ? 0 : 1;
}
