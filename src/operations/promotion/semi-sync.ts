/** Semi-sync moves with the writes, to a primary that somebody answers: with nobody there every commit would wait for its time-out. */
import { lastKnown } from "../../model/reading.ts";
import type { ClusterView } from "../view.ts";

/**
 * Whether the new primary is to wait for acknowledgements as the old one did. `not-installed`, `unanswered`, `not-known`: it does without, which
 * has to be said. Null: there is nothing to do or to say.
 */
export type SourceSide = "on" | "not-installed" | "unanswered" | "not-known" | null;

/** @param followers nodes that are to follow the new primary */
export function selectSourceSide(
  view: ClusterView,
  from: string | null,
  to: string,
  followers: readonly string[],
): SourceSide {
  const next = view.report(to)?.semiSync ?? null;
  if (from === null || next?.sourceEnabled === true) return null;
  const old = lastKnown(view.node(from)?.reading ?? { state: "never", from })?.value ?? null;
  if (old === null) return next?.replicaEnabled === true ? "not-known" : null;
  if (old.semiSync?.sourceEnabled !== true) return null;
  if (next === null || next.sourceEnabled === null) return "not-installed";
  const isAnswered = followers.some((name) => view.report(name)?.semiSync?.replicaEnabled === true);
  return isAnswered ? "on" : "unanswered";
}

/** Why the new primary does without; null when it does not have to. */
export function describeWithout(side: SourceSide, from: string | null, to: string): string | null {
  const did = `${from} waited for semi-sync acknowledgements`;
  switch (side) {
    case "not-installed":
      return `${did}, and ${to} has no semi-sync source installed: it does without.`;
    case "unanswered":
      return `${did}, and nobody who is to follow ${to} has the replica side switched on: ${to} does without, since its commits would wait in vain.`;
    case "not-known":
      return `Whether ${from} waited for semi-sync acknowledgements is not known; ${to} has given them, and does without as a primary.`;
    default:
      return null;
  }
}

export const WITHOUT_ADVICE =
  "Switch the replica side on (rpl_semi_sync_*_enabled) on a node that follows it and restart its receiver, then the source side.";
