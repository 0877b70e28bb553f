/** Words of one configuration line as HAProxy cuts them: blanks separate, `#` ends the line, quotes and backslashes protect. */

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Quotes are HAProxy 1.7 and newer; variables are left as they are written, since their values are those of another process. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    if (quote !== "'" && character === "\\" && at + 1 < line.length) {
      at += 1;
      const next = line[at] ?? "";
      word = (word ?? "") + (ESCAPES[next] ?? next);
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (character === "#") break;
    else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (word !== null) words.push(word);
  return words;
}
