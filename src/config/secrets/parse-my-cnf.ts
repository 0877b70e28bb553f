/** MySQL option files, as far as an account needs them. Facts: MySQL manual, "Using Option Files". */

export interface ClientOptions {
  readonly user: string | null;
  readonly password: string | null;
  readonly host: string | null;
  readonly port: number | null;
  /** True when the file names other files with !include or !includedir, which are not read. */
  readonly hasIncludes: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", s: " ", "\\": "\\" };

/** Options of the named groups; a later line wins over an earlier one. */
export function parseMyCnf(text: string, groups: readonly string[] = ["client"]): ClientOptions {
  const found = new Map<string, string>();
  let inGroup = false;
  let hasIncludes = false;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (line.startsWith("!include")) hasIncludes = true;
    const header = /^\[([^\]]*)\]/.exec(line);
    if (header) inGroup = groups.includes((header[1] ?? "").trim());
    else if (inGroup) {
      const option = /^([A-Za-z0-9_-]+)\s*(?:=\s*(.*))?$/.exec(line);
      if (option)
        found.set((option[1] ?? "").replaceAll("_", "-").replace(/^loose-/, ""), parseOptionValue(option[2] ?? ""));
    }
  }
  const port = Number(found.get("port") ?? "");
  return {
    user: found.get("user") || null,
    password: found.get("password") || null,
    host: found.get("host") || null,
    port: Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null,
    hasIncludes,
  };
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
