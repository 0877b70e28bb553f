/** What `console` and `demo` share: an engine in its worker, a log of it, and the screen on top. */
import type { LoadedSettings } from "../config/load-settings.ts";
import { createWorkerEngine } from "../engine/host.ts";
import type { Engine } from "../engine/protocol.ts";
import { printable } from "../model/printable.ts";
import type { ConsoleOptions } from "../ui/run.tsx";
import type { GlobalOptions } from "./global-options.ts";
import { holdEvents } from "./hold-events.ts";
import { type CliIo, wantsColor } from "./io.ts";
import { openLog } from "./log-file.ts";
import { CrashedError } from "./recording/crashed.ts";
import { recordEngine } from "./recording/recorded-engine.ts";
import { readVersion } from "./version.ts";

/** What is told where the cluster is only for learning. */
export type TrainingOptions = Pick<ConsoleOptions, "training" | "tour">;

/**
 * Runs until the user quits; resolves with the exit code.
 * @param wrap puts something between the engine and the screen
 * @throws UsageError for a log that cannot be written
 */
export async function openConsole(
  io: CliIo,
  options: GlobalOptions,
  loaded: LoadedSettings,
  wrap: (engine: Engine) => Engine = (engine) => engine,
  training: TrainingOptions = {},
): Promise<number> {
  const { settings, configPath, themeFolders } = loaded;
  const log = options.log === undefined ? null : openLog(options.log, io.cwd);
  // The engine starts polling while the screen's code is being loaded.
  const recorded = recordEngine(wrap(createWorkerEngine(settings, io.engineUrl)), { ...io, settings });
  const engine = holdEvents(recorded);
  try {
    if (log !== null) engine.watch(log.record);
    const [{ runConsole }, { loadOwnThemes }, { chooseColorDepth }] = await Promise.all([
      import("../ui/run.tsx"),
      import("./own-themes.ts"),
      import("../ui/theme/depth.ts"),
    ]);
    const colorDepth = wantsColor(io, options.color) ? chooseColorDepth(io.env) : "none";
    const own = await loadOwnThemes(themeFolders, settings.theme);
    const warnings = [...settings.warnings, ...own.warnings];
    // On the screen too; here it is still there when the screen has gone.
    for (const warning of warnings) io.stderr.write(`signalbox: warning: ${printable(warning)}\n`);
    return await runConsole({
      ...training,
      engine,
      settings,
      version: readVersion(),
      configPath,
      readOnly: settings.readOnly,
      themeName: settings.theme,
      color: colorDepth !== "none",
      colorDepth,
      themes: own.themes,
      warnings,
      stdin: io.stdin,
      stdout: io.stdout,
    }).catch(async (error: unknown) => {
      const report = await recorded.saveCrash(error);
      throw report === null ? error : new CrashedError(error, report);
    });
  } finally {
    await engine.stop();
    // A narrow screen has shown the beginning of a path only.
    for (const path of recorded.written) io.stderr.write(`signalbox: recorded in ${printable(path)}\n`);
    for (const problem of recorded.unwritten) io.stderr.write(`signalbox: recording ended: ${printable(problem)}\n`);
    await log?.close();
  }
}
