/** Every guard, in the order they are shown, and how they are asked. */
import type { GuardVerdict } from "../../model/operation.ts";
import { movesAddress } from "../floating-ip/guards/scene.ts";
import { ADDRESS_GUARDS } from "../floating-ip/guards/table.ts";
import { PROMOTION_GUARDS } from "../promotion/guards/table.ts";
import { agentCheck } from "./agent-check.ts";
import { changedSince } from "./changed-since.ts";
import type { Guard, GuardedPlan, GuardFacts } from "./guard.ts";
import { haproxyReadable } from "./haproxy-readable.ts";
import { lastUsableServer } from "./last-usable-server.ts";
import { level } from "./level.ts";
import { nodeReadable } from "./node-readable.ts";
import { openedReplica } from "./opened-replica.ts";
import { manyProcesses, sameProcess } from "./process.ts";
import { readyNode } from "./ready-node.ts";
import { applierError, readerStop, relayStop } from "./replication.ts";
import { secondWriter } from "./second-writer.ts";
import { clientSession, sessionsReturn } from "./session.ts";
import { stickTable } from "./stick-table.ts";
import { trackedServer } from "./tracked-server.ts";
import { writerDrain } from "./writer-drain.ts";
import { writerReadOnly } from "./writer-read-only.ts";

export const GUARDS: readonly Guard[] = [
  haproxyReadable,
  nodeReadable,
  level,
  sameProcess,
  manyProcesses,
  lastUsableServer,
  writerDrain,
  secondWriter,
  readyNode,
  trackedServer,
  agentCheck,
  stickTable,
  relayStop,
  readerStop,
  applierError,
  writerReadOnly,
  openedReplica,
  clientSession,
  sessionsReturn,
  changedSince,
];

function selectGuards(plan: GuardedPlan): readonly Guard[] {
  if (plan.promotion !== undefined) return PROMOTION_GUARDS;
  return movesAddress(plan) ? ADDRESS_GUARDS : GUARDS;
}

/** Verdicts of every guard that has to do with the plan; one that finds nothing passes with one line. */
export function askGuards(
  facts: GuardFacts,
  plan: GuardedPlan,
  guards: readonly Guard[] = selectGuards(plan),
): readonly GuardVerdict[] {
  return guards
    .filter((guard) => guard.applies(plan))
    .flatMap((guard): readonly GuardVerdict[] => {
      const findings = guard.evaluate(facts, plan);
      if (findings.length > 0) return findings.map((finding) => ({ guard: guard.name, ...finding }));
      const pass = { verdict: "pass", subject: "", message: guard.explains, advice: "", forceable: false } as const;
      return [{ guard: guard.name, ...pass }];
    });
}

/** Verdicts that keep the plan from running; with `force` only those it may not override. A guard that could not be checked counts as failed. */
export function selectRefusals(guards: readonly GuardVerdict[], force: boolean): readonly GuardVerdict[] {
  return guards.filter(
    ({ verdict, forceable }) => (verdict === "block" || verdict === "unknown") && !(force && forceable),
  );
}
