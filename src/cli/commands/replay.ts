/** `signalbox replay FILE`: the console on a recording. Reads no configuration and connects to nothing. */
import { resolve } from "node:path";
import type { Settings } from "../../model/settings.ts";
import type { Recording } from "../../recording/file-reader.ts";
import { createReplayEngine } from "../../recording/replay/player.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type CliIo, wantsColor } from "../io.ts";
import { openForReading } from "../report/write-report.ts";
import { readVersion } from "../version.ts";

const DEFAULT_THEME = "dark";

/** @throws UsageError for a file that is no recording and for a theme there is none of, ConfigError for one that cannot be used */
export async function runReplayCommand(io: CliIo, options: GlobalOptions, file: string): Promise<number> {
  const theme = options.theme ?? DEFAULT_THEME;
  const [{ loadThemesAlone }, { chooseColorDepth }] = await Promise.all([
    import("../own-themes.ts"),
    import("../../ui/theme/depth.ts"),
  ]);
  const own = await loadThemesAlone(io, theme);
  const colorDepth = wantsColor(io, options.color) ? chooseColorDepth(io.env) : "none";
  const recording = await openForReading(resolve(io.cwd, file));
  const engine = createReplayEngine(recording, {
    monotonicMs: () => performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });
  const { runConsole } = await import("../../ui/run.tsx");
  return runConsole({
    engine,
    settings: { ...describeSettings(theme), mouse: options.mouse ?? false },
    version: readVersion(),
    configPath: null,
    readOnly: true,
    themeName: theme,
    color: colorDepth !== "none",
    colorDepth,
    themes: own.themes,
    warnings: own.warnings,
    replay: { now: engine.now, lagLimits: listLagLimits(recording) },
    stdin: io.stdin,
    stdout: io.stdout,
  });
}

/** Of a console that has no server. */
function describeSettings(theme: string): Settings {
  const ssh = { configFile: "", knownHostsFile: "" };
  return { intervalMs: 1_000, theme, readOnly: true, clusters: [], ssh, warnings: [] };
}

function listLagLimits({ head }: Recording): Readonly<Record<string, RecordingLag>> {
  return Object.fromEntries(head.clusters.map(({ name, lag }) => [name, lag]));
}

type RecordingLag = Recording["head"]["clusters"][number]["lag"];
