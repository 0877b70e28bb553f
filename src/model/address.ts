/** Addresses compared as addresses: `localhost`, `127.0.0.1`, `::ffff:127.0.0.1` and `[::1]`-style brackets must not make two nodes of one. */

/** `host:port`, IPv6 in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function expandIpv6(host: string): string | null {
  const [address = ""] = host.split("%");
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (high: string | undefined, low: string | undefined) => (Number(high) * 256 + Number(low)).toString(16);
  const text = dotted === null ? address : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const groups = (half: string | undefined) => (half === undefined || half === "" ? [] : half.split(":"));
  const head = groups(halves[0]);
  const tail = groups(halves[1]);
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return null;
  const all = [...head, ...Array.from({ length: halves.length === 1 ? 0 : gap }, () => "0"), ...tail];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null;
  return all.map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}

/** Canonical host: lower case, no brackets, no trailing dot, IPv6 written out, IPv4-mapped as IPv4, `localhost` as 127.0.0.1. */
export function normalizeHost(host: string): string {
  const plain = host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
  if (plain === "localhost" || plain === "localhost.localdomain") return "127.0.0.1";
  if (!plain.includes(":")) return plain;
  const expanded = expandIpv6(plain);
  if (expanded === null) return plain;
  const mapped = /^0:0:0:0:0:ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(expanded);
  if (mapped === null) return expanded;
  const high = Number.parseInt(mapped[1] ?? "0", 16);
  const low = Number.parseInt(mapped[2] ?? "0", 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** True for 127.0.0.0/8, ::1 and localhost: addresses that mean another machine on another machine. */
export function isLoopback(host: string): boolean {
  const normal = normalizeHost(host);
  return normal === "0:0:0:0:0:0:0:1" || /^127\.\d+\.\d+\.\d+$/.test(normal);
}

/** Host as seen from here when somebody at `seenFrom` names it: their loopback is their machine, not ours. */
export function resolveRelative(host: string, seenFrom: string | null): string {
  return seenFrom !== null && isLoopback(host) && !isLoopback(seenFrom) ? seenFrom : host;
}

const KEY_CACHE_CAPACITY = 20_000;
const keyCache = new Map<string, Map<number, string>>();
let cachedKeys = 0;

/** Text under which equal addresses are equal; memoised, since every look at 5,000 servers asks for several times as many. */
export function addressKey(host: string, port: number): string {
  const key = keyCache.get(host)?.get(port);
  return key ?? cacheKey(host, port, `${normalizeHost(host)} ${port}`);
}

function cacheKey(host: string, port: number, key: string): string {
  if (cachedKeys >= KEY_CACHE_CAPACITY) {
    keyCache.clear();
    cachedKeys = 0;
  }
  const ofHost = keyCache.get(host);
  if (ofHost === undefined) keyCache.set(host, new Map([[port, key]]));
  else ofHost.set(port, key);
  cachedKeys += 1;
  return key;
}
