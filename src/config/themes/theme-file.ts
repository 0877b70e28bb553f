/** A theme of a user's own: text of its file to data, with every problem at its line. */
import { isMap, isScalar } from "yaml";
import { printable } from "../../model/printable.ts";
import { BUILT_IN_THEMES, type Color, type OwnTheme, TOKENS, type Token, type TokenStyle } from "../../model/theme.ts";
import type { ProblemList } from "../config-error.ts";
import { record } from "../decode/collection.ts";
import { choice, flag, parsed, quoteValue } from "../decode/scalar.ts";
import { type Decoder, describeKind, reject, type Value } from "../decode/value.ts";
import { parseYaml } from "../parse-yaml.ts";
import { TextError } from "../text-error.ts";

/** The first sixteen, as terminals name them. */
const COLOR_NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
const COLOR_HINT = `0 to 255, "#rrggbb" in quotes, ${COLOR_NAMES.join(", ")}, the same with bright-, or default`;
const LONGEST_TITLE = 80;

/** Boxed, because null (the terminal's own colour) is a colour as well. */
interface Paint {
  readonly color: Color | null;
}

const color: Decoder<Paint> = (value) => {
  const { node } = value;
  if (!isScalar(node)) return reject(value, `must be a colour, not ${describeKind(value)}`, COLOR_HINT);
  const written = node.source ?? String(node.value);
  // YAML takes an unquoted `#ff8700` for a comment.
  if (written === "") return reject(value, "is empty", 'a colour that begins with # stands in quotes: "#ff8700"');
  const found = readColor(written);
  return found ?? reject(value, `${quoteValue(written)} is no colour`, COLOR_HINT);
};

function readColor(written: string): Paint | undefined {
  const text = written.toLowerCase();
  if (text === "default" || text === "null" || text === "~") return { color: null };
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? { color: Number(text) } : undefined;
  const hex = readHex(text);
  if (hex !== null) return { color: hex };
  const bright = text.startsWith("bright-");
  const index = COLOR_NAMES.indexOf((bright ? text.slice("bright-".length) : text) as (typeof COLOR_NAMES)[number]);
  return index < 0 ? undefined : { color: bright ? index + 8 : index };
}

/** `#rgb` and `#rrggbb` as the latter, in small letters. */
function readHex(text: string): string | null {
  if (/^#[0-9a-f]{6}$/.test(text)) return text;
  return /^#[0-9a-f]{3}$/.test(text) ? `#${[...text.slice(1)].map((digit) => digit + digit).join("")}` : null;
}

const ground = parsed((written) => {
  const hex = readHex(written.toLowerCase());
  if (hex === null) throw new TextError("is no colour of a terminal", 'write "#rrggbb" in quotes');
  return hex;
});

const title = parsed((written) => {
  if (printable(written) !== written) throw new TextError("has characters that cannot be printed");
  if (written.length > LONGEST_TITLE) throw new TextError(`is longer than ${LONGEST_TITLE} characters`);
  return written;
});

const LOOKS = { bold: flag, dim: flag, italic: flag, underline: flag, inverse: flag };
const look = record({ fg: color, bg: color, ...LOOKS });

/** A map of looks, or a colour alone for the text. */
const style: Decoder<TokenStyle> = (value) => {
  if (!isMap(value.node)) {
    const paint = color(value);
    return paint === undefined ? undefined : { fg: paint.color };
  }
  const found = look(value);
  if (found === undefined) return undefined;
  const { fg, bg, ...rest } = found;
  const looks = Object.entries(rest).flatMap(([key, each]) => (each?.value === true ? [[key, true] as const] : []));
  return { fg: fg?.value.color ?? null, bg: bg?.value.color ?? null, ...Object.fromEntries(looks) };
};

const TOKEN_FIELDS = Object.fromEntries(TOKENS.map((token) => [token, style])) as Record<Token, Decoder<TokenStyle>>;

const themeFile = record(
  {
    name: title,
    title,
    extends: choice(BUILT_IN_THEMES),
    background: ground,
    foreground: ground,
    tokens: record(TOKEN_FIELDS),
  },
  { all: ["tokens"] },
);

/** Every problem goes to the list; what is returned counts only without one. @throws ConfigError for text that is no YAML */
export function parseThemeFile(file: string, name: string, text: string, problems: ProblemList): OwnTheme | null {
  const top = parseYaml(file, text, problems, "it needs at least tokens:");
  const found = themeFile(top);
  if (found === undefined) return null;
  const tokens: Partial<Record<Token, TokenStyle>> = {};
  const lines: Partial<Record<Token, number>> = {};
  for (const token of TOKENS) {
    const field = found.tokens?.value[token];
    if (field === undefined) continue;
    tokens[token] = field.value;
    if (field.place.line !== null) lines[token] = field.place.line;
  }
  if (found.name !== undefined && found.name.value !== name)
    problems.add(
      found.name.place,
      `name is ${quoteValue(found.name.value)}, but the file makes it ${name}`,
      "leave it out",
    );
  if (found.extends === undefined) rejectGaps(top, found, problems);
  return {
    name,
    file,
    title: found.title?.value ?? null,
    base: found.extends?.value ?? null,
    background: found.background?.value ?? null,
    foreground: found.foreground?.value ?? null,
    tokens,
    lines,
  };
}

/** Without a theme to fall back on everything has to be said. */
function rejectGaps(top: Value, found: NonNullable<ReturnType<typeof themeFile>>, problems: ProblemList): void {
  // What is there and wrong has been reported; what follows from it is not worth a line.
  if (problems.size > 0) return;
  const hint = 'or write "extends: dark" to take what is missing from there';
  if (found.background === undefined)
    problems.add(top.place, 'needs the key "background", the colour of the terminal it is made for', hint);
  const { tokens } = found;
  if (tokens === undefined) return;
  const missing = TOKENS.filter((token) => tokens.value[token] === undefined);
  if (missing.length > 0) problems.add(tokens.place, `tokens lacks ${missing.join(", ")}`, hint);
}
