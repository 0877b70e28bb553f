/** What a theme is made of: the tokens of the screen and how one of them may look. Themes are data, of this program or of a user. */

export const TOKENS = [
  "text",
  "dim",
  "strong",
  "title",
  "accent",
  "heading",
  "ok",
  "warning",
  "critical",
  "info",
  "unknown",
  "maint",
  "drain",
  "stale",
  "source",
  "selected",
  "marked",
  "key",
  "prompt",
  "match",
  "badge",
] as const;

export type Token = (typeof TOKENS)[number];

/** Index of the 256-colour palette (0–15 follow the terminal's own scheme), or `#rrggbb`. */
export type Color = number | string;

/** Null or absent leaves the terminal's colour. */
export interface TokenStyle {
  readonly fg?: Color | null;
  readonly bg?: Color | null;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
  readonly italic?: boolean;
}

/** Themes that are always there; a file of one of these names is never read. */
export const BUILT_IN_THEMES = ["dark", "light", "high-contrast", "colour-blind", "mono"] as const;

/** A theme of a user's own as its file says it: what is not said comes from the theme it extends. */
export interface OwnTheme {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly title: string | null;
  /** One of BUILT_IN_THEMES; null when the file names every token itself. */
  readonly base: string | null;
  /** `#rrggbb` of the terminal the theme is made for; null: as the base. */
  readonly background: string | null;
  readonly foreground: string | null;
  readonly tokens: Readonly<Partial<Record<Token, TokenStyle>>>;
  /** Where each token stands in the file, counting from 1. */
  readonly lines: Readonly<Partial<Record<Token, number>>>;
}
