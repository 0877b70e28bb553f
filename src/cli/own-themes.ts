/** Themes of the user, ready for the screen, with what is to be said about them. */
import { ProblemList } from "../config/config-error.ts";
import { readSurroundings } from "../config/load-settings.ts";
import { checkTheme, listThemeFolders, readOwnThemes } from "../config/themes/own-themes.ts";
import type { OwnTheme } from "../model/theme.ts";
import { findLowContrast, type TokenContrast } from "../ui/theme/contrast.ts";
import { TEXT_CONTRAST } from "../ui/theme/depth.ts";
import { completeTheme, type ThemeFile } from "../ui/theme.ts";
import type { CliIo } from "./io.ts";

export interface ReadyThemes {
  readonly themes: readonly ThemeFile[];
  /** What keeps a theme from being offered, and what is hard to read in the one that is chosen. */
  readonly warnings: readonly string[];
}

/** Beyond these one line says how many there are. */
const MOST_TOKENS = 4;

export async function loadOwnThemes(folders: readonly string[], chosen: string): Promise<ReadyThemes> {
  const { themes, warnings } = await readOwnThemes(folders);
  const shown = themes.filter(({ name }) => name === chosen);
  return { themes: themes.map(completeTheme), warnings: [...warnings, ...shown.flatMap(describeLowContrast)] };
}

/** For a screen that reads no configuration. @throws ConfigError, UsageError when the theme asked for cannot be used */
export async function loadThemesAlone(io: CliIo, chosen: string): Promise<ReadyThemes> {
  const folders = listThemeFolders(readSurroundings(io.env, io.cwd), null);
  const problems = new ProblemList();
  await checkTheme(chosen, folders, problems);
  problems.throwIfAny();
  return loadOwnThemes(folders, chosen);
}

/** A theme that can hardly be read is used all the same: it may be meant for a screen we do not know. */
function describeLowContrast(own: OwnTheme): string[] {
  const theme = completeTheme(own);
  const worst = new Map<string, TokenContrast>();
  for (const each of findLowContrast(theme)) {
    const known = worst.get(each.token);
    if (known === undefined || each.ratio < known.ratio) worst.set(each.token, each);
  }
  const found = [...worst.values()];
  const lines = found.slice(0, MOST_TOKENS).map(({ token, on, ratio }) => {
    const line = own.lines[token] ?? own.lines.selected;
    const place = line === undefined ? own.file : `${own.file}:${line}`;
    const ground = on === "the background" ? `the background ${theme.background}` : on;
    return `${place}: ${token} has a contrast of ${ratio.toFixed(1)}:1 on ${ground}; text that can be read needs ${TEXT_CONTRAST}:1 (WCAG 2.1)`;
  });
  const more = found.length - MOST_TOKENS;
  return more > 0 ? [...lines, `${own.file}: ${more} more tokens have too little contrast; see docs/themes.md`] : lines;
}
