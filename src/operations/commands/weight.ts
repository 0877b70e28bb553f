/** weight: `set server … weight N`. */
import type { Change, Fact } from "../../model/operation.ts";
import { selectWeight } from "../admin-state.ts";
import { RequestError } from "../errors.ts";
import { buildReloadNotes } from "../notes.ts";
import { resolveServers } from "../targets.ts";
import { nameOf, type ServerView } from "../view.ts";
import type { Command, DraftInput, PlanDraft } from "./command.ts";
import { describeTargets, draftServerSteps, type ServerChange } from "./server-steps.ts";

const MAX_WEIGHT = 256;

/** Null when the server has this weight already. */
export function draftWeight({ haproxy, server }: ServerView, weight: number): ServerChange | null {
  const found = selectWeight(server);
  if (found === weight) return null;
  const name = { haproxy, backend: server.backend, server: server.server };
  const change = (to: number): Change => ({ kind: "server-weight", ...name, weight: to });
  const fact = (is: number): Fact => ({ kind: "weight", ...name, weight: is });
  return {
    title: `weight ${weight} for ${nameOf(server)}`,
    change: change(weight),
    before: found === null ? [] : [fact(found)],
    after: [fact(weight)],
    undo: found === null ? null : { change: change(found), after: [fact(found)] },
  };
}

/** @throws RequestError for anything but a whole number from 0 to 256 */
export function checkWeight(weight: number | null): number {
  if (weight === null) throw new RequestError("weight", "A weight is missing: give a whole number from 0 to 256.");
  if (Number.isInteger(weight) && weight >= 0 && weight <= MAX_WEIGHT) return weight;
  throw new RequestError("weight", `A weight of ${weight} cannot be set: give a whole number from 0 to ${MAX_WEIGHT}.`);
}

function draftPlan({ request, view }: DraftInput): PlanDraft {
  const weight = checkWeight(request.weight);
  const targets = resolveServers(view, request.targets, request.haproxy);
  const steps = draftServerSteps(view, targets, (server) => draftWeight(server, weight));
  const servers = targets.flatMap((target) => target.servers);
  const same = servers.filter(({ server }) => selectWeight(server) === weight);
  return {
    title: `Weight ${weight} for ${describeTargets(request.targets)}`,
    confirmWord: targets[0]?.node ?? request.targets[0] ?? "",
    steps,
    notes: [
      ...same.map(({ haproxy, server }) => `${nameOf(server)} has weight ${weight} on ${haproxy} already.`),
      ...buildReloadNotes(view, steps, servers),
    ],
    watch: [],
  };
}

export const weight: Command = {
  id: "weight",
  danger: "reversible",
  draft: draftPlan,
};
