/** reapply: what a reload of HAProxy took back is set again, as one plan. */
import type { HaproxySnapshot } from "../../model/snapshot.ts";
import { selectAdminState, selectWeight } from "../admin-state.ts";
import { RequestError, TargetError } from "../errors.ts";
import { buildReloadNotes } from "../notes.ts";
import { type ClusterView, nameOf, type ServerView } from "../view.ts";
import type { Command, DraftInput, PlanDraft, StepDraft } from "./command.ts";
import { draftState } from "./server-state.ts";
import { draftServerSteps, watched } from "./server-steps.ts";
import { draftWeight } from "./weight.ts";

type Restore = NonNullable<NonNullable<HaproxySnapshot["reload"]>["restore"]>[number];

interface Lost {
  readonly haproxy: string;
  readonly restore: Restore;
}

function collectLost(view: ClusterView, haproxy: string | null): Lost[] {
  if (haproxy !== null && view.haproxy(haproxy) === null) {
    const names = view.cluster.haproxies.map(({ name }) => name);
    throw new TargetError(
      "unknown",
      haproxy,
      `There is no HAProxy "${haproxy}": there are ${names.join(", ")}.`,
      names,
    );
  }
  return view.cluster.haproxies
    .filter(({ name }) => haproxy === null || name === haproxy)
    .flatMap(({ name, reload }) => (reload?.restore ?? []).map((restore) => ({ haproxy: name, restore })));
}

/** What somebody has set since the reload, which left the server in rotation with the weight of its configuration. */
function describeChanged(found: ServerView | null, { haproxy, restore }: Lost): string[] {
  if (found === null) return [];
  const { server } = found;
  const state = selectAdminState(server);
  const weight = selectWeight(server);
  const isOut = state === "drain" || state === "maint";
  const isSet = weight !== null && server.initialWeight !== null && weight !== server.initialWeight;
  return [
    ...(restore.state !== null && isOut && state !== restore.state ? [`${state}, and was ${restore.state}`] : []),
    ...(restore.weight !== null && isSet && weight !== restore.weight
      ? [`of weight ${weight}, and had ${restore.weight}`]
      : []),
  ].map((words) => `Since the reload somebody has set ${nameOf(server)} on ${haproxy}: it is ${words} before.`);
}

function draftPlan({ request, view }: DraftInput): PlanDraft {
  const lost = collectLost(view, request.haproxy);
  if (lost.length === 0)
    throw new RequestError("haproxy", "No reload was seen that lost anything: nothing to re-apply.");
  const find = (each: Lost) => view.find(each.haproxy, each.restore.backend, each.restore.server);
  const servers = lost.flatMap((each) => find(each) ?? []);
  const target = { text: "", node: null, servers };
  const restoreOf = new Map(lost.map((each) => [find(each), each.restore]));
  const states: StepDraft[] = draftServerSteps(view, [target], (server) => {
    const state = restoreOf.get(server)?.state ?? null;
    return state === null ? null : draftState(server, state);
  });
  const last = states.at(-1)?.group ?? 0;
  const weights = draftServerSteps(view, [target], (server) => {
    const weight = restoreOf.get(server)?.weight ?? null;
    return weight === null ? null : draftWeight(server, weight);
  }).map((step) => ({ ...step, group: step.group + last }));
  const names = [...new Set(lost.map(({ haproxy }) => haproxy))];
  const gone = lost.filter((each) => find(each) === null);
  return {
    title: `Re-apply what the reload of ${names.join(" and ")} took back`,
    confirmWord: names[0] ?? "",
    steps: [...states, ...weights],
    notes: [
      ...gone.map(({ haproxy, restore }) => `${restore.backend}/${restore.server} is gone from ${haproxy}.`),
      ...buildReloadNotes(view, [...states, ...weights], servers),
    ],
    changedSince: lost.flatMap((each) =>
      describeChanged(find(each), each).map((message) => ({ subject: each.haproxy, message })),
    ),
    watch: servers.filter((server) => restoreOf.get(server)?.state !== "ready").map(watched),
  };
}

export const reapply: Command = {
  id: "reapply",
  danger: "reversible",
  draft: draftPlan,
};
