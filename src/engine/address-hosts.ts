/** One look at every host that could hold the floating address, with what could move it. */
import type { RequestBounds } from "../drivers/contract.ts";
import { type HostReport, planFloatingHosts } from "../model/floating-ip.ts";
import type { ClusterSettings } from "../model/settings.ts";
import { createMoveReaderOpener, type HostRunner } from "./hosts.ts";

/** By name; a host that does not answer is left out. Never rejects. */
export async function readAddressHosts(
  settings: ClusterSettings,
  runOn: HostRunner,
  bounds: RequestBounds,
): Promise<ReadonlyMap<string, HostReport>> {
  const address = settings.floatingIp;
  if (address === null) return new Map();
  const names = new Set(settings.haproxies.map(({ name }) => name));
  const open = createMoveReaderOpener(runOn);
  const found = await Promise.all(
    planFloatingHosts(settings).map(async (host) => {
      // The address goes only where a HAProxy is.
      if (!host.members.some((member) => names.has(member))) return [];
      const reader = open(host, address);
      // A signal of its own: each of its programs listens to it.
      const own = { ...bounds, signal: AbortSignal.any([bounds.signal]) };
      const report = await reader?.read("all", own).catch(() => null);
      return report == null ? [] : [[host.name, report] as const];
    }),
  );
  return new Map(found.flat());
}
