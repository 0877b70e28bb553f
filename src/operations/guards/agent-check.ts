import { nameOf } from "../view.ts";
import { block, type Finding, type Guard } from "./guard.ts";
import { serverChanges, serverOf, subjectOf } from "./selectors.ts";

export const agentCheck: Guard = {
  name: "agent-check",
  explains:
    "No agent check takes the change back: an agent that says `ready` clears drain and maintenance, and agents set weights.",
  applies: ({ steps }) => steps.some(({ change }) => change.kind === "server-state" || change.kind === "server-weight"),
  evaluate: (facts, plan) =>
    serverChanges(plan).flatMap((change): Finding[] => {
      if (change.kind === "shutdown-sessions" || serverOf(facts, change)?.server.agentEnabled !== true) return [];
      const name = nameOf(change);
      const message = `${name} on ${change.haproxy} has an agent check: it may take the change back within one interval.`;
      const advice = `Switch it off first (disable agent ${name}) or let the agent answer so; --force leaves it to the agent.`;
      return [block(subjectOf(change), message, advice, true)];
    }),
};
