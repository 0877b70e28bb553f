import { selectAdminState } from "../admin-state.ts";
import { nameOf } from "../view.ts";
import { block, cannotTell, type Finding, type Guard, warn } from "./guard.ts";
import { nodeChanges, serverChanges, serverOf, subjectOf } from "./selectors.ts";

export const clientSession: Guard = {
  name: "client-session",
  explains: "Only a client session that is there is killed, never replication, a dump thread or the server's own.",
  applies: (plan) => nodeChanges(plan).some(({ kind }) => kind === "kill-session"),
  evaluate: ({ sessions }, plan) =>
    nodeChanges(plan).flatMap((change): Finding[] => {
      if (change.kind !== "kill-session") return [];
      const subject = `${change.node} session ${change.sessionId}`;
      const ids = sessions.get(change.node) ?? null;
      if (ids === null) {
        return [cannotTell(subject, `The sessions of ${change.node} could not be read.`, "Look again.", false)];
      }
      if (ids.has(change.sessionId)) return [];
      const message = `${change.node} has no client session ${change.sessionId}: it has ended, or belongs to the server itself.`;
      return [block(subject, message, "Look at the sessions again.", false)];
    }),
};

export const sessionsReturn: Guard = {
  name: "sessions-return",
  explains: "Sessions are cut on a server that is out of rotation; else new ones come right back.",
  applies: (plan) => serverChanges(plan).some(({ kind }) => kind === "shutdown-sessions"),
  evaluate: (facts, plan) =>
    serverChanges(plan).flatMap((change): Finding[] => {
      const server = serverOf(facts, change)?.server;
      if (change.kind !== "shutdown-sessions" || server === undefined) return [];
      const state = selectAdminState(server);
      if (state === "drain" || state === "maint") return [];
      const message = `${nameOf(change)} ${state === null ? "may be" : "is"} in rotation on ${change.haproxy}: clients come right back.`;
      return [warn(subjectOf(change), message, `Drain it first: signalbox drain ${nameOf(change)}`)];
    }),
};
