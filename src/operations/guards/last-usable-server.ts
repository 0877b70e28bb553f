import { isUsable } from "../../model/writer-route.ts";
import { effectsOf } from "./effects.ts";
import { block, type Finding, type Guard } from "./guard.ts";
import { touchedBackends } from "./predict.ts";
import { takesOut } from "./selectors.ts";

export const lastUsableServer: Guard = {
  name: "last-usable-server",
  explains: "A backend keeps at least one server that takes connections; without one its clients are refused at once.",
  applies: ({ steps }) => steps.some(({ change }) => takesOut(change)),
  evaluate({ view, after }, plan) {
    return touchedBackends(effectsOf(view, plan).filter(({ change }) => takesOut(change))).flatMap(
      ({ haproxy, backend }): Finding[] => {
        const before = view.inBackend(haproxy, backend).filter(({ server }) => isUsable(server));
        const left = after(haproxy, backend).filter(({ server }) => isUsable(server));
        if (before.length === 0 || left.length > 0) return [];
        const names = before.map(({ server }) => server.server).join(", ");
        const others = view.inBackend(haproxy, backend).filter((each) => !before.includes(each));
        const states = others.map(({ server }) => `${server.server} ${server.state}`).join(", ");
        const last =
          before.length === 1 ? `${names} is the last usable server` : `${names} are the last usable servers`;
        return [
          block(
            `${haproxy} ${backend}`,
            `${last} of ${backend} on ${haproxy}${states === "" ? "" : ` (${states})`}: its clients would be refused.`,
            "Bring another server back first (signalbox ready …).",
            true,
          ),
        ];
      },
    );
  },
};
