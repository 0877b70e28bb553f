/** Privileges, connections, other programs: what a run needs of the servers beside replication. */
import type { Change } from "../../../model/operation.ts";
import { block, type Finding, type Guard, type GuardedPlan, type GuardFacts, warn } from "../../guards/guard.ts";
import { nodeChanges } from "../../guards/selectors.ts";
import { hasStep, isRejoin, movesWrites, notRead, preflightOf, rolesOf } from "./roles.ts";

const FEW_CONNECTIONS = 5;

/** Nodes that get statements and answer. */
function selectAsked(facts: GuardFacts, plan: GuardedPlan): readonly string[] {
  const names = new Set(nodeChanges(plan).map(({ node }) => node));
  return [...names].filter((name) => facts.view.report(name) !== null);
}

/** True when a step, or the way back of one, is such a change to the node. */
function sends(plan: GuardedPlan, node: string, kind: Change["kind"]): boolean {
  return plan.steps.some(({ change }) => "node" in change && change.node === node && change.kind === kind);
}

export const privileges: Guard = {
  name: "privileges",
  explains: "The account signalbox uses may run every statement of the plan, on every node.",
  applies: ({ promotion }) => promotion !== undefined,
  evaluate(facts, plan) {
    const { from, to } = rolesOf(plan);
    return selectAsked(facts, plan).flatMap((name): Finding[] => {
      const isOurs = name === from || name === to;
      const missing = preflightOf(facts, name)?.missingGrants ?? null;
      if (missing === null) return [notRead(facts, name, "privileges", true)];
      // What only other plans would send does not stand in the way of this one.
      const needed = missing.filter(({ kinds }) => kinds.length === 0 || kinds.some((kind) => sends(plan, name, kind)));
      if (needed.length === 0) return [];
      const statements = [...new Set(needed.map(({ statement }) => statement))].join(", ");
      const grants = [...new Set(needed.map(({ grant }) => grant))].join(" ");
      return [block(name, `The account signalbox uses on ${name} may not run: ${statements}.`, grants, !isOurs)];
    });
  },
};

export const resources: Guard = {
  name: "resources",
  explains: "Old and new primary have connections to spare, and keep their roles over a restart.",
  applies: ({ promotion }) => promotion !== undefined,
  evaluate(facts, plan) {
    const { from, to } = rolesOf(plan);
    return [from, to].flatMap((name): Finding[] => {
      if (name === null || facts.view.report(name) === null) return [];
      const preflight = preflightOf(facts, name);
      if (preflight === null) return [notRead(facts, name, "state", false)];
      const findings: Finding[] = [];
      if (preflight.freeConnections === null) {
        findings.push(
          warn(name, `How many connections are free on ${name} cannot be told.`, "Look at max_connections."),
        );
      } else if (preflight.freeConnections < FEW_CONNECTIONS) {
        const message = `${name} has ${preflight.freeConnections} connections left below max_connections.`;
        findings.push(warn(name, message, "signalbox opens its own before the first step; clients may be refused."));
      }
      const follows = isRejoin(plan)
        ? name === from
        : name === from && hasStep(plan, ({ kind }) => kind === "change-source");
      if (follows && preflight.skipReplicaStart === true) {
        const message = `${name} has skip_replica_start (skip_slave_start): it does not replicate after a restart.`;
        findings.push(warn(name, message, "Remember it at the next restart."));
      }
      return [...findings, ...judgePersistence(plan, name, preflight.canPersist)];
    });
  },
};

function judgePersistence(plan: GuardedPlan, name: string, canPersist: boolean): Finding[] {
  const isOpened = name === rolesOf(plan).to;
  if (isOpened && !movesWrites(plan)) return [];
  if (hasStep(plan, (change) => change.kind === "persist-read-only" && change.node === name)) return [];
  const why = canPersist ? "The plan does not keep it" : "This server cannot keep it by itself";
  const message = `${name} is ${isOpened ? "writable" : "read-only"} until its next restart only: then its configuration file decides. ${why}.`;
  return [warn(name, message, `Put read_only = ${isOpened ? "OFF" : "ON"} into the configuration file of ${name}.`)];
}

export const rivals: Guard = {
  name: "rivals",
  explains: "No other program that moves primaries is at work on these nodes: it may act against the plan.",
  applies: ({ promotion }) => promotion !== undefined,
  evaluate: (facts) =>
    facts.view.cluster.nodes.flatMap(({ name }): Finding[] => {
      const users = facts.view.report(name)?.rivalUsers ?? [];
      const found = [...(preflightOf(facts, name)?.rivals ?? []), ...users.map((user) => `${user} is connected`)];
      if (found.length === 0) return [];
      const message = `Another program that moves primaries is at work on ${name}: ${[...new Set(found)].join("; ")}.`;
      return [warn(name, message, "Pause it first (orchestrator: downtime; MaxScale: maintenance or passive).")];
    }),
};
