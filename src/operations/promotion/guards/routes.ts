/** What HAProxy does with the writes: now, and once every step is done. */
import type { HaproxyServer } from "../../../model/haproxy.ts";
import type { ClusterSettings } from "../../../model/settings.ts";
import type { HaproxySnapshot } from "../../../model/snapshot.ts";
import { adviseNoPromotion, describeNoPromotion } from "../../../model/sql-proxy.ts";
import { isUsable } from "../../../model/writer-route.ts";
import { selectAdminState } from "../../admin-state.ts";
import {
  block,
  cannotTell,
  type Finding,
  type Guard,
  type GuardedPlan,
  type GuardFacts,
  warn,
} from "../../guards/guard.ts";
import { selectChosen } from "../../guards/predict.ts";
import { serverChanges } from "../../guards/selectors.ts";
import { describeSilence, nameOf, type ServerView } from "../../view.ts";
import { isFailover, isRejoin, listNames, movesWrites, rolesOf } from "./roles.ts";

/** Known by what it says, or, while it is silent, by the configuration: silence does not make a HAProxy of it. */
function isSqlProxy(settings: ClusterSettings, name: string, reading: HaproxySnapshot["reading"]): boolean {
  if (reading.state === "fresh") return reading.value.source === "sql-admin";
  return settings.haproxies.some((each) => each.name === name && each.location.kind === "sql-admin");
}

export const everyHaproxy: Guard = {
  name: "every-haproxy",
  explains:
    "Every HAProxy answers on its stats socket: one that is not changed goes on sending writes to the old primary; only a failover goes on without it.",
  applies: ({ promotion }) => promotion !== undefined,
  evaluate({ view, settings }, plan) {
    const named = new Set(serverChanges(plan).map(({ haproxy }) => haproxy));
    return view.cluster.haproxies.flatMap(({ name, reading }): Finding[] => {
      if (isSqlProxy(settings, name, reading)) {
        const refuses = !isRejoin(plan) || named.has(name);
        const [message, byHand] = [describeNoPromotion(name), adviseNoPromotion(name)];
        return [refuses ? block(name, message, byHand, false) : warn(name, message, byHand)];
      }
      const advice = isFailover(plan)
        ? `Stop ${name}, or cut its clients off: it may send writes to the old primary when that returns.`
        : `Bring ${name} back first.`;
      if (reading.state !== "fresh") {
        // Said by haproxy-readable.
        if (named.has(name)) return [];
        const message = `${name} cannot be read (${describeSilence(reading)}): nobody knows where it sends writes, and it is not changed.`;
        return [
          isFailover(plan) || isRejoin(plan) ? warn(name, message, advice) : cannotTell(name, message, advice, false),
        ];
      }
      if (reading.value.source === "socket") return [];
      const message = `${name} is known by its stats page only: it cannot be changed and goes on as before.`;
      if (isFailover(plan) || isRejoin(plan)) return [warn(name, message, advice)];
      return [block(name, message, `Configure the stats socket (level admin) of ${name}.`, false)];
    });
  },
};

/** HAProxies that answer. */
function selectAnswering({ view }: GuardFacts): readonly string[] {
  return view.cluster.haproxies.filter(({ reading }) => reading.state === "fresh").map(({ name }) => name);
}

function judgeBackend(facts: GuardFacts, plan: GuardedPlan, haproxy: string, backend: string): Finding[] {
  const { from, to } = rolesOf(plan);
  const servers = facts.view.inBackend(haproxy, backend);
  const subject = `${haproxy} ${backend}`;
  if (servers.length === 0) {
    const message = `${haproxy} has no backend ${backend}: where its clients write is not known.`;
    return [warn(subject, message, `See that ${haproxy} sends no writes anywhere else.`)];
  }
  const found: Finding[] = [];
  if (!servers.some(({ node }) => node === to)) {
    const elsewhere = facts.view.servers.filter((each) => each.haproxy === haproxy && each.node === to);
    const others = elsewhere.map(({ server }) => nameOf(server)).join(", ");
    const message = `${to} is in no writer backend of ${haproxy}: ${backend} has ${servers.map(({ server }) => server.server).join(", ")}${others === "" ? "" : `, and ${to} is only ${others}`}.`;
    found.push(block(subject, message, `Add ${to} to ${backend} on ${haproxy}, or promote one that is in it.`, false));
  }
  if (from !== null && !isRejoin(plan) && !servers.some(({ node }) => node === from)) {
    const message = `No server of ${backend} on ${haproxy} is known to be ${from} by its address: it cannot be taken out.`;
    found.push(
      warn(subject, message, "Name the server in the configuration (`servers:` of the node) when it is there."),
    );
  }
  return found;
}

