import { nameOf } from "../view.ts";
import { block, type Finding, type Guard, warn } from "./guard.ts";
import { serverChanges, serverOf, subjectOf } from "./selectors.ts";

export const agentCheck: Guard = {
  name: "agent-check",
  explains:
    "No agent check takes the change back: an agent that says `ready` clears drain and maintenance, and agents set weights.",
  applies: ({ steps }) => steps.some(({ change }) => change.kind === "server-state" || change.kind === "server-weight"),
  evaluate: (facts, plan) =>
    serverChanges(plan).flatMap((change): Finding[] => {
      const server = serverOf(facts, change)?.server;
      if (change.kind === "shutdown-sessions" || server === undefined || server.agentEnabled === false) return [];
      const name = nameOf(change);
      if (server.agentEnabled === null) {
        const message = `${change.haproxy} does not tell whether ${name} has an agent check, which might take the change back.`;
        return [warn(subjectOf(change), message, "Look at the `agent-check` words of its server line.")];
      }
      const message = `${name} on ${change.haproxy} has an agent check: it may take the change back within one interval.`;
      const advice = `Switch it off first (disable agent ${name}) or let the agent answer so; --force leaves it to the agent.`;
      return [block(subjectOf(change), message, advice, true)];
    }),
};
