import { describeSilence } from "../view.ts";
import { cannotTell, type Finding, type Guard } from "./guard.ts";
import { nodeChanges } from "./selectors.ts";

const NODE_COMMANDS: ReadonlySet<string> = new Set([
  "replica-start",
  "replica-stop",
  "read-only-on",
  "read-only-off",
  "kill-session",
]);

export const nodeReadable: Guard = {
  name: "node-readable",
  explains: "The node answers now: nothing is sent to a server whose state is not known.",
  applies: (plan) => NODE_COMMANDS.has(plan.request.command) || nodeChanges(plan).length > 0,
  evaluate({ view }, plan) {
    const asked = NODE_COMMANDS.has(plan.request.command) ? plan.request.targets : [];
    const names = new Set([...asked, ...nodeChanges(plan).map(({ node }) => node)]);
    return [...names].flatMap((name): Finding[] => {
      const node = view.node(name);
      if (node === null) return [cannotTell(name, `There is no node ${name} any more.`, "Look at it by hand.", false)];
      if (node.reading.state === "fresh") return [];
      const message = `${name} does not answer (${describeSilence(node.reading)}).`;
      return [cannotTell(name, message, "Make it reachable first.", false)];
    });
  },
};
