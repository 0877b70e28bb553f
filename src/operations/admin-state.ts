/** What an operator set on a server, as far as it can be told. */
import type { HaproxyServer } from "../model/haproxy.ts";
import type { AdminState } from "../model/operation.ts";

/**
 * Forced state only: inherited, unresolved and configured bits are not changed by `set server … state`. HAProxy before 1.6 does not tell the
 * bits; there the status word has to do, and null (not known) is the answer for a server that is DOWN, which may be drained all the same.
 */
export function selectAdminState(server: HaproxyServer): AdminState | null {
  const { adminReasons, state } = server;
  if (adminReasons === null) {
    if (state === "maint" || state === "drain") return state;
    return state === "down" || state === "unknown" ? null : "ready";
  }
  if (adminReasons.includes("maint-forced")) return "maint";
  return adminReasons.includes("drain-forced") ? "drain" : "ready";
}

/** Weight as set; null when not known: the effective one is 0 while drained, and less in slow start. */
export function selectWeight(server: HaproxyServer): number | null {
  if (server.assignedWeight !== undefined && server.assignedWeight !== null) return server.assignedWeight;
  return server.state === "up" || server.state === "unchecked" ? server.weight : null;
}

/** `ready, weight 100, 12 sessions`: what was found, for people. */
export function describeServer(server: HaproxyServer): string {
  const words: string[] = [selectAdminState(server) ?? "state not known"];
  if (server.state === "down") words.push("DOWN");
  const weight = selectWeight(server);
  if (weight !== null) words.push(`weight ${weight}`);
  if (server.sessions !== null) words.push(`${server.sessions} ${server.sessions === 1 ? "session" : "sessions"}`);
  if (server.queued !== null && server.queued > 0) words.push(`${server.queued} queued`);
  return words.join(", ");
}
