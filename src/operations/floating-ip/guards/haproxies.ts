/** Guards on the HAProxies of the two hosts: whoever gets the address has to send clients where the other one did. */
import type { HaproxyReport } from "../../../model/haproxy.ts";
import { freshValue } from "../../../model/reading.ts";
import { isUsable } from "../../../model/writer-route.ts";
import { selectAdminState, selectWeight } from "../../admin-state.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "../../guards/guard.ts";
import { selectChosen } from "../../guards/predict.ts";
import { describeSilence, nameOf, type ServerView } from "../../view.ts";
import type { Machine } from "../machines.ts";
import { movesAddress, sceneOf } from "./scene.ts";

/** HAProxies of a host that answer now. */
function selectAnswering({ view }: GuardFacts, machine: Machine): readonly string[] {
  return machine.haproxies.filter((name) => view.haproxy(name)?.reading.state === "fresh");
}

export const addressHaproxy: Guard = {
  name: "address-haproxy",
  explains: "The HAProxy on the host that gets the address answers now, and is no old process on its way out.",
  applies: movesAddress,
  evaluate(facts, plan) {
    const { to, address, isThere } = sceneOf(facts, plan);
    if (to === null || isThere) return [];
    return to.haproxies.flatMap((name): Finding[] => {
      const reading = facts.view.haproxy(name)?.reading;
      if (reading === undefined) return [];
      if (reading.state !== "fresh") {
        const message = `${name} on ${to.name} cannot be read (${describeSilence(reading)}): whether anybody would answer at ${address} is not known.`;
        return [cannotTell(name, message, `Bring ${name} back first.`, false)];
      }
      if (reading.value.process?.stopping !== true) return [];
      return [
        block(name, `${name} on ${to.name} is stopping: it takes no new clients.`, `Start ${name} first.`, false),
      ];
    });
  },
};

export const addressUsable: Guard = {
  name: "address-usable",
  explains: "The HAProxy on the host that gets the address has a server for the writes that takes connections.",
  applies: movesAddress,
  evaluate(facts, plan) {
    const { to, isThere } = sceneOf(facts, plan);
    if (to === null || isThere) return [];
    const backend = facts.view.cluster.writer?.backend ?? null;
    if (backend === null) {
      const message = "Which backend carries the writes is not known: whether it has a server there cannot be told.";
      return [cannotTell(to.name, message, "Name it under `writer:` in the configuration.", true)];
    }
    return selectAnswering(facts, to).flatMap((name): Finding[] => {
      const servers = facts.view.inBackend(name, backend);
      if (servers.length === 0) {
        const message = `${name} has no backend ${backend}: it does not send writes where the other one does.`;
        return [block(name, message, "Give both HAProxies the same configuration.", false)];
      }
      if (servers.some(({ server }) => isUsable(server))) return [];
      const states = servers.map(({ server }) => `${server.server} ${server.state}`).join(", ");
      const message = `No server of ${backend} on ${name} takes connections (${states}): writes would be refused.`;
      return [block(name, message, "Bring a server back there first (signalbox ready …).", false)];
    });
  },
};

const listChosen = (servers: readonly ServerView[]): string =>
  selectChosen(servers)
    .map(({ node, server }) => node ?? nameOf(server))
    .sort()
    .join(", ") || "nobody";

/** Both send writes to servers of the same names, which may be two servers all the same. */
function tellUnknown({ view }: GuardFacts, haproxy: string, backend: string): Finding[] {
  return selectChosen(view.inBackend(haproxy, backend))
    .filter(({ node }) => node === null)
    .map(({ server }): Finding => {
      const name = nameOf(server);
      const message = `Which node ${name} is cannot be told: whether ${haproxy} sends writes to the same one is not known.`;
      return cannotTell(haproxy, message, `Name the node under \`nodes:\`, with \`servers: [${name}]\`.`, true);
    });
}

function compareRoute(facts: GuardFacts, ours: string, theirs: string, backend: string): Finding[] {
  const [one, other] = [ours, theirs].map((name) => listChosen(facts.view.inBackend(name, backend)));
  if (one === other) return tellUnknown(facts, theirs, backend);
  const message = `${ours} sends writes to ${one}, ${theirs} to ${other}: with the address the writes would move too.`;
  return [
    block(
      theirs,
      message,
      "Make both agree first; promote moves the writes safely. The same servers by other addresses: name them under `nodes:`.",
      false,
    ),
  ];
}

