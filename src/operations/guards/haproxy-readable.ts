import type { HaproxySnapshot } from "../../model/snapshot.ts";
import { describeSilence } from "../view.ts";
import { cannotTell, type Guard } from "./guard.ts";
import { serverChanges } from "./selectors.ts";

const SERVER_COMMANDS: ReadonlySet<string> = new Set(["drain", "maint", "ready", "weight", "shutdown-sessions"]);

function adviseOn(reading: HaproxySnapshot["reading"]): string {
  const advice = reading.state === "failed" ? reading.failure.advice : null;
  return advice === null ? "" : `${advice} `;
}

export const haproxyReadable: Guard = {
  name: "haproxy-readable",
  explains:
    "Every HAProxy the change belongs on answers now; one that is silent would go on sending traffic as before.",
  applies: ({ request, steps }) =>
    SERVER_COMMANDS.has(request.command) || steps.some(({ change }) => "haproxy" in change),
  evaluate({ view }, plan) {
    const { request } = plan;
    const named = new Set(serverChanges(plan).map(({ haproxy }) => haproxy));
    const silent = view.cluster.haproxies.filter(({ name, reading }) => {
      if (reading.state === "fresh") return false;
      if (named.has(name) || request.haproxy === name) return true;
      return request.haproxy === null && SERVER_COMMANDS.has(request.command);
    });
    const answers = view.cluster.haproxies.some(({ reading }) => reading.state === "fresh");
    const gone = [...named].filter((name) => view.haproxy(name) === null);
    return [
      ...gone.map((name) => cannotTell(name, `There is no HAProxy ${name} any more.`, "Look at it by hand.", false)),
      ...silent.map(({ name, reading }) =>
        cannotTell(
          name,
          `${name} cannot be read (${describeSilence(reading)}): nobody knows what it sends where, and it would not be changed.`,
          `${adviseOn(reading)}Bring ${name} back first, or change only the others, one by one with --haproxy; --force leaves ${name} out.`,
          // Left out, something must remain to be done.
          answers && plan.steps.length > 0 && !named.has(name) && request.haproxy !== name,
        ),
      ),
    ];
  },
};
