/** The report of a recording, to print or beside it. */
import { rm, writeFile } from "node:fs/promises";
import { UsageError } from "../../config/config-error.ts";
import type { EpochMs } from "../../model/reading.ts";
import { openRecording, type Recording, RecordingReadError } from "../../recording/file-reader.ts";
import { formatSpanReport, type Report } from "./format-report.ts";
import { selectSpan } from "./recorded-span.ts";

/** @throws UsageError for a file that is no recording */
export async function openForReading(path: string): Promise<Recording> {
  try {
    return await openRecording(path);
  } catch (error) {
    if (error instanceof RecordingReadError) throw new UsageError(error.message);
    throw error;
  }
}

/** @param cluster null: all of them */
export async function reportRecording(recording: Recording, from: EpochMs, cluster: string | null): Promise<Report> {
  const recorded = await selectSpan(recording, from, recording.to, cluster);
  const { operations } = recorded;
  return { from, to: recording.to, cluster, journal: null, operations, recorded, isCut: recording.notes.isCut };
}

/** Markdown beside the recording, for its owner alone. Resolves with the path. */
export async function writeReport(path: string): Promise<string> {
  const recording = await openRecording(path);
  try {
    const report = await reportRecording(recording, recording.from, null);
    const file = path.replace(/(\.sbrec)?$/, ".md");
    const text = formatSpanReport(report);
    await rm(file, { force: true });
    // Exclusive, so that no link that somebody has put there is followed.
    await writeFile(file, text, { mode: 0o600, flag: "wx" });
    return file;
  } finally {
    await recording.close();
  }
}
