/** `signalbox` and `signalbox console`: the interactive console on the configured clusters. */
import type { GlobalOptions } from "../global-options.ts";
import type { CliIo } from "../io.ts";
import { loadFor } from "../load.ts";
import { withMetrics } from "../metrics-address.ts";
import { openConsole } from "../open-console.ts";

export interface ConsoleOptions extends GlobalOptions {
  readonly metrics?: string;
}

/** @throws ConfigError, UsageError */
export async function runConsoleCommand(io: CliIo, options: ConsoleOptions): Promise<number> {
  const loaded = await loadFor(io, options);
  return openConsole(io, options, { ...loaded, settings: await withMetrics(loaded.settings, options.metrics) });
}
