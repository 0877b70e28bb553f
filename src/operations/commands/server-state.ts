/** drain, maint, ready: `set server … state` with the state before kept for the way back. */
import { adviseReturn } from "../../model/alerts/server-rules.ts";
import type { AdminState, Change, Fact } from "../../model/operation.ts";
import { selectAdminState } from "../admin-state.ts";
import { buildCutNotes, buildReloadNotes, buildWaitNotes } from "../notes.ts";
import { resolveServers, type ServerTarget } from "../targets.ts";
import { nameOf, type ServerView } from "../view.ts";
import type { Command, DraftInput, PlanDraft } from "./command.ts";
import { describeTargets, draftServerSteps, type ServerChange, watched } from "./server-steps.ts";

const VERBS: Readonly<Record<AdminState, string>> = { drain: "Drain", maint: "Maintenance of", ready: "Enable" };

/** Change to a state with its way back; null when the server is in it already. */
export function draftState({ haproxy, server }: ServerView, state: AdminState): ServerChange | null {
  const found = selectAdminState(server);
  if (found === state) return null;
  const name = { haproxy, backend: server.backend, server: server.server };
  const change = (to: AdminState): Change => ({ kind: "server-state", ...name, state: to });
  const fact = (is: AdminState): Fact => ({ kind: "admin-state", ...name, state: is });
  return {
    title: `${state} ${nameOf(server)}`,
    change: change(state),
    before: found === null ? [] : [fact(found)],
    after: [fact(state)],
    undo: found === null ? null : { change: change(found), after: [fact(found)] },
  };
}

function buildUnchangedNotes(targets: readonly ServerTarget[], state: AdminState): string[] {
  const same = targets.flatMap(({ servers }) => servers).filter(({ server }) => selectAdminState(server) === state);
  return same.map(({ haproxy, server }) => `${nameOf(server)} is in state ${state} on ${haproxy} already.`);
}

/** Put in by an operator is not yet used by HAProxy. */
function buildDownNotes(servers: readonly ServerView[]): string[] {
  return servers
    .filter(({ server }) => server.state === "down")
    .map(({ haproxy, server }) => {
      const check = server.check === null ? "" : ` (${server.check})`;
      return `${nameOf(server)} is DOWN on ${haproxy}${check} and gets no clients yet. ${adviseReturn(server)}`;
    });
}

function draftPlan({ request, view }: DraftInput, state: AdminState): PlanDraft {
  const targets = resolveServers(view, request.targets, request.haproxy);
  const steps = draftServerSteps(view, targets, (server) => draftState(server, state));
  const servers = targets.flatMap((target) => target.servers);
  return {
    title: `${VERBS[state]} ${describeTargets(request.targets)}`,
    confirmWord: targets[0]?.node ?? request.targets[0] ?? "",
    steps,
    notes: [
      ...buildUnchangedNotes(targets, state),
      ...(state === "ready" ? buildDownNotes(servers) : []),
      ...buildCutNotes(view, servers, state),
      ...buildReloadNotes(view, steps, servers),
      ...(request.waitMs === null || state === "ready" ? [] : buildWaitNotes(view, servers)),
    ],
    watch: state === "ready" ? [] : servers.map(watched),
  };
}

function createStateCommand(state: AdminState): Command {
  return {
    id: state,
    danger: "reversible",
    draft: (input) => draftPlan(input, state),
  };
}

export const drain = createStateCommand("drain");
export const maint = createStateCommand("maint");
export const ready = createStateCommand("ready");
