/** One `server` or `default-server` line. */
import type { ConfigServer } from "./config.ts";

/** Options of a server that have a default of their own per section. */
export type ServerOptions = Omit<ConfigServer, "name" | "host" | "port">;

export const NO_OPTIONS: ServerOptions = {
  backup: false,
  disabled: false,
  check: false,
  agentCheck: false,
  weight: null,
  interMs: null,
  rise: null,
  fall: null,
  onMarkedDown: null,
  onMarkedUp: null,
  track: null,
};

type Take = (options: ServerOptions, value: string) => ServerOptions;

/** Words without a value. */
const FLAGS: Readonly<Record<string, Partial<ServerOptions>>> = {
  backup: { backup: true },
  "non-stick": {},
  disabled: { disabled: true },
  enabled: { disabled: false },
  check: { check: true },
  "no-check": { check: false },
  "no-backup": { backup: false },
  "no-disabled": { disabled: false },
  "agent-check": { agentCheck: true },
  "no-agent-check": { agentCheck: false },
};

const VALUES: Readonly<Record<string, Take>> = {
  weight: (options, value) => ({ ...options, weight: parseInteger(value) }),
  inter: (options, value) => ({ ...options, interMs: parseTime(value) }),
  rise: (options, value) => ({ ...options, rise: parseInteger(value) }),
  fall: (options, value) => ({ ...options, fall: parseInteger(value) }),
  "on-marked-down": (options, value) => ({ ...options, onMarkedDown: value }),
  "on-marked-up": (options, value) => ({ ...options, onMarkedUp: value }),
  track: (options, value) => ({ ...options, track: value }),
};

/** Options in the order written: the last one counts. What is not known is passed over, word by word. */
export function takeOptions(start: ServerOptions, words: readonly string[]): ServerOptions {
  let options = start;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const flag = FLAGS[word];
    const take = VALUES[word];
    const value = words[at + 1];
    if (flag !== undefined) options = { ...options, ...flag };
    else if (take !== undefined && value !== undefined) {
      options = take(options, value);
      at += 1;
    }
  }
  return options;
}

/** `server NAME ADDRESS OPTIONS…` without its first word; null when there is no name and address. */
export function parseServer(words: readonly string[], defaults: ServerOptions): ConfigServer | null {
  const [name, address, ...rest] = words;
  if (name === undefined || address === undefined) return null;
  return { name, ...parseServerTarget(address), ...takeOptions(defaults, rest) };
}

/** `10.0.0.1:3306`, `[::1]:3306`, `db1`, `ipv4@db1:3306`; a port that is none, such as `+100`, is null. */
export function parseServerTarget(text: string): Pick<ConfigServer, "host" | "port"> {
  const plain = text.replace(/^(ipv4|ipv6|tcp|tcp4|tcp6)@/, "");
  if (plain.startsWith("/") || /^(unix|abns|sockpair|fd|rhttp)@/.test(plain)) return { host: null, port: null };
  const match = /^(?:\[([^\]]*)\]|(.*?))(?::([^:]*))?$/.exec(plain);
  const host = match?.[1] ?? match?.[2] ?? plain;
  const port = parseInteger(match?.[3] ?? "");
  return { host: host === "" ? null : host, port: port !== null && port > 0 && port < 65_536 ? port : null };
}

export function parseInteger(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** HAProxy's times: a number is milliseconds. */
function parseTime(text: string): number | null {
  const match = /^(\d{1,12})(us|ms|s|m|h|d)?$/.exec(text);
  return match === null ? null : Number(match[1]) * (UNIT_MS[match[2] ?? "ms"] ?? 1);
}
