/** The settings of a command: asked for on the terminal where they say so, and with passwords taken out of what children inherit. */
import { type LoadedSettings, loadSettings, readSurroundings } from "../config/load-settings.ts";
import { TextError } from "../config/text-error.ts";
import { createSecretAsker } from "./ask-secret.ts";
import { buildSettingsRequest, type GlobalOptions } from "./global-options.ts";
import type { CliIo } from "./io.ts";
import { unlockKeys } from "./unlock-keys.ts";

/** @throws ConfigError, UsageError, Interrupted */
export async function loadFor(io: CliIo, options: GlobalOptions): Promise<LoadedSettings> {
  const around = readSurroundings(io.env, io.cwd, createSecretAsker(io));
  const loaded = await loadSettings(buildSettingsRequest(options), around);
  for (const name of loaded.secretVariables) Reflect.deleteProperty(io.env, name);
  return unlockKeys(io, loaded);
}

/** The same without a question: for a screen that nobody sits at. @throws ConfigError where the configuration wants to ask, UsageError */
export async function loadWithoutAsking(io: CliIo, options: GlobalOptions): Promise<LoadedSettings> {
  const around = readSurroundings(io.env, io.cwd, refuseToAsk);
  const loaded = await loadSettings(buildSettingsRequest(options), around);
  for (const name of loaded.secretVariables) Reflect.deleteProperty(io.env, name);
  return loaded;
}

function refuseToAsk(): Promise<never> {
  const hint = "use password_env, password_command or password_file";
  return Promise.reject(new TextError("would ask on the terminal, and watch never asks", hint));
}
