/** Servers as they would be once the steps are done: what the guards compare with what is. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import type { Change } from "../../model/operation.ts";
import { isUsable } from "../../model/writer-route.ts";
import { selectAdminState, selectWeight } from "../admin-state.ts";
import { type ClusterView, nameOf, type ServerView } from "../view.ts";

function applyChange(server: HaproxyServer, change: Change): HaproxyServer {
  if (change.kind === "server-weight") return { ...server, weight: change.weight, assignedWeight: change.weight };
  if (change.kind !== "server-state") return server;
  if (change.state === "drain") return { ...server, state: "drain", adminReasons: ["drain-forced"] };
  if (change.state === "maint") return { ...server, state: "maint", adminReasons: ["maint-forced"] };
  // HAProxy sends traffic to a server that comes from maintenance at once, before its first check; from drain by what its checks say.
  const wasOut = selectAdminState(server) !== "ready";
  const state = server.state === "maint" || server.state === "drain" ? "up" : server.state;
  const weight = wasOut ? (selectWeight(server) ?? server.initialWeight ?? server.weight) : server.weight;
  return { ...server, state, adminReasons: [], weight };
}

/** Returns the servers of a backend after the changes; memoised per backend. */
export function createPrediction(
  view: ClusterView,
  changes: readonly Change[],
): (haproxy: string, backend: string) => readonly ServerView[] {
  const byServer = new Map<string, Change[]>();
  for (const change of changes) {
    if (!("haproxy" in change)) continue;
    const key = `${change.haproxy} ${nameOf(change)}`;
    const list = byServer.get(key);
    if (list === undefined) byServer.set(key, [change]);
    else list.push(change);
  }
  const known = new Map<string, readonly ServerView[]>();
  return (haproxy, backend) => {
    const key = `${haproxy} ${backend}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const after = view.inBackend(haproxy, backend).map((each) => {
      const own = byServer.get(`${haproxy} ${nameOf(each.server)}`) ?? [];
      return own.length === 0 ? each : { ...each, server: own.reduce(applyChange, each.server) };
    });
    known.set(key, after);
    return after;
  };
}

/** Who gets new connections: every usable active server, else the first usable backup (`option allbackups` cannot be seen). */
export function selectChosen(servers: readonly ServerView[]): readonly ServerView[] {
  const usable = servers.filter(({ server }) => isUsable(server));
  const active = usable.filter(({ server }) => !server.backup);
  return active.length > 0 ? active : usable.slice(0, 1);
}

/** Backends that the steps touch, each once. */
export function touchedBackends(
  steps: readonly { readonly change: Change }[],
): { readonly haproxy: string; readonly backend: string }[] {
  const found = new Map<string, { haproxy: string; backend: string }>();
  for (const { change } of steps) {
    if (change.kind !== "server-state" && change.kind !== "server-weight") continue;
    found.set(`${change.haproxy} ${change.backend}`, { haproxy: change.haproxy, backend: change.backend });
  }
  return [...found.values()];
}
