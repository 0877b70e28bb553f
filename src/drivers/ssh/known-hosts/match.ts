/** Does a line of known_hosts speak of a host? */
import { createHmac, timingSafeEqual } from "node:crypto";

const DEFAULT_PORT = 22;

/** How known_hosts names a host: `host`, or `[host]:port` for another port than 22. Lower case, as ssh writes it. */
export function formatKnownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === DEFAULT_PORT ? name : `[${name}]:${port}`;
}

/** @param hosts first field of a line: patterns with `*`, `?` and `!`, or one hashed name `|1|salt|hash` */
export function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHashed(hosts, name);
  let found = false;
  for (const pattern of hosts.split(",")) {
    const negated = pattern.startsWith("!");
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function matchesHashed(hosts: string, name: string): boolean {
  const [, version, salt = "", hash = "", more] = hosts.split("|");
  if (version !== "1" || more !== undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` and `?` only; brackets stand for themselves. Case does not matter. */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, "is").test(name);
}