/** What is set on a server on either side; unknown is no agreement. */
function compareServer(ours: ServerView, theirs: ServerView): Finding[] {
  const name = nameOf(ours.server);
  const subject = `${theirs.haproxy} ${name}`;
  const [mine, yours] = [ours, theirs].map(({ server }) => selectAdminState(server));
  if (mine == null || yours == null) {
    const message = `What is set on ${name} cannot be told on ${mine == null ? ours.haproxy : theirs.haproxy}.`;
    return [cannotTell(subject, message, "Look at both by hand; --force when they agree.", true)];
  }
  if (mine !== yours) {
    const message = `${name} is ${mine} on ${ours.haproxy} and ${yours} on ${theirs.haproxy}.`;
    return [block(subject, message, `Set the same on both first (signalbox ${mine} ${name}).`, true)];
  }
  if (ours.node !== theirs.node) {
    const message = `${name} is ${ours.node ?? "an unknown node"} on ${ours.haproxy} and ${theirs.node ?? "an unknown node"} on ${theirs.haproxy}.`;
    return [block(subject, message, "Give both HAProxies the same configuration.", false)];
  }
  if (isUsable(ours.server) && !isUsable(theirs.server)) {
    const message = `${name} takes connections on ${ours.haproxy} and is ${theirs.server.state} on ${theirs.haproxy}.`;
    return [warn(subject, message, "See what its check says there.")];
  }
  const [weight, other] = [ours, theirs].map(({ server }) => selectWeight(server));
  if (weight === other || weight == null || other == null) return [];
  return [warn(subject, `${name} has weight ${weight} on ${ours.haproxy} and ${other} on ${theirs.haproxy}.`, "")];
}

function compareHaproxies(facts: GuardFacts, ours: string, theirs: string): Finding[] {
  const { view } = facts;
  const backend = view.cluster.writer?.backend ?? null;
  const found = backend === null ? [] : compareRoute(facts, ours, theirs, backend);
  for (const server of view.servers.filter(({ haproxy }) => haproxy === ours)) {
    const other = view.find(theirs, server.server.backend, server.server.server);
    if (other !== null) {
      found.push(...compareServer(server, other));
      continue;
    }
    const name = nameOf(server.server);
    found.push(warn(`${theirs} ${name}`, `${name} is on ${ours} and not on ${theirs}.`, ""));
  }
  return found;
}

export const addressAgreement: Guard = {
  name: "address-agreement",
  explains:
    "The HAProxies of both hosts send writes to the same server, and have the same states set: a move of the address changes nothing but the way.",
  applies: movesAddress,
  evaluate(facts, plan) {
    const { from, to, isThere } = sceneOf(facts, plan);
    if (from === null || to === null || isThere) return [];
    const [ours] = selectAnswering(facts, from);
    if (ours === undefined) {
      const message = `No HAProxy on ${from.name} can be read: whether ${to.name} sends clients where ${from.name} did cannot be told.`;
      const advice = "--force when it is dead, and that is why the address is to move.";
      return [cannotTell(from.name, message, advice, true)];
    }
    return selectAnswering(facts, to).flatMap((theirs) => compareHaproxies(facts, ours, theirs));
  },
};

/** Sessions of the frontends that carry clients; null when one of them is not told. */
function countClients({ proxies }: HaproxyReport): number | null {
  const frontends = proxies.filter(({ kind, mode }) => kind === "frontend" && mode !== "http");
  if (frontends.length === 0) return null;
  return frontends.reduce(
    (sum: number | null, { sessions }) => (sum === null || sessions === null ? null : sum + sessions),
    0,
  );
}

export const addressClients: Guard = {
  name: "address-clients",
  explains: "How many connections through the holder break with the move: a connection does not follow an address.",
  applies: movesAddress,
  evaluate(facts, plan) {
    const { from, address, isThere } = sceneOf(facts, plan);
    if (from === null || isThere) return [];
    return selectAnswering(facts, from).flatMap((name): Finding[] => {
      const reading = facts.view.haproxy(name)?.reading;
      const report = reading === undefined ? null : freshValue(reading);
      const count = report === null ? null : countClients(report);
      if (count === 0) return [];
      const message =
        count === null
          ? `How many clients are connected through ${name} is not told: those that came by ${address} lose their connection.`
          : `${count} ${count === 1 ? "client is" : "clients are"} connected to ${name}: connections that came by ${address} break and have to be made again.`;
      return [warn(name, message, "Move it when little is going on.")];
    });
  },
};
