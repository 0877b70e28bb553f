/** `signalbox report`: reads the journal of this machine, or a recording, and asks no server. */
import { resolve } from "node:path";
import { UsageError } from "../../config/config-error.ts";
import { quoteValue } from "../../config/decode/scalar.ts";
import { parseDuration } from "../../config/parse-duration.ts";
import { buildEntry } from "../../operations/journal/entry.ts";
import type { Journal } from "../../operations/journal/journal.ts";
import { EXIT } from "../exit-codes.ts";
import type { GlobalOptions } from "../global-options.ts";
import type { CliIo } from "../io.ts";
import { formatSpanReport, isWithin, type Report, viewSpanReport } from "../report/format-report.ts";
import { printJson } from "../status/print-json.ts";

export interface ReportOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly since?: string;
}

const SINCE_MS = 3_600_000;
const BOUNDS = { minMs: 60_000, maxMs: 366 * 24 * 3_600_000 };
/** Files of the journal that are read. */
const LIMIT = 2_000;

/** @throws UsageError */
function parseSince(text: string | undefined): number {
  if (text === undefined) return SINCE_MS;
  try {
    return parseDuration(text, BOUNDS);
  } catch (error) {
    throw new UsageError(`--since ${quoteValue(text)} ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws UsageError */
export async function runReportCommand(
  io: CliIo,
  options: ReportOptions,
  journal: Journal,
  file: string | null = null,
): Promise<number> {
  const report = await (file === null ? reportJournal(io, options, journal) : reportFile(io, options, file));
  io.stdout.write(options.json ? printJson(viewSpanReport(report)) : formatSpanReport(report));
  return EXIT.ok;
}

/** The whole recording, or the end of it. */
async function reportFile(io: CliIo, options: ReportOptions, file: string): Promise<Report> {
  const sinceMs = options.since === undefined ? null : parseSince(options.since);
  const { openForReading, reportRecording } = await import("../report/write-report.ts");
  const recording = await openForReading(resolve(io.cwd, file));
  try {
    const from = sinceMs === null ? recording.from : Math.max(recording.from, recording.to - sinceMs);
    return await reportRecording(recording, from, options.cluster ?? null);
  } finally {
    await recording.close();
  }
}

async function reportJournal(io: CliIo, options: ReportOptions, journal: Journal): Promise<Report> {
  const to = io.now();
  const from = to - parseSince(options.since);
  const cluster = options.cluster ?? null;
  const all = await journal.list(null, LIMIT);
  const operations = all
    .filter((record) => (cluster === null || record.cluster === cluster) && isWithin(record, from, to))
    .reverse()
    .map((record) => ({ record, entry: buildEntry(record) }));
  const isCut = all.length >= LIMIT && (all.at(-1)?.startedAt ?? 0) >= from;
  return { from, to, cluster, journal: journal.dir, operations, recorded: null, isCut };
}
