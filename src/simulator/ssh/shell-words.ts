/** A command line as a login shell would take it apart. */

/** Plain words and quoted ones; null for what a shell would make more of (pipes, variables, substitutions). */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  const part = /'([^']*)'|\\(.)|([A-Za-z0-9_@%+=:,./-]+)/y;
  let at = 0;
  for (;;) {
    while (line[at] === " ") at += 1;
    if (at >= line.length) return words;
    let word = "";
    while (at < line.length && line[at] !== " ") {
      part.lastIndex = at;
      const found = part.exec(line);
      if (found === null) return null;
      word += found[1] ?? found[2] ?? found[3] ?? "";
      at = part.lastIndex;
    }
    words.push(word);
  }
}

/** Without `env NAME=value …` in front. */
export function withoutEnvironment(words: readonly string[]): readonly string[] {
  if (words[0] !== "env") return words;
  const first = words.findIndex((word, index) => index > 0 && !/^[A-Z_]+=/.test(word));
  return first === -1 ? [] : words.slice(first);
}
