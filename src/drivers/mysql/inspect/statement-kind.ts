/** What a running statement does, as far as its text tells. What is not known to only read counts as a change. */

const ddl = /^(ALTER|CREATE|DROP|RENAME|TRUNCATE|OPTIMIZE|REPAIR|ANALYZE|GRANT|REVOKE|INSTALL|UNINSTALL)\b/i;
const reads = /^(SELECT|SHOW|EXPLAIN|DESCRIBE|DESC|USE|CHECKSUM|HELP|KILL|SET|VALUES|TABLE|CHECK)\b/i;
/** A SELECT that locks rows or writes a file, and a WITH that ends in a change. */
const writesAllTheSame = /\b(FOR\s+UPDATE|INTO\s+(OUTFILE|DUMPFILE)|LOCK\s+IN\s+SHARE\s+MODE|FOR\s+SHARE)\b/i;

/** Comments and brackets at the beginning say nothing about what follows; the inside of an executable comment does. */
function strip(query: string): string {
  let rest = query.trimStart();
  for (;;) {
    const next = rest.replace(/^(\/\*(?![!M])[\s\S]*?\*\/|--\s[^\n]*(\n|$)|#[^\n]*(\n|$)|\/\*M?!\d*|\()\s*/, "");
    if (next === rest) return rest;
    rest = next;
  }
}

/** @param query text, possibly cut; null when the server shows none */
export function classifyStatement(query: string | null): "ddl" | "read" | "write" {
  if (query === null) return "write";
  const text = strip(query).replace(/^SET\s+STATEMENT\b[\s\S]*?\bFOR\s+/i, "");
  if (ddl.test(text)) return "ddl";
  if (/^WITH\b/i.test(text)) return /\b(UPDATE|DELETE|INSERT|REPLACE)\b/i.test(text) ? "write" : "read";
  return reads.test(text) && !writesAllTheSame.test(text) ? "read" : "write";
}
