/**
 * Backends and servers of an SQL proxy under the two names HAProxy's have: a host group of ProxySQL is backend `hg10`, the backends of Atlas
 * and MySQL Proxy are grouped by their type (`rw`, `ro`), and a server has the name of its address, `10.0.0.11:3306`.
 */
import { normalizeHost } from "../../model/address.ts";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export function formatHostgroup(hostgroup: number): string {
  return `hg${hostgroup}`;
}

/** Null when it is the name of no host group. */
export function parseHostgroup(backend: string): number | null {
  const digits = /^hg(\d{1,9})$/.exec(backend)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The address in a server's name, or in the `address` column. Null for a Unix socket, and for anything that is no address. */
export function parseServerName(name: string): ServerAddress | null {
  const [, bracketed, plain, digits = ""] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(name) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

/** True when two names, as written, are the same address: nothing is looked up. */
export function isSameServer(left: string, right: string): boolean {
  const [first, second] = [parseServerName(left), parseServerName(right)];
  if (first === null || second === null) return left === right;
  return normalizeHost(first.host) === normalizeHost(second.host) && first.port === second.port;
}
