/** The guards of promotion, failover and rejoin, in the order they are shown. */
import { agentCheck } from "../../guards/agent-check.ts";
import type { Guard } from "../../guards/guard.ts";
import { haproxyReadable } from "../../guards/haproxy-readable.ts";
import { level } from "../../guards/level.ts";
import { manyProcesses, sameProcess } from "../../guards/process.ts";
import { trackedServer } from "../../guards/tracked-server.ts";
import {
  candidateDelay,
  candidateFenced,
  candidateFilters,
  candidateHealth,
  candidateLag,
  candidatePriority,
} from "./candidate.ts";
import { errantTransactions, mostAdvanced } from "./errant.ts";
import { deathProof, knownLoss, recentFailover, replicasReceive } from "./failover.ts";
import { identity } from "./identity.ts";
import { clusterKind, nodesAnswer } from "./nodes.ts";
import { events, longWork, preparedXa, privilegedWriters, semiSync } from "./old-primary.ts";
import { pairHealth } from "./pair.ts";
import { rejoinChannels, rejoinContained, rejoinRoles, rejoinServers } from "./rejoin.ts";
import { privileges, resources, rivals } from "./resources.ts";
import {
  candidateServer,
  everyHaproxy,
  onlyWriter,
  otherRoutes,
  otherWritable,
  pairWriters,
  writerBackend,
} from "./routes.ts";
import { binaryLog, purgedFiles, purgedLogs, replicationLogin } from "./serving.ts";
import { leftBehind, topology, upstream } from "./topology.ts";
import { settingsCompared, versions } from "./versions.ts";

/** The same guard, whose word nobody may override: where writes go, half a change is two writers. */
function unforced(guard: Guard, advice: (subject: string) => string): Guard {
  return {
    ...guard,
    evaluate: (facts, plan) =>
      guard
        .evaluate(facts, plan)
        .map((finding) =>
          finding.verdict === "warn" || !finding.forceable
            ? finding
            : { ...finding, forceable: false, advice: advice(finding.subject) },
        ),
  };
}

export const PROMOTION_GUARDS: readonly Guard[] = [
  haproxyReadable,
  everyHaproxy,
  nodesAnswer,
  unforced(level, (subject) => `Configure the stats socket (level admin) of ${subject}.`),
  unforced(sameProcess, (subject) => `Use the stats socket of ${subject}, which tells its process.`),
  unforced(
    manyProcesses,
    () => "Give every process a stats socket of its own (`process N`) and name each of them in the configuration.",
  ),
  trackedServer,
  unforced(agentCheck, () => "Switch the agent check off first (disable agent), or let the agent answer so."),
  identity,
  clusterKind,
  topology,
  upstream,
  leftBehind,
  deathProof,
  replicasReceive,
  recentFailover,
  knownLoss,
  mostAdvanced,
  rejoinRoles,
  rejoinServers,
  rejoinContained,
  rejoinChannels,
  candidatePriority,
  candidateFenced,
  candidateHealth,
  candidateLag,
  candidateDelay,
  candidateFilters,
  errantTransactions,
  binaryLog,
  purgedLogs,
  purgedFiles,
  replicationLogin,
  versions,
  settingsCompared,
  longWork,
  preparedXa,
  privilegedWriters,
  events,
  semiSync,
  writerBackend,
  candidateServer,
  onlyWriter,
  otherRoutes,
  pairWriters,
  pairHealth,
  otherWritable,
  privileges,
  resources,
  rivals,
];
