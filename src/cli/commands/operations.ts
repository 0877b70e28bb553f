/** `signalbox operations`: what was done, by whom, and how it stands. Reads the journal of this machine and asks no server. */
import { UsageError } from "../../config/config-error.ts";
import { quoteValue } from "../../config/decode/scalar.ts";
import { buildEntry } from "../../operations/journal/entry.ts";
import type { Journal } from "../../operations/journal/journal.ts";
import { findOperation } from "../change/select-cluster.ts";
import { EXIT } from "../exit-codes.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type CliIo, wantsColor } from "../io.ts";
import { formatOperation, formatOperations } from "../operations/format-operations.ts";
import { formatReport } from "../operations/format-report.ts";
import { viewOperation, withTimes } from "../operations/view-operation.ts";
import { printJson } from "../status/print-json.ts";
import { createPaint } from "../status/table.ts";

export interface OperationsOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly limit?: string;
  readonly markdown?: boolean;
}

const LIMIT = 50;
/** The journal cuts by file name, which tells seconds only: a few more are read than shown. */
const READ_AHEAD = 100;

/** @throws UsageError */
function parseLimit(text: string | undefined): number {
  if (text === undefined) return LIMIT;
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError(`--limit ${quoteValue(text)} is no number of operations; give 1 to 99999`);
}

export async function runOperationsCommand(io: CliIo, options: OperationsOptions, journal: Journal): Promise<number> {
  const limit = parseLimit(options.limit);
  const records = await journal.list(options.cluster ?? null, limit + READ_AHEAD);
  const shown = records.slice(0, limit);
  if (options.json)
    io.stdout.write(printJson({ schema: 1, operations: shown.map((record) => withTimes(buildEntry(record))) }));
  else io.stdout.write(formatOperations(shown, journal.dir, createPaint(wantsColor(io, options.color))));
  return EXIT.ok;
}

/** Columns where nobody tells them: a pipe is as wide as it wants to be. */
const WIDE = 200;

/** @throws UsageError for an id that is not there, and for two forms at once */
export async function runShowOperation(
  io: CliIo,
  options: OperationsOptions,
  journal: Journal,
  id: string,
): Promise<number> {
  if (options.json && options.markdown) throw new UsageError("--json and --markdown are two forms; give one of them");
  const record = await findOperation(journal, id);
  const entry = buildEntry(record);
  if (options.json) {
    io.stdout.write(printJson({ schema: 1, operation: { ...viewOperation(record), lines: record.lines } }));
  } else if (options.markdown) {
    io.stdout.write(formatReport(entry, record));
  } else {
    const paint = createPaint(wantsColor(io, options.color));
    io.stdout.write(formatOperation(entry, record, paint, io.stdout.isTTY ? io.stdout.columns || 80 : WIDE));
  }
  return EXIT.ok;
}
