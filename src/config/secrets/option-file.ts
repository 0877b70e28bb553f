/** The text of MySQL option files. Facts: MySQL manual, "Using Option Files". */

export type OptionLine =
  | { readonly kind: "option"; readonly group: string; readonly name: string; readonly value: string }
  | { readonly kind: "include" | "includedir"; readonly path: string };

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", s: " ", "\\": "\\" };

/** Options and includes in the order of the file; what stands before the first group is left out, as mysql does. */
export function parseOptionFile(text: string): readonly OptionLine[] {
  const lines: OptionLine[] = [];
  let group: string | null = null;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    const include = /^!(include|includedir)\s+(\S.*)$/.exec(line);
    const header = /^\[([^\]]*)\]/.exec(line);
    if (include !== null) {
      lines.push({ kind: include[1] as "include" | "includedir", path: include[2] ?? "" });
    } else if (header !== null) {
      group = (header[1] ?? "").trim();
    } else if (group !== null) {
      const option = /^([A-Za-z0-9_-]+)\s*(?:=\s*(.*))?$/.exec(line);
      if (option !== null) {
        const name = (option[1] ?? "").replaceAll("_", "-").replace(/^loose-/, "");
        lines.push({ kind: "option", group, name, value: parseOptionValue(option[2] ?? "") });
      }
    }
  }
  return lines;
}

/** A value with its quotes taken off and escapes resolved; outside quotes ` #` begins a comment. */
function parseOptionValue(written: string): string {
  const quoted = /^(["'])((?:\\.|(?!\1).)*)\1/.exec(written);
  const bare = quoted ? (quoted[2] ?? "") : written.replace(/\s+#.*$/, "").trimEnd();
  return bare.replace(
    /\\(.)/g,
    (whole, letter: string) => ESCAPES[letter] ?? (quoted && /["']/.test(letter) ? letter : whole),
  );
}
