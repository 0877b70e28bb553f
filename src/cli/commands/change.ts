/** `signalbox drain`, `undo` and all others that change something: from the command line to an exit code. */
import { UsageError } from "../../config/config-error.ts";
import type { LoadedSettings } from "../../config/load-settings.ts";
import { DriverError } from "../../drivers/errors.ts";
import { printable } from "../../model/printable.ts";
import type { Settings } from "../../model/settings.ts";
import { systemClock } from "../../monitor/clock.ts";
import { settledWithin } from "../../monitor/within.ts";
import { RefusedError, RequestError, TargetError } from "../../operations/errors.ts";
import type { Environment } from "../../operations/journal/place.ts";
import type { Operations } from "../../operations/operations.ts";
import { carryOut } from "../change/carry-out.ts";
import { buildNotBegun, type Ending } from "../change/ending.ts";
import { type Ask, type ChangeOptions, splitHaproxy } from "../change/options.ts";
import { createHumanReporter } from "../change/report-human.ts";
import { createJsonReporter } from "../change/report-json.ts";
import type { Reporter } from "../change/reporter.ts";
import { selectCluster } from "../change/select-cluster.ts";
import { type CliIo, wantsColor } from "../io.ts";
import { loadFor } from "../load.ts";
import { openLog } from "../log-file.ts";

/** Null when the settings are read-only: then there is nothing that could change a server. */
export type OpenOperations = (settings: Settings, options: { readonly env: Environment }) => Operations | null;

const CLOSE_WITHIN_MS = 1_000;

/** @throws ConfigError, UsageError */
export async function runChangeCommand(
  io: CliIo,
  options: ChangeOptions,
  ask: Ask,
  open: OpenOperations,
): Promise<number> {
  try {
    return await change(io, options, ask, open);
  } catch (error) {
    throw asUsage(error);
  }
}

/** What is wrong with a request is wrong with the command line. */
function asUsage(error: unknown): unknown {
  if (error instanceof TargetError || error instanceof RequestError) return new UsageError(error.message);
  return error;
}

async function change(io: CliIo, options: ChangeOptions, ask: Ask, open: OpenOperations): Promise<number> {
  const { urls } = splitHaproxy(options.haproxy);
  const loaded = await loadFor(io, { ...options, haproxy: urls });
  const { settings } = loaded;
  for (const warning of settings.warnings) io.stderr.write(`signalbox: warning: ${printable(warning)}\n`);
  const operations = settings.readOnly ? null : open(settings, { env: io.env });
  if (operations === null) throw readOnlyError(ask, options, loaded);
  const log = options.log === undefined ? null : openLog(options.log, io.cwd);
  try {
    const cluster = await selectCluster(settings, ask, operations.journal);
    const dryRun = options.dryRun ?? false;
    const json = options.json ?? false;
    const report = json ? createJsonReporter(io, dryRun) : createHumanReporter(io, wantsColor(io, options.color));
    const told = log === null ? report : logged(report, (line) => log.note(io.now(), `${cluster} ${line}`));
    const carried = {
      io,
      operations,
      request: { ...ask, cluster },
      report: told,
      dryRun,
      yes: options.yes ?? false,
      json,
    };
    const ending = await carryOut(carried).catch((error) => endWithoutBeginning(error, ask));
    told.end(ending);
    return ending.exitCode;
  } finally {
    await settledWithin(systemClock, CLOSE_WITHIN_MS, operations.close());
    await log?.close();
  }
}

/** These answer an unknown node as they answer every other node that cannot be it: refused. */
const REFUSE_UNKNOWN: ReadonlySet<Ask["command"]> = new Set(["promote", "rejoin", "move-ip"]);

/** A server that cannot be asked, or a journal that cannot be written, is no mistake of the command line. */
function endWithoutBeginning(error: unknown, { command }: Ask): Ending {
  if (error instanceof DriverError) return buildNotBegun(error.message);
  if (error instanceof RefusedError) return buildNotBegun(error.message, error.advice);
  if (error instanceof TargetError) {
    const isRefused = error.problem === "unreadable" || (error.problem === "unknown" && REFUSE_UNKNOWN.has(command));
    if (isRefused) return buildNotBegun(error.message);
  }
  if (error instanceof RequestError && error.field === "journal") return buildNotBegun(error.message);
  throw error;
}

function readOnlyError(ask: Ask, options: ChangeOptions, { configPath }: LoadedSettings): UsageError {
  const why = options.readOnly ? "--read-only was given" : `read_only is true in ${configPath ?? "the configuration"}`;
  return new UsageError(`${ask.command} changes servers, and ${why}; nothing was sent`);
}

/** The same reporter, with plan, steps and end in the log too. */
function logged(report: Reporter, note: (line: string) => void): Reporter {
  const shown = new Map<number, string>();
  return {
    ...report,
    plan(plan, refusals) {
      note(`plan ${plan.id}: ${plan.title}`);
      report.plan(plan, refusals);
    },
    progress(progress) {
      for (const { number, outcome, message } of progress.steps) {
        const line = `${progress.id} step ${number} ${outcome}${message === null ? "" : `: ${message}`}`;
        if (outcome !== "pending" && shown.get(number) !== line) note(line);
        shown.set(number, line);
      }
      report.progress(progress);
    },
    end(ending) {
      note(`exit code ${ending.exitCode}: ${ending.summary}`);
      report.end(ending);
    },
  };
}
