/** The session of an inspector: reads, and two that begin with other words or hold the name of a file. Nothing it may send changes anything. */
import { assertReadsOnly } from "../reading-only.ts";
import { readingSession, type SessionKind } from "../session-kind.ts";

/** By itself here, because a log may be called `into.000001`. */
const binlogEvents = /^SHOW BINLOG EVENTS IN '[^'\\]+' (FROM \d+ )?LIMIT \d+$/;

export const inspectingSession: SessionKind = {
  ...readingSession,
  assertMaySend: (sql) => {
    if (sql !== "XA RECOVER" && !binlogEvents.test(sql)) assertReadsOnly(sql);
  },
};

/** Null for a name that cannot be put into a statement without an escape; no server gives one by itself. */
export function buildBinlogEvents(file: string, from: number | null, limit: number): string | null {
  const sql = `SHOW BINLOG EVENTS IN '${file}' ${from === null ? "" : `FROM ${from} `}LIMIT ${limit}`;
  return binlogEvents.test(sql) ? sql : null;
}
