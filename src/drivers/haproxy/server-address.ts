/** Parser for the `addr` column of `show stat` (1.7+, level operator and up): `a.b.c.d:port`, `[v6]:port`, or a word such as `unix`. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Null for anything that is not address and port. */
export function parseServerAddress(text: string): ServerAddress | null {
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  if (colon <= 0 || !Number.isInteger(port) || port <= 0 || port > 65_535) return null;
  const host = text.slice(0, colon);
  return { host: host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host, port };
}
