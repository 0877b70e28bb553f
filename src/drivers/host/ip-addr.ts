/** `ip -j addr show`: which interfaces have an address. */
import { createHash } from "node:crypto";
import { normalizeHost } from "../../model/address.ts";
import type { HeldAddress } from "../../model/floating-ip.ts";

export interface HostAddresses {
  readonly held: readonly HeldAddress[];
  readonly machine: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Interfaces that are up and have the address; loopback does not count, for there it is a balanced address of a server and not the holder's.
 * An address whose duplicate detection failed is not in use. Null when it is not the answer of `ip`.
 */
export function parseIpAddr(text: string, address: string): HostAddresses | null {
  const links = parseList(text);
  if (links === null) return null;
  const wanted = normalizeHost(address);
  const held: HeldAddress[] = [];
  const marks: string[] = [];
  for (const link of links) {
    const name = textOf(link.ifname);
    if (name === null) continue;
    const flags = Array.isArray(link.flags) ? link.flags : [];
    const addresses = Array.isArray(link.addr_info) ? link.addr_info.filter(isFields) : [];
    marks.push(`${String(link.ifindex)} ${name} ${textOf(link.address) ?? ""}`);
    if (!flags.includes("UP") || flags.includes("LOOPBACK")) continue;
    for (const one of addresses) {
      const local = textOf(one.local);
      if (local === null || normalizeHost(local) !== wanted || one.dadfailed === true) continue;
      const label = textOf(one.label);
      held.push({ interface: name, label: label === name ? null : label });
    }
  }
  // Numbers and hardware addresses of all interfaces: equal only for two looks at one machine.
  const machine = createHash("sha256").update(marks.sort().join("\n")).digest("hex").slice(0, 16);
  return marks.length === 0 ? null : { held, machine };
}

function parseList(text: string): readonly Fields[] | null {
  try {
    const value: unknown = JSON.parse(text);
    // Some versions print empty objects for what was filtered.
    return Array.isArray(value) ? value.filter(isFields) : null;
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
