/** `signalbox watch`: the wall screen. Started read-only whatever the configuration says: no object exists that could change a server. */
import { UsageError } from "../../config/config-error.ts";
import { quoteValue } from "../../config/decode/scalar.ts";
import { parseDuration } from "../../config/parse-duration.ts";
import { TextError } from "../../config/text-error.ts";
import { createWorkerEngine } from "../../engine/host.ts";
import { printable } from "../../model/printable.ts";
import type { Settings } from "../../model/settings.ts";
import type { NotifyWay } from "../../ui/wall/announce.ts";
import type { GlobalOptions } from "../global-options.ts";
import { holdEvents } from "../hold-events.ts";
import { type CliIo, wantsColor } from "../io.ts";
import { loadWithoutAsking } from "../load.ts";
import { openLog } from "../log-file.ts";
import { withMetrics } from "../metrics-address.ts";

export interface WatchOptions extends GlobalOptions {
  readonly rotate?: string;
  readonly bell?: boolean;
  readonly notify?: NotifyWay;
  readonly metrics?: string;
}

const ROTATE_BOUNDS = { minMs: 2_000, maxMs: 3_600_000 };

/**
 * @param openEngine what polls; tests give their own
 * @throws ConfigError, UsageError before the screen opens; never for what servers do
 */
export async function runWatchCommand(
  io: CliIo,
  options: WatchOptions,
  openEngine: typeof createWorkerEngine = createWorkerEngine,
): Promise<number> {
  const rotateMs = parseRotate(options.rotate);
  const { settings: loaded, themeFolders } = await loadWithoutAsking(io, options);
  const settings: Settings = { ...(await withMetrics(loaded, options.metrics)), readOnly: true };
  const log = options.log === undefined ? null : openLog(options.log, io.cwd);
  // The engine starts polling while the screen's code is being loaded.
  const engine = holdEvents(openEngine(settings, io.engineUrl));
  try {
    if (log !== null) engine.watch(log.record);
    const [{ runWatch }, { loadOwnThemes }, { chooseColorDepth }] = await Promise.all([
      import("../../ui/wall/run.tsx"),
      import("../own-themes.ts"),
      import("../../ui/theme/depth.ts"),
    ]);
    const own = await loadOwnThemes(themeFolders, settings.theme);
    for (const warning of [...settings.warnings, ...own.warnings])
      io.stderr.write(`signalbox: warning: ${printable(warning)}\n`);
    return await runWatch({
      engine,
      settings,
      themeName: settings.theme,
      colorDepth: wantsColor(io, options.color) ? chooseColorDepth(io.env) : "none",
      themes: own.themes,
      rotateMs,
      bell: options.bell ?? false,
      notify: options.notify ?? null,
      stdin: io.stdin,
      stdout: io.stdout,
      onDefect: (error) => log?.note(io.now(), `watch: a defect, survived: ${describe(error)}`),
    });
  } finally {
    await engine.stop();
    await log?.close();
  }
}

function parseRotate(written: string | undefined): number | null {
  if (written === undefined) return null;
  try {
    return parseDuration(written, ROTATE_BOUNDS);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new UsageError(
      `--rotate ${quoteValue(written)} ${error.message}${error.hint === null ? "" : `; ${error.hint}`}`,
    );
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
