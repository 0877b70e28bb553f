/** Accounts as servers write them, and which of them a session belongs to: the process list tells a user and an address, not the account. */

export interface AccountName {
  readonly user: string;
  readonly host: string;
}

/** `'user'@'host'` of information_schema and CURRENT_USER; the last @ divides. */
export function parseGrantee(grantee: string): AccountName {
  const parts = /^'([\s\S]*)'@'([^']*)'$/.exec(grantee);
  return { user: parts?.[1] ?? grantee, host: parts?.[2] ?? "" };
}

export const formatAccount = ({ user, host }: AccountName): string => `'${user}'@'${host}'`;

/** True for accounts that belong to the server itself: nobody logs in with them. */
export function isInternal({ user, host }: AccountName): boolean {
  return host === "localhost" && /^(mariadb\.sys|mysql\.(sys|session|infoschema))$/.test(user);
}

/** Does the host part of an account take a client from there? @param client as in the process list, with or without port */
export function matchesHost(pattern: string, client: string): boolean {
  const host = client.replace(/^\[?(.*?)\]?:\d+$/, "$1").toLowerCase();
  const wanted = pattern.toLowerCase();
  if (wanted === host || wanted === "%" || wanted === "") return true;
  if (wanted === "localhost") return host === "127.0.0.1" || host === "::1";
  const mask = /^([\d.]+)\/([\d.]+)$/.exec(wanted);
  if (mask !== null) return matchesMask(mask[1] ?? "", mask[2] ?? "", host);
  const source = wanted
    .replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return new RegExp(`^${source}$`).test(host);
}

function matchesMask(network: string, mask: string, host: string): boolean {
  const bits = mask.includes(".") ? parseIpv4(mask) : 2 ** 32 - 2 ** (32 - Number(mask));
  const [wanted, given] = [parseIpv4(network), parseIpv4(host)];
  // Unsigned: the bits of JavaScript are signed.
  return bits !== null && wanted !== null && given !== null && (given & bits) >>> 0 === wanted;
}

function parseIpv4(text: string): number | null {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** The account a server would pick: the most exact host. Null when none of the user's fits, e.g. a name where we see an address. */
export function findAccount<A extends AccountName>(
  accounts: readonly A[],
  user: string,
  client: string | null,
): A | null {
  const fitting = accounts.filter((each) => each.user === user && matchesHost(each.host, client ?? "localhost"));
  const exactness = ({ host }: AccountName) => {
    const wildcard = host === "" ? 0 : host.search(/[%_]/);
    return wildcard < 0 ? Number.MAX_SAFE_INTEGER : wildcard;
  };
  return fitting.sort((a, b) => exactness(b) - exactness(a))[0] ?? null;
}
