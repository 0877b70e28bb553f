/** `signalbox status`: one look at everything, printed, and an exit code for scripts. */
import type { LoadedSettings } from "../../config/load-settings.ts";
import { printable } from "../../model/printable.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { Settings } from "../../model/settings.ts";
import type { ClusterSnapshot, Snapshot } from "../../model/snapshot.ts";
import { buildStatusesJson, buildStatusJson, combineHealth, healthExitCode } from "../../model/status-view.ts";
import type { GlobalOptions } from "../global-options.ts";
import { untilInterrupted } from "../interruption.ts";
import { type CliIo, wantsColor } from "../io.ts";
import { loadFor } from "../load.ts";
import { type LogFile, openLog } from "../log-file.ts";
import { formatStatus } from "../status/format-status.ts";
import { printJson } from "../status/print-json.ts";
import { createPaint } from "../status/table.ts";

export interface StatusOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** Looks once at everything the settings name; endpoints that do not answer in time are readings that failed. */
export type Observe = (settings: Settings, options: { readonly timeoutMs: number }) => Promise<Snapshot>;

/** A node is given its own connect timeout at least, everything together not less than this. */
const LEAST_TIMEOUT_MS = 3000;

/** @throws ConfigError, UsageError, Interrupted */
export async function runStatusCommand(io: CliIo, options: StatusOptions, observe: Observe): Promise<number> {
  const loaded = await loadFor(io, options);
  for (const warning of loaded.settings.warnings) io.stderr.write(`signalbox: warning: ${printable(warning)}\n`);
  const log = options.log === undefined ? null : openLog(options.log, io.cwd);
  const { clusters } = await untilInterrupted(
    io,
    observe(loaded.settings, { timeoutMs: selectTimeoutMs(loaded.settings) }),
  );
  const now = io.now();
  // Before anybody is told: a reader that goes away (`| head`) ends the program.
  if (log !== null) {
    for (const cluster of clusters) logHealth(cluster, now, log);
    await log.close();
  }
  if (options.json) io.stdout.write(printJson(buildJson(clusters, loaded, options.cluster ?? null, now)));
  else io.stdout.write(formatStatus(clusters, now, createPaint(wantsColor(io, options.color))));
  return healthExitCode(combineHealth(clusters.map(({ health }) => health)));
}

function logHealth({ name, health, alerts }: ClusterSnapshot, now: EpochMs, log: LogFile): void {
  log.note(now, `${name} status: ${health}`);
  for (const { severity, code, subject, message } of alerts)
    log.note(now, `${name} ${severity} ${code} ${subject}: ${message}`);
}

/** One cluster stands alone when it was asked for by name or is the only one. */
function buildJson(
  clusters: Snapshot["clusters"],
  loaded: LoadedSettings,
  wanted: string | null,
  now: number,
): unknown {
  const [first] = clusters;
  if (first !== undefined && (wanted !== null || loaded.settings.clusters.length === 1))
    return buildStatusJson(first, now);
  return buildStatusesJson(clusters, now);
}

/** Bound of one look in milliseconds. */
export function selectTimeoutMs({ clusters }: Settings): number {
  const accesses = clusters.flatMap(({ access, nodes }) => [access, ...nodes.map((node) => node.access)]);
  return Math.max(LEAST_TIMEOUT_MS, ...accesses.map(({ connectTimeoutMs }) => connectTimeoutMs));
}
