/** Guards on who holds the address, and by what it could be moved. */
import { formatHeld } from "../../../model/floating-ip.ts";
import { block, cannotTell, type Finding, type Guard, warn } from "../../guards/guard.ts";
import type { NoMeans } from "../found-means.ts";
import { selectMeans } from "../means.ts";
import { isWayBack, movesAddress, sceneOf } from "./scene.ts";

export const addressHosts: Guard = {
  name: "address-hosts",
  explains: "Every host that could hold the floating address was asked just now, and has answered.",
  applies: movesAddress,
  evaluate(facts, plan) {
    const { machines, from, to, address } = sceneOf(facts, plan);
    if (machines.length === 0) {
      const advice = "Name the HAProxies as ssh:// sockets, or give their hosts `ssh` as nodes.";
      return [cannotTell(address, `No host is known that could hold ${address}.`, advice, false)];
    }
    return machines.flatMap((machine): Finding[] => {
      if (machine.held !== null) return [];
      const { name, silence } = machine;
      const isConcerned = machine === from || machine === to;
      const message = `${name} could not be asked (${silence}): whether it holds ${address} is not known.`;
      const advice = isConcerned
        ? `Bring ${name} back first.`
        : `Bring ${name} back first; --force when it is known to be off.`;
      return [cannotTell(name, message, advice, !isConcerned)];
    });
  },
};

export const addressHolder: Guard = {
  name: "address-holder",
  explains: "Exactly one host holds the floating address: with two, or none, a move would hide what is wrong.",
  applies: movesAddress,
  evaluate(facts, plan) {
    const { holders, from, to, address, machines } = sceneOf(facts, plan);
    const [holder, second] = holders;
    const forceable = isWayBack(plan);
    if (second !== undefined) {
      const who = holders.map(({ name, held }) => `${name} (${formatHeld(held ?? [])})`).join(" and ");
      const advice = `Take it off the host that is not meant: \`ip addr del ${address}/… dev …\`, and see why both hold it (docs/floating-ip.md).`;
      return [block(address, `${who} both hold ${address}: which one a client reaches is chance.`, advice, forceable)];
    }
    if (holder === undefined) {
      // Said by address-hosts where somebody was silent.
      if (machines.some(({ held }) => held === null)) return [];
      const advice = "Start the program that holds it on one host: there is nothing to give away.";
      return [block(address, `No host holds ${address}.`, advice, forceable)];
    }
    if (holder === from || holder === to) return [];
    const message = `${holder.name} holds ${address} now, and not ${from?.name ?? "the host the plan was made for"}.`;
    return [block(address, message, "Plan again.", false)];
  },
};

export const addressTarget: Guard = {
  name: "address-target",
  explains: "There is another host with a HAProxy of the cluster for the address to go to.",
  applies: movesAddress,
  evaluate(facts, plan) {
    const { from, to, address } = sceneOf(facts, plan);
    if (to !== null && to.haproxies.length > 0) return [];
    if (to === null && from === null) return [];
    const message =
      to === null
        ? `${from?.name} is the only host with a HAProxy that is known: ${address} has nowhere to go.`
        : `No HAProxy of the cluster is known on ${to.name}: nobody would answer at ${address}.`;
    return [block(address, message, "Name the HAProxy there in the configuration.", false)];
  },
};

/** The verdict of the means, from the guard that it belongs to. */
function createMeansGuard(name: NoMeans["guard"], explains: string): Guard {
  return {
    name,
    explains,
    applies: (plan) => movesAddress(plan) && !isWayBack(plan),
    evaluate(facts, plan) {
      const { from, to, address, isThere } = sceneOf(facts, plan);
      if (from === null || to === null || isThere || from === to) return [];
      if (from.held === null || to.held === null) return [];
      const means = selectMeans(from, to, address);
      if ("steps" in means || means.guard !== name) return [];
      const { subject, message, advice, verdict } = means;
      return [
        verdict === "block" ? block(subject, message, advice, false) : cannotTell(subject, message, advice, false),
      ];
    },
  };
}

export const addressTool = createMeansGuard(
  "address-tool",
  "The same program, Heartbeat or keepalived, is recognised and runs on both hosts; Pacemaker has tools of its own.",
);

export const addressMeans = createMeansGuard(
  "address-means",
  "The program has a means to give the address away that can be taken back and leaves both hosts in: hb_standby, or a track_file of keepalived.",
);

export const addressRight = createMeansGuard(
  "address-right",
  "The account of signalbox may run it: root or a rule of sudo for hb_standby, write permission for the track_file.",
);

export const addressWayBack: Guard = {
  name: "address-way-back",
  explains: "The address can be brought back from here: the account may run the same on the other host.",
  applies: (plan) => movesAddress(plan) && !isWayBack(plan),
  evaluate(facts, plan) {
    const { from, to, address } = sceneOf(facts, plan);
    if (from === null || to === null || from === to) return [];
    const means = selectMeans(from, to, address);
    if (!("steps" in means) || means.steps.every(({ undo }) => undo !== null)) return [];
    const message = `On ${to.name} the account may not run hb_standby: \`undo\` cannot bring ${address} back.`;
    return [warn(to.name, message, "Give the account the same rule of sudo on both hosts.")];
  },
};
