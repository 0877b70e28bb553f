/** kill-session: ends one client session of a node, by its number in the processlist. */
import { RequestError } from "../errors.ts";
import { resolveNodes } from "../targets.ts";
import type { Command, DraftInput, PlanDraft } from "./command.ts";

function draftPlan({ request, view }: DraftInput): PlanDraft {
  const nodes = resolveNodes(view, request.targets);
  const [node] = nodes;
  const { sessionId } = request;
  if (node === undefined || nodes.length > 1) throw new RequestError("targets", "Give one node whose session to kill.");
  if (sessionId === null || !Number.isSafeInteger(sessionId) || sessionId <= 0) {
    throw new RequestError("sessionId", "Give the number of the session as the processlist has it.");
  }
  return {
    title: `Kill session ${sessionId} of ${node}`,
    confirmWord: node,
    steps: [
      {
        group: 1,
        title: `kill session ${sessionId} of ${node}`,
        target: { kind: "node", node },
        change: { kind: "kill-session", node, sessionId },
        before: [],
        after: [{ kind: "session-gone", node, sessionId }],
        undo: null,
        found: `session ${sessionId}`,
      },
    ],
    notes: ["Its open transaction is rolled back. This cannot be taken back."],
    watch: [],
  };
}

export const killSession: Command = {
  id: "kill-session",
  danger: "disruptive",
  draft: draftPlan,
};
