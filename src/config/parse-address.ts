import { isIPv6 } from "node:net";
import { TextError } from "./text-error.ts";

export interface Address {
  /** Name, IPv4 or IPv6 address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const FORM = "write host:port, such as db1.example.com:3306 or [2001:db8::1]:3306";
const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?$/;

/** A port number from 1 to 65535. @throws TextError */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new TextError("has a wrong port", "ports go from 1 to 65535");
  return port;
}

/** A host name, an IPv4 or an IPv6 address (with or without brackets), without a port. @throws TextError */
export function parseHost(text: string): string {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const scopeless = bare.replace(/%[A-Za-z0-9_.-]+$/, "");
  if (bare.includes(":")) {
    if (isIPv6(scopeless)) return bare;
    throw new TextError("is not an IPv6 address", FORM);
  }
  if (bare !== text || !HOST.test(bare)) throw new TextError("is not a host name or address", FORM);
  return bare;
}

/** `host:port`, `[ipv6]:port`, or either without port where a default is given. @throws TextError */
export function parseAddress(text: string, defaultPort: number | null): Address {
  const trimmed = text.trim();
  if (trimmed.startsWith("/")) throw new TextError("is a path, not an address", FORM);
  if (trimmed.includes("://")) throw new TextError("is a URL, not an address", FORM);
  const bracketed = /^(\[[^\]]*\])(?::(.*))?$/.exec(trimmed);
  if (bracketed) return withPort(bracketed[1] ?? "", bracketed[2], defaultPort);
  if (isIPv6(trimmed)) return withPort(trimmed, undefined, defaultPort);
  const colon = trimmed.lastIndexOf(":");
  if (colon === -1) return withPort(trimmed, undefined, defaultPort);
  return withPort(trimmed.slice(0, colon), trimmed.slice(colon + 1), defaultPort);
}

function withPort(hostText: string, portText: string | undefined, defaultPort: number | null): Address {
  const host = parseHost(hostText);
  if (portText !== undefined) return { host, port: parsePort(portText) };
  if (defaultPort === null) throw new TextError("has no port", FORM);
  return { host, port: defaultPort };
}
