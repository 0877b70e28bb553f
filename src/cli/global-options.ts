/** Options every command takes, before or after its name. */
import { type Command, Option } from "commander";
import type { SettingsRequest } from "../config/load-settings.ts";

export interface GlobalOptions {
  readonly config?: string;
  readonly cluster?: string;
  readonly haproxy?: readonly string[];
  readonly mysql?: readonly string[];
  readonly readOnly?: boolean;
  readonly theme?: string;
  readonly mouse?: boolean;
  readonly interval?: string;
  readonly log?: string;
  /** False with --no-color. */
  readonly color: boolean;
}

/** Every value of a repeatable option. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

export function addGlobalOptions(program: Command): void {
  program
    .option("-c, --config <file>", "configuration file")
    .option("--cluster <name>", "look at this cluster of the configuration only")
    .addOption(
      new Option("--haproxy <url>", "HAProxy socket or stats page; repeatable, needs no file").argParser(collect),
    )
    .addOption(
      new Option("--mysql <url>", "node as mysql://user@host:port; repeatable, needs no file").argParser(collect),
    )
    .option("--read-only", "bind no key and send no statement that changes anything")
    .option("--theme <name>", "dark, light, high-contrast, colour-blind, mono, or one of your own (docs/themes.md)")
    .option("--mouse", "click rows, tabs and headings; Shift then selects text as the terminal does")
    .option("--interval <time>", "poll interval, 250ms to 60s")
    .option("--log <file>", "append what the program does to this file")
    .option("--no-color", "no colour (NO_COLOR does the same)");
}

export function buildSettingsRequest(options: GlobalOptions): SettingsRequest {
  return {
    configFile: options.config ?? null,
    cluster: options.cluster ?? null,
    haproxyUrls: options.haproxy ?? [],
    mysqlUrls: options.mysql ?? [],
    readOnly: options.readOnly ?? false,
    theme: options.theme ?? null,
    mouse: options.mouse ?? null,
    interval: options.interval ?? null,
  };
}
