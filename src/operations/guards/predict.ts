/** Servers as they would be once the steps are done: what the guards compare with what is. */
import type { AdminReason, HaproxyServer } from "../../model/haproxy.ts";
import type { AdminState, Change } from "../../model/operation.ts";
import { isUsable } from "../../model/writer-route.ts";
import { selectAdminState, selectWeight } from "../admin-state.ts";
import { type ClusterView, nameOf, type ServerView } from "../view.ts";
import type { Effect } from "./effects.ts";
import { selectEffects } from "./effects.ts";

const OWN: Readonly<Record<AdminState, readonly AdminReason[]>> = {
  ready: [],
  drain: ["drain-forced"],
  maint: ["maint-forced"],
};
const INHERITED: Readonly<Record<AdminState, readonly AdminReason[]>> = {
  ready: [],
  drain: ["drain-inherited"],
  maint: ["maint-inherited"],
};
const MAINT: ReadonlySet<AdminReason> = new Set(["maint-forced", "maint-inherited", "unresolved"]);
const DRAIN: ReadonlySet<AdminReason> = new Set(["drain-forced", "drain-inherited"]);

/** A state of its own takes the forced bits' place and leaves the inherited ones, and the other way round. */
function applyReasons(server: HaproxyServer, state: AdminState, inherited: boolean): readonly AdminReason[] {
  const replaced: readonly AdminReason[] = inherited
    ? ["drain-inherited", "maint-inherited"]
    : ["drain-forced", "maint-forced"];
  const kept = (server.adminReasons ?? []).filter((reason) => !replaced.includes(reason));
  return [...kept, ...(inherited ? INHERITED : OWN)[state]];
}

function applyEffect(server: HaproxyServer, { change, inherited }: Effect): HaproxyServer {
  if (change.kind === "server-weight") return { ...server, weight: change.weight, assignedWeight: change.weight };
  if (change.kind !== "server-state") return server;
  const adminReasons = applyReasons(server, change.state, inherited);
  if (adminReasons.some((reason) => MAINT.has(reason))) return { ...server, state: "maint", adminReasons };
  if (adminReasons.some((reason) => DRAIN.has(reason))) return { ...server, state: "drain", adminReasons };
  // HAProxy sends traffic to a server that comes from maintenance at once, before its first check; from drain by what its checks say.
  const wasOut = selectAdminState(server) !== "ready" || inherited;
  const state = server.state === "maint" || server.state === "drain" ? "up" : server.state;
  // The effective weight of a server that is out is 0: where the one that was set is not told, it is not known.
  const weight = wasOut ? (selectWeight(server) ?? server.initialWeight) : server.weight;
  return { ...server, state, adminReasons, weight };
}

/** Returns the servers of a backend after the changes, those that follow a changed one included; memoised per backend. */
export function createPrediction(
  view: ClusterView,
  changes: readonly Change[],
): (haproxy: string, backend: string) => readonly ServerView[] {
  const byServer = new Map<string, Effect[]>();
  for (const effect of selectEffects(view, changes)) {
    const key = `${effect.change.haproxy} ${nameOf(effect.change)}`;
    const list = byServer.get(key);
    if (list === undefined) byServer.set(key, [effect]);
    else list.push(effect);
  }
  const known = new Map<string, readonly ServerView[]>();
  return (haproxy, backend) => {
    const key = `${haproxy} ${backend}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const after = view.inBackend(haproxy, backend).map((each) => {
      const own = byServer.get(`${haproxy} ${nameOf(each.server)}`) ?? [];
      return own.length === 0 ? each : { ...each, server: own.reduce(applyEffect, each.server) };
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

/**
 * Who would get new connections once these servers answer their checks. A server that is put in while it is DOWN takes traffic as soon as a
 * check succeeds, and no guard is asked then.
 */
export function selectChosenOnceUp(
  servers: readonly ServerView[],
  putIn: (server: ServerView) => boolean,
): readonly ServerView[] {
  return selectChosen(
    servers.map((each) => {
      const reasons = each.server.adminReasons ?? [];
      const isHeld = reasons.some((reason) => reason !== "unresolved" && (MAINT.has(reason) || DRAIN.has(reason)));
      if (!putIn(each) || isHeld || isUsable(each.server)) return each;
      return { ...each, server: { ...each.server, state: "up" } };
    }),
  );
}

/** Backends that the effects touch, each once. */
export function touchedBackends(effects: readonly Effect[]): { readonly haproxy: string; readonly backend: string }[] {
  const found = new Map<string, { haproxy: string; backend: string }>();
  for (const { change } of effects) {
    if (change.kind !== "server-state" && change.kind !== "server-weight") continue;
    found.set(`${change.haproxy} ${change.backend}`, { haproxy: change.haproxy, backend: change.backend });
  }
  return [...found.values()];
}
