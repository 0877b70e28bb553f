/**
 * The status words of `show stat` for a server, all versions:
 * `UP`, `DOWN`, `NOLB`, `DRAIN` (1.5+), each also ` n/m` while checks are counted; `MAINT`, `MAINT(via)` (1.4), `MAINT (via b/s)` (1.5+),
 * `MAINT (resolution)` (1.7+); `DRAIN (agent)`, `DOWN (agent)` (1.6+); `no check`.
 */
import type { ServerState } from "../../model/haproxy.ts";
import { selectAdminOutage } from "./admin-state.ts";

const STATES: readonly { readonly pattern: RegExp; readonly state: ServerState }[] = [
  { pattern: /^UP( -?\d+\/-?\d+)?$/, state: "up" },
  { pattern: /^DOWN( -?\d+\/-?\d+| \(agent\))?$/, state: "down" },
  { pattern: /^NOLB( -?\d+\/-?\d+)?$/, state: "nolb" },
  // `DRAIN (agent)` shows for any drained server with an enabled agent, also one drained by the operator.
  { pattern: /^DRAIN( -?\d+\/-?\d+| \(agent\))?$/, state: "drain" },
  { pattern: /^MAINT( ?\(.*\))?$/, state: "maint" },
  { pattern: /^no check$/, state: "unchecked" },
];

/**
 * One word for how the server takes part. The status decides where there is one: a server DOWN and drained is `down`, and its drain shows
 * in the admin reasons only. Without a status (a disabled backend, which `show stat` hides) the bits decide, else it is unknown.
 * Weight 0 is no state: 1.6+ shows `UP` then, 1.5 `DRAIN`.
 */
export function selectServerState(status: string | null, adminState: number | null): ServerState {
  if (status === null) return (adminState === null ? null : selectAdminOutage(adminState)) ?? "unknown";
  return STATES.find(({ pattern }) => pattern.test(status))?.state ?? "unknown";
}

/** True for ` n/m` with n inside 0…m: 3.4 shows `UP -99999985/3` for a server that is simply up. */
export function isInTransition(status: string | null): boolean {
  const counts = status?.includes("/") !== true ? null : / (\d+)\/(\d+)$/.exec(status);
  return counts !== null && Number(counts[1]) <= Number(counts[2]);
}
