/** Shape of an alert rule and the facts rules are asked with. */
import type { AlertCode, Severity } from "../alert.ts";
import type { FloatingIpSnapshot } from "../floating-ip.ts";
import type { LinkedServer } from "../link.ts";
import type { JournalFacts } from "../operation.ts";
import type { EpochMs } from "../reading.ts";
import type { ClusterSettings } from "../settings.ts";
import type { HaproxySnapshot, NodeSnapshot, ReaderRoute, WriterRoute } from "../snapshot.ts";
import type { Topology } from "../topology.ts";
import type { WriterChoice } from "../writer-route.ts";

/** Everything known about a cluster at one moment, joined. */
export interface ClusterFindings {
  readonly settings: ClusterSettings;
  readonly now: EpochMs;
  readonly haproxies: readonly HaproxySnapshot[];
  readonly nodes: readonly NodeSnapshot[];
  readonly links: readonly LinkedServer[];
  readonly topology: Topology;
  readonly choices: readonly WriterChoice[];
  readonly writer: WriterRoute | null;
  readonly readerBackends: readonly string[];
  readonly readerRoutes: readonly ReaderRoute[];
  /** Null where no floating address is configured, or nobody can ask. */
  readonly floatingIp: FloatingIpSnapshot | null;
  /** Null where no journal is read. */
  readonly journal: JournalFacts | null;
}

/** What a rule finds; code and, unless given, the rule's own severity are added. */
export interface Finding {
  readonly severity?: Severity;
  readonly node: string | null;
  readonly subject: string;
  readonly message: string;
  readonly advice: string;
}

export interface AlertRule {
  readonly code: AlertCode;
  /** Severity when the finding does not say otherwise. */
  readonly severity: Severity;
  readonly title: string;
  /** When it is raised, for the docs: one sentence or two. */
  readonly explains: string;
  readonly evaluate: (facts: ClusterFacts) => readonly Finding[];
}

/** Findings plus the look-ups most rules need, computed once (see facts.ts). */
export interface ClusterFacts extends ClusterFindings {
  readonly nodeByName: ReadonlyMap<string, NodeSnapshot>;
  /** Servers of HAProxies that answer now. */
  readonly freshLinks: readonly LinkedServer[];
  /** Names of nodes that get new writes now, without `backend/server` entries of unknown nodes. */
  readonly writers: ReadonlySet<string>;
  /** Sessions per node on its servers of the writer backend, over all HAProxies that answer. */
  readonly writerSessions: ReadonlyMap<string, number>;
  /** Names of nodes that get new reads now, with the reader backends that give them. */
  readonly readersInService: ReadonlyMap<string, readonly string[]>;
}
