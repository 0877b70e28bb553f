/** The look of the wall: that of a theme, but nothing in reverse video and no filled fields, which would burn in. */
import { foldToAscii } from "../format/text.ts";
import { type Line, paintLine } from "../paint.ts";
import type { ColorDepth } from "../theme/depth.ts";
import { createTheme, type SgrCode, type Theme, type ThemeFile, TOKENS } from "../theme.ts";

const FILLS: readonly string[] = ["\u001b[49m", "\u001b[27m"];

export interface WallLook {
  readonly themeName: string;
  readonly colorDepth: ColorDepth;
  /** Themes of the user. */
  readonly themes: readonly ThemeFile[];
  readonly unicode: boolean;
}

export function createWallPaint({ themeName, colorDepth, themes, unicode }: WallLook): (line: Line) => string {
  const theme = createTheme(themeName, colorDepth, themes) ?? createTheme("dark", colorDepth);
  if (theme === null) return () => "";
  const flat = withoutFills(theme);
  return (line) => paintLine(unicode ? line : line.map((part) => ({ ...part, text: foldToAscii(part.text) })), flat);
}

function withoutFills(theme: Theme): Theme {
  const codes = Object.fromEntries(TOKENS.map((token) => [token, flatten(theme.codes[token])]));
  return { ...theme, codes: codes as Record<(typeof TOKENS)[number], readonly SgrCode[]> };
}

/** Letters that were dark on a light field would be lost without it: they get what is left of the look. */
function flatten(codes: readonly SgrCode[]): readonly SgrCode[] {
  const kept = codes.filter(({ end }) => !FILLS.includes(end));
  const hadField = codes.some(({ end }) => end === "\u001b[49m");
  return hadField ? kept.filter(({ end }) => end !== "\u001b[39m") : kept;
}
