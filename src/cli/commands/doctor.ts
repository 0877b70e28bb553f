/** `signalbox doctor`: what would keep each action from working, with the fix, before somebody needs it. */
import { stat } from "node:fs/promises";
import type { LoadedSettings } from "../../config/load-settings.ts";
import type { ClusterFacts, MachineFacts, TerminalFacts } from "../../doctor/facts.ts";
import { type GatherParts, gatherFacts } from "../../doctor/gather.ts";
import { examineStateDir, findRivalProcesses } from "../../doctor/machine.ts";
import { diagnose } from "../../doctor/table.ts";
import type { Health } from "../../model/alert.ts";
import type { Settings } from "../../model/settings.ts";
import { healthExitCode } from "../../model/status-view.ts";
import { selectHomeDir, selectJournalDir } from "../../operations/journal/place.ts";
import { MIN_COLUMNS, MIN_ROWS } from "../../ui/layout.ts";
import { chooseColorDepth } from "../../ui/theme/depth.ts";
import { formatFindings } from "../doctor/format-findings.ts";
import { createConfigReader, type FindHaproxyConfig } from "../doctor/haproxy-files.ts";
import type { GlobalOptions } from "../global-options.ts";
import { untilInterrupted } from "../interruption.ts";
import { type CliIo, wantsColor } from "../io.ts";
import { loadFor } from "../load.ts";
import { openLog } from "../log-file.ts";
import { loadOwnThemes } from "../own-themes.ts";
import { printJson } from "../status/print-json.ts";
import { createPaint } from "../status/table.ts";
import { type Observe, selectTimeoutMs } from "./status.ts";

export interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly haproxyConfig?: readonly string[];
}

/** How the doctor gets at servers; opened per run, closed at its end. */
export interface DoctorParts extends Pick<GatherParts, "examine" | "tryLogin" | "findRivals" | "readAddressHosts"> {
  readonly observe: Observe;
  readonly findHaproxyConfig: FindHaproxyConfig;
  close(): Promise<void>;
}

const PIPE_COLUMNS = 80;

/** @throws ConfigError, UsageError, Interrupted */
export async function runDoctorCommand(
  io: CliIo,
  options: DoctorOptions,
  open: (settings: Settings) => DoctorParts,
): Promise<number> {
  const loaded = await loadFor(io, options);
  const { settings } = loaded;
  const log = options.log === undefined ? null : openLog(options.log, io.cwd);
  const parts = open(settings);
  const gathering = Promise.all([gatherClusters(io, options, settings, parts), lookAround(io, loaded)]);
  const [clusters, machine] = await untilInterrupted(io, gathering).finally(() => parts.close());
  const findings = diagnose(clusters, machine);
  if (options.json) io.stdout.write(printJson({ schema: 1, findings }));
  else {
    const columns = io.stdout.isTTY ? Math.max(60, io.stdout.columns || PIPE_COLUMNS) : PIPE_COLUMNS;
    const paint = createPaint(wantsColor(io, options.color));
    io.stdout.write(formatFindings(findings, columns, paint, clusters.length > 1));
  }
  for (const { severity, code, subject, message } of findings)
    log?.note(io.now(), `doctor ${severity} ${code} ${subject}: ${message}`);
  await log?.close();
  return healthExitCode(judge(clusters, findings));
}

/** Cannot tell only where nobody answers: a machine without servers is not healthy because nothing was found. */
function judge(clusters: readonly ClusterFacts[], findings: readonly { readonly severity: string }[]): Health {
  if (clusters.every(({ cluster }) => cluster.health === "unknown")) return "unknown";
  if (findings.some(({ severity }) => severity === "critical")) return "critical";
  return findings.some(({ severity }) => severity === "warning") ? "warning" : "ok";
}

async function gatherClusters(
  io: CliIo,
  options: DoctorOptions,
  settings: Settings,
  parts: DoctorParts,
): Promise<readonly ClusterFacts[]> {
  // Bound of every question: a look and the questions after it are at most two of them.
  const timeoutMs = selectTimeoutMs(settings);
  const { clusters } = await parts.observe(settings, { timeoutMs });
  const readConfig = createConfigReader(options.haproxyConfig ?? [], io.cwd, parts.findHaproxyConfig);
  return Promise.all(
    clusters.flatMap((cluster) => {
      const own = settings.clusters.find(({ name }) => name === cluster.name);
      const gather = { readOnly: settings.readOnly, timeoutMs };
      return own === undefined ? [] : [gatherFacts(own, cluster, { ...parts, readConfig }, gather)];
    }),
  );
}

async function lookAround(io: CliIo, { settings, configPath, themeFolders }: LoadedSettings): Promise<MachineFacts> {
  const [own, rivals, stateDir, configMode] = await Promise.all([
    loadOwnThemes(themeFolders, settings.theme),
    findRivalProcesses(),
    examineStateDir(selectJournalDir(io.env, selectHomeDir(io.env))),
    configPath === null ? null : stat(configPath).then(({ mode }) => mode),
  ]);
  const configFile = configPath === null || configMode === null ? null : { path: configPath, mode: configMode };
  const warnings = [...settings.warnings, ...own.warnings];
  return { terminal: describeTerminal(io), stateDir, configFile, warnings, rivals };
}

function describeTerminal({ stdout, env }: CliIo): TerminalFacts | null {
  if (stdout.isTTY !== true) return null;
  const term = env.TERM ?? "";
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return {
    term,
    columns: stdout.columns || 0,
    rows: stdout.rows || 0,
    utf8: /utf-?8/i.test(locale),
    manyColors: ["256", "truecolor"].includes(chooseColorDepth(env)),
    least: { columns: MIN_COLUMNS, rows: MIN_ROWS },
  };
}
