/** shutdown-sessions: cuts every session of a server. Nothing brings them back, and without drain new ones come at once. */
import type { Fact } from "../../model/operation.ts";
import { selectAdminState } from "../admin-state.ts";
import { resolveServers } from "../targets.ts";
import { nameOf, type ServerView } from "../view.ts";
import type { Command, DraftInput, PlanDraft } from "./command.ts";
import { describeTargets, draftServerSteps, type ServerChange, watched } from "./server-steps.ts";

/** True when no new session should come: only then can "no session left" be waited for. */
function isOut({ server }: ServerView): boolean {
  const state = selectAdminState(server);
  return state === "drain" || state === "maint";
}

export function draftShutdown(view: ServerView): ServerChange {
  const name = { haproxy: view.haproxy, backend: view.server.backend, server: view.server.server };
  const empty: Fact[] = isOut(view) ? [{ kind: "no-sessions", ...name }] : [];
  return {
    title: `shut down the sessions of ${nameOf(view.server)}`,
    change: { kind: "shutdown-sessions", ...name },
    before: [],
    after: empty,
    undo: null,
  };
}

export function countSessions(servers: readonly { readonly server: { readonly sessions: number | null } }[]): string {
  if (servers.some(({ server }) => server.sessions === null)) return "an unknown number of sessions";
  const total = servers.reduce((sum, { server }) => sum + (server.sessions ?? 0), 0);
  return total === 1 ? "1 session" : `${total} sessions`;
}

function draftPlan({ request, view }: DraftInput): PlanDraft {
  const targets = resolveServers(view, request.targets, request.haproxy);
  const servers = targets.flatMap((target) => target.servers);
  return {
    title: `Shut down ${countSessions(servers)} of ${describeTargets(request.targets)}`,
    confirmWord: targets[0]?.node ?? request.targets[0] ?? "",
    steps: draftServerSteps(view, targets, draftShutdown),
    notes: [
      "Clients see a lost connection (error 2013); open transactions are rolled back. This cannot be taken back.",
      "Sessions of an old HAProxy process that lives on after a reload are not reached: only the CLI of the process above it (haproxy -S) can end them.",
    ],
    watch: servers.filter(isOut).map(watched),
  };
}

export const shutdownSessions: Command = {
  id: "shutdown-sessions",
  danger: "disruptive",
  draft: draftPlan,
};
