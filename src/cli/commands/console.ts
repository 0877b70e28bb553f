/** `signalbox` and `signalbox console`: the interactive console on the configured clusters. */
import { loadSettings, readSurroundings } from "../../config/load-settings.ts";
import { createSecretAsker } from "../ask-secret.ts";
import { buildSettingsRequest, type GlobalOptions } from "../global-options.ts";
import type { CliIo } from "../io.ts";
import { openConsole } from "../open-console.ts";

/** @throws ConfigError, UsageError */
export async function runConsoleCommand(io: CliIo, options: GlobalOptions): Promise<number> {
  const loaded = await loadSettings(
    buildSettingsRequest(options),
    readSurroundings(io.env, io.cwd, createSecretAsker(io)),
  );
  return openConsole(io, options, loaded);
}
