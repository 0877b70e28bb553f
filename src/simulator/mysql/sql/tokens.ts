/** Words of an SQL statement. */
import { syntaxError } from "../errors.ts";

export interface Token {
  readonly kind: "word" | "quoted-name" | "string" | "number" | "symbol" | "end";
  /** As written; for strings and quoted names the value without quotes. */
  readonly text: string;
  /** Where it begins in the statement. */
  readonly at: number;
  /** Where the next one may begin. */
  readonly end: number;
}

const space = /(?:\s+|#[^\n]*|--(?:\s[^\n]*|$)|\/\*(?![!M])[\s\S]*?\*\/)+/y;
const word = /[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const symbol = /@@|<=>|<>|<=|>=|!=|:=|&&|\|\||[-+*/%(),.;=<>@!]/y;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0", b: "\b", Z: "\u001a" };

function match(pattern: RegExp, sql: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? null;
}

/** Text up to the closing quote, which is doubled or (in strings) escaped inside. */
function readQuoted(sql: string, at: number): { text: string; end: number } {
  const quote = sql[at];
  let text = "";
  for (let index = at + 1; index < sql.length; index += 1) {
    const character = sql[index] ?? "";
    if (character === quote) {
      if (sql[index + 1] !== quote) return { text, end: index + 1 };
      index += 1;
      text += quote;
    } else if (character === "\\" && quote !== "`") {
      index += 1;
      const escaped = sql[index] ?? "";
      // LIKE patterns keep the backslash before their own wildcards.
      text += escapes[escaped] ?? (escaped === "%" || escaped === "_" ? `\\${escaped}` : escaped);
    } else text += character;
  }
  throw syntaxError(sql.slice(at));
}

function readToken(sql: string, at: number): Token {
  const character = sql[at] ?? "";
  if (character === "'" || character === '"' || character === "`") {
    return { kind: character === "`" ? "quoted-name" : "string", at, ...readQuoted(sql, at) };
  }
  for (const [kind, pattern] of [
    ["word", word],
    ["number", number],
    ["symbol", symbol],
  ] as const) {
    const text = match(pattern, sql, at);
    if (text !== null) return { kind, text, at, end: at + text.length };
  }
  throw syntaxError(sql.slice(at));
}

/** All tokens, the last of kind `end`. @throws SqlError 1064 on text that is no SQL. */
export function readTokens(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += match(space, sql, at)?.length ?? 0;
    if (at >= sql.length) break;
    const token = readToken(sql, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", at: sql.length, end: sql.length });
  return tokens;
}
