/** A reading position in the tokens of a statement, with the checks every rule of the grammar needs. */
import { syntaxError } from "../errors.ts";
import { readTokens, type Token } from "./tokens.ts";

export interface Cursor {
  peek(offset?: number): Token;
  next(): Token;
  /** Statement text between two places. */
  text(from: number, to: number): string;
  /** Takes the words (any case) or symbols when they come next, all or none. */
  accept(...words: string[]): boolean;
  /** @throws SqlError 1064 */
  expect(...words: string[]): void;
  /** A plain or quoted name. @throws SqlError 1064 */
  name(): string;
  /** @throws SqlError 1064 when anything is left. */
  finish(): void;
  /** The 1064 for what comes next. */
  fail(): Error;
}

function isWord(token: Token, word: string): boolean {
  const plain = token.kind === "word" || token.kind === "symbol";
  return plain && token.text.toUpperCase() === word.toUpperCase();
}

export function createCursor(sql: string): Cursor {
  const tokens = readTokens(sql);
  let index = 0;
  const peek = (offset = 0): Token => tokens[Math.min(index + offset, tokens.length - 1)] as Token;
  const fail = (): Error => syntaxError(sql.slice(peek().at));
  const cursor: Cursor = {
    peek,
    fail,
    text: (from, to) => sql.slice(from, to),
    next: () => {
      const token = peek();
      index += 1;
      return token;
    },
    accept: (...words) => {
      if (!words.every((word, offset) => isWord(peek(offset), word))) return false;
      index += words.length;
      return true;
    },
    expect: (...words) => {
      for (const word of words) if (!cursor.accept(word)) throw fail();
    },
    name: () => {
      const token = peek();
      if (token.kind !== "word" && token.kind !== "quoted-name") throw fail();
      index += 1;
      return token.text;
    },
    finish: () => {
      cursor.accept(";");
      if (peek().kind !== "end") throw fail();
    },
  };
  return cursor;
}
