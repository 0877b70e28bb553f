/** Why the floating address cannot be moved, by the last picture of it alone. Pure; a plan asks for more. */
import type { FloatingIpSnapshot } from "./floating-ip.ts";

/** A sentence; null when a plan can be asked for. Cheap: it greys a key. */
export function describeNoMove(floatingIp: FloatingIpSnapshot | null): string | null {
  if (floatingIp === null) return "No floating address is configured.";
  const { address, state, hosts } = floatingIp;
  if (state === "none") return `No host holds ${address}.`;
  if (state === "double") return `Two hosts hold ${address}: that has to end first.`;
  if (state === "unknown") return `Who holds ${address} is not known.`;
  const pacemaker = hosts.find(({ tools }) => tools?.pacemaker === true);
  if (pacemaker !== undefined) return `Pacemaker moves ${address} on ${pacemaker.name}: use its own tools.`;
  const told = hosts.filter(({ tools }) => tools !== null);
  const isKnown = told.some(({ tools }) => tools?.heartbeat !== null || tools.keepalived !== null);
  return told.length > 0 && !isKnown ? "Neither Heartbeat nor keepalived is recognised on any host." : null;
}