export const writerBackend: Guard = {
  name: "writer-backend",
  explains: "The backend that carries the writes is known, and the candidate has a server in it on every HAProxy.",
  applies: ({ promotion }) => promotion !== undefined && promotion.mode !== "rejoin",
  evaluate(facts, plan) {
    const { to, writerBackend: backend } = rolesOf(plan);
    if (backend === null) {
      if (facts.view.cluster.haproxies.length === 0) {
        const message = "No HAProxy is configured: nobody sends the writes to the new primary.";
        return [warn(to, message, "Move the clients by hand.")];
      }
      const advice = "Name it under `writer:` in the configuration.";
      return [cannotTell(to, "Which backend carries the writes is not known.", advice, false)];
    }
    return selectAnswering(facts).flatMap((haproxy) => judgeBackend(facts, plan, haproxy, backend));
  },
};

/** True when an operator took it out: it stays out when it is healthy again. */
function isPutOut(server: HaproxyServer): boolean {
  const state = selectAdminState(server);
  return state === "maint" || state === "drain" || server.weight === 0;
}

function judgeOthers(facts: GuardFacts, plan: GuardedPlan, haproxy: string, backend: string): Finding[] {
  const { from, to } = rolesOf(plan);
  const after = facts.after(haproxy, backend);
  const isCandidate = ({ node }: ServerView) => node === to;
  return after.flatMap((each): Finding[] => {
    if (isCandidate(each)) return [];
    const { server, node } = each;
    const subject = `${haproxy} ${nameOf(server)}`;
    const who = node ?? "unknown node";
    const advice = `Put it into maintenance first: signalbox maint ${nameOf(server)}`;
    if (isUsable(server)) {
      const message = `${nameOf(server)} (${who}) could still get writes on ${haproxy} after the plan, beside ${to}.`;
      return [block(subject, message, advice, false)];
    }
    if (isPutOut(server)) return [];
    const message = `${nameOf(server)} (${who}) is ${server.state} on ${haproxy} and not in maintenance: once it is up it could get writes.`;
    if (node === from) return [block(subject, message, advice, false)];
    return [warn(subject, message, "Put it into maintenance as well.")];
  });
}

export const onlyWriter: Guard = {
  name: "only-writer",
  explains:
    "Once every step is done, the candidate is the only server of the writer backend that can get writes, on every HAProxy.",
  // Also asked of the rest of a promotion that is open already.
  applies: ({ promotion }) => promotion !== undefined && promotion.mode !== "rejoin",
  evaluate(facts, plan) {
    const backend = rolesOf(plan).writerBackend;
    if (backend === null) return [];
    return selectAnswering(facts).flatMap((haproxy) => judgeOthers(facts, plan, haproxy, backend));
  },
};

export const candidateServer: Guard = {
  name: "candidate-server",
  explains:
    "The candidate's server in the writer backend takes connections once it is put in: no health check holds it down.",
  applies: (plan) => movesWrites(plan) && rolesOf(plan).writerBackend !== null,
  evaluate(facts, plan) {
    const { to, writerBackend: backend } = rolesOf(plan);
    if (backend === null) return [];
    return selectAnswering(facts).flatMap((haproxy): Finding[] => {
      const isOwn = ({ node }: ServerView) => node === to;
      // From maintenance it counts as up at once, so what its check says is read now.
      const now = facts.view.inBackend(haproxy, backend).find(isOwn)?.server ?? null;
      const server = facts.after(haproxy, backend).find(isOwn)?.server ?? null;
      if (now === null || server === null) return [];
      const subject = `${haproxy} ${nameOf(now)}`;
      if (now.state === "down") {
        const check = [now.check, now.checkInfo].filter(Boolean).join(": ") || "no reason told";
        const message = `${nameOf(now)} is DOWN on ${haproxy} by its check (${check}): it would get no writes.`;
        const advice =
          "Repair what its check looks at; --force when that is read_only itself, which passes once it is open.";
        return [block(subject, message, advice, true)];
      }
      if (selectChosen(facts.after(haproxy, backend)).some(isOwn)) return [];
      const message = `${nameOf(server)} would not get the writes on ${haproxy} after the plan: it is ${server.state}, weight ${server.weight ?? "unknown"}.`;
      return [block(subject, message, "Put it in by hand first, or look at what holds it out.", false)];
    });
  },
};

