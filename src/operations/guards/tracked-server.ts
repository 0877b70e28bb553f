import { nameOf } from "../view.ts";
import { block, type Finding, type Guard, warn } from "./guard.ts";
import { serverChanges, serverOf, subjectOf } from "./selectors.ts";

export const trackedServer: Guard = {
  name: "tracked-server",
  explains:
    "A server that follows another one (`track`) has no state of its own; one that others follow takes them along.",
  applies: ({ steps }) => steps.some(({ change }) => change.kind === "server-state"),
  evaluate: (facts, plan) =>
    serverChanges(plan).flatMap((change): Finding[] => {
      if (change.kind !== "server-state") return [];
      const name = nameOf(change);
      const tracks = serverOf(facts, change)?.server.tracks ?? null;
      if (tracks !== null) {
        const message = `${name} on ${change.haproxy} follows ${tracks}: a state of its own would be accepted and change nothing.`;
        return [block(subjectOf(change), message, `Act on ${tracks}.`, false)];
      }
      const followers = facts.view.servers.filter(
        ({ haproxy, server }) => haproxy === change.haproxy && server.tracks === name,
      );
      if (followers.length === 0) return [];
      const names = followers.map(({ server }) => nameOf(server)).join(", ");
      return [
        warn(
          subjectOf(change),
          `${names} follow ${name} on ${change.haproxy} and change with it.`,
          "That may be meant.",
        ),
      ];
    }),
};
