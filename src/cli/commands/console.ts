/** `signalbox` and `signalbox console`: the interactive console on the configured clusters. */
import type { GlobalOptions } from "../global-options.ts";
import type { CliIo } from "../io.ts";
import { loadFor } from "../load.ts";
import { openConsole } from "../open-console.ts";

/** @throws ConfigError, UsageError */
export async function runConsoleCommand(io: CliIo, options: GlobalOptions): Promise<number> {
  return openConsole(io, options, await loadFor(io, options));
}