export const otherRoutes: Guard = {
  name: "other-routes",
  explains: "No backend beside those for writing and reading sends clients to the old primary.",
  applies: movesWrites,
  evaluate({ view, settings }, plan) {
    const { from, writerBackend: backend } = rolesOf(plan);
    if (from === null) return [];
    const readers = new Set([...view.cluster.readerBackends, ...(settings.readers ?? [])]);
    const others = view.servers.filter(
      ({ node, server }) =>
        node === from && server.backend !== backend && !readers.has(server.backend) && isUsable(server),
    );
    return others.map(({ haproxy, server }) => {
      const message = `${nameOf(server)} on ${haproxy} also sends clients to ${from}: they would find it read-only.`;
      return warn(
        `${haproxy} ${nameOf(server)}`,
        message,
        `Name ${server.backend} under \`readers:\`, or move it by hand.`,
      );
    });
  },
};

const inWriter = (facts: GuardFacts, node: string, backend: string): readonly ServerView[] =>
  selectAnswering(facts).flatMap((haproxy) =>
    facts.view.inBackend(haproxy, backend).filter((each) => each.node === node),
  );

export const pairWriters: Guard = {
  name: "pair-writers",
  explains:
    "Only one side of a primary–primary pair holds writing sessions: with two, nobody knows which data are right.",
  applies: (plan) => movesWrites(plan) && plan.promotion?.mode === "switchover" && plan.promotion.variant === "pair",
  evaluate(facts, plan) {
    const { from, to, writerBackend: backend } = rolesOf(plan);
    if (backend === null || from === null || facts.view.report(to)?.readOnly === true) return [];
    const count = (servers: readonly ServerView[]): number | null =>
      servers.reduce(
        (sum: number | null, { server }) => (sum === null || server.sessions === null ? null : sum + server.sessions),
        0,
      );
    const [ours, theirs] = [inWriter(facts, to, backend), inWriter(facts, from, backend)].map(count);
    if (ours === 0 || theirs === 0) return [];
    if (ours === null || theirs === null || ours === undefined || theirs === undefined) {
      const message = `Whether ${from} and ${to} both hold sessions of ${backend} cannot be told, and ${to} is writable.`;
      return [cannotTell(to, message, `Make ${to} read-only first.`, false)];
    }
    const message = `${listNames([from, to])} both hold sessions of ${backend} (${theirs} and ${ours}), and both are writable: two writers.`;
    return [block(to, message, `Drain one of them first, then make it read-only.`, false)];
  },
};

export const otherWritable: Guard = {
  name: "other-writable",
  explains: "No node beside old and new primary is writable.",
  applies: (plan) => movesWrites(plan),
  evaluate(facts, plan) {
    const { from, to, writerBackend: backend, variant } = rolesOf(plan);
    if (variant === "multi-writer") return [];
    return facts.view.cluster.nodes.flatMap(({ name }): Finding[] => {
      const report = facts.view.report(name);
      if (name === from || name === to || report === null || report.readOnly === true) return [];
      const isRouted = backend !== null && inWriter(facts, name, backend).length > 0;
      const advice = `Make it read-only first: signalbox's command read-only-on for ${name}.`;
      if (report.readOnly === null) {
        return [cannotTell(name, `Whether ${name} is writable cannot be told.`, "Look at it by hand.", !isRouted)];
      }
      const where = isRouted ? ` and has a server in ${backend}` : "";
      return [block(name, `${name} is writable${where}: it would be a second writer.`, advice, !isRouted)];
    });
  },
};
