/** What the steps of a plan do to servers: the changes themselves, and what servers that follow a changed one (`track`) do with it. */
import type { Change } from "../../model/operation.ts";
import { type ClusterView, nameOf, type ServerView } from "../view.ts";
import { type ServerChange, takesOut } from "./selectors.ts";

export interface Effect {
  /** Of a follower: the state of the server that it follows, made a change of its own. */
  readonly change: ServerChange;
  /** True for a follower. */
  readonly inherited: boolean;
}

/** A follower comes back with the one it follows unless it was taken out by itself; one that is in already stays as it is. */
function comesBack({ server }: ServerView): boolean {
  const { adminReasons } = server;
  if (adminReasons === null) return server.state !== "up" && server.state !== "unchecked";
  const isForced = adminReasons.includes("maint-forced") || adminReasons.includes("drain-forced");
  return !isForced && (adminReasons.includes("maint-inherited") || adminReasons.includes("drain-inherited"));
}

/** Every effect on a server, in the order of the steps; a follower may be followed itself. */
export function selectEffects(view: ClusterView, changes: readonly Change[]): readonly Effect[] {
  const followers = new Map<string, ServerView[]>();
  for (const each of view.servers) {
    const { tracks } = each.server;
    if (tracks === null) continue;
    const key = `${each.haproxy} ${tracks}`;
    followers.set(key, [...(followers.get(key) ?? []), each]);
  }
  return changes.flatMap((change): Effect[] => {
    if (!("haproxy" in change)) return [];
    const effects: Effect[] = [{ change, inherited: false }];
    if (change.kind !== "server-state") return effects;
    const seen = new Set([nameOf(change)]);
    // The list grows while it is walked.
    for (const effect of effects) {
      for (const follower of followers.get(`${change.haproxy} ${nameOf(effect.change)}`) ?? []) {
        const { backend, server } = follower.server;
        if (seen.has(nameOf(follower.server))) continue;
        seen.add(nameOf(follower.server));
        if (takesOut(change) || comesBack(follower))
          effects.push({ change: { ...change, backend, server }, inherited: true });
      }
    }
    return effects;
  });
}

export function effectsOf(
  view: ClusterView,
  plan: { readonly steps: readonly { readonly change: Change }[] },
): readonly Effect[] {
  return selectEffects(
    view,
    plan.steps.map(({ change }) => change),
  );
}
