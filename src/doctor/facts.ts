/** What the rules are asked with, gathered before the first of them runs. */
import type { HaproxyConfigResult } from "../drivers/haproxy-config/read.ts";
import type { NodeExamination } from "../drivers/mysql/examine/examine.ts";
import type { HostReport } from "../model/floating-ip.ts";
import type { HaproxyReport } from "../model/haproxy.ts";
import type { MysqlReport } from "../model/mysql.ts";
import type { LoginTrial } from "../model/preflight.ts";
import { type Failure, freshValue } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";

export type Examined =
  | { readonly examination: NodeExamination; readonly failure: null }
  | { readonly examination: null; readonly failure: Failure };

export interface ClusterFacts {
  readonly settings: ClusterSettings;
  readonly cluster: ClusterSnapshot;
  /** Started read-only: nothing of ours changes anything, so nothing is needed for it. */
  readonly readOnly: boolean;
  /** By name; nodes that did not answer before are not in it. */
  readonly nodes: ReadonlyMap<string, Examined>;
  /** Login as the replication account; empty when none is configured. */
  readonly logins: readonly LoginTrial[];
  /** By name of the HAProxy; those that did not answer are not in it. */
  readonly configs: ReadonlyMap<string, HaproxyConfigResult>;
  /** By `[user@]host[:port]` of those reached through SSH: programs there that move addresses or primaries by themselves. Absent: not known. */
  readonly rivals: ReadonlyMap<string, readonly string[]>;
  /** By name: hosts that could hold the floating address and answered. Absent: there is none, or nobody asked. */
  readonly addressHosts?: ReadonlyMap<string, HostReport>;
}

export interface TerminalFacts {
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
  readonly utf8: boolean;
  /** 256 colours or more, as far as TERM and COLORTERM tell. */
  readonly manyColors: boolean;
  /** Less than this and the console draws a notice only. */
  readonly least: { readonly columns: number; readonly rows: number };
}

export interface StateDirFacts {
  readonly path: string;
  /** Permission bits; null: it is not there yet. */
  readonly mode: number | null;
  /** Where it is, or would be made. Null: it could be written. */
  readonly problem: string | null;
}

/** What is known of the machine signalbox runs on. */
export interface MachineFacts {
  /** Null: not started on a terminal, so nothing is known of one. */
  readonly terminal: TerminalFacts | null;
  readonly stateDir: StateDirFacts;
  readonly configFile: { readonly path: string; readonly mode: number } | null;
  /** As the configuration warns of itself: `what; what to do`. */
  readonly warnings: readonly string[];
  /** Names of programs running here that move addresses or primaries by themselves. */
  readonly rivals: readonly string[];
}

/** HAProxies that answer now; SQL proxies in the place of one have none of what is asked of these. */
export function freshHaproxies({
  cluster,
}: ClusterFacts): readonly { readonly name: string; readonly report: HaproxyReport; readonly at: number }[] {
  return cluster.haproxies.flatMap(({ name, reading }) =>
    reading.state === "fresh" && reading.value.source !== "sql-admin"
      ? [{ name, report: reading.value, at: reading.at }]
      : [],
  );
}

/** Backends with servers that are nodes of this cluster: one HAProxy often balances other services too. */
export function ownBackends({ cluster }: ClusterFacts): ReadonlySet<string> {
  return new Set(cluster.nodes.flatMap(({ servers }) => servers.map(({ server }) => server.backend)));
}

/** Nodes that answer now, with what was asked of them beside the report; null where that failed. */
export function freshNodes(
  facts: ClusterFacts,
): readonly { readonly name: string; readonly report: MysqlReport; readonly examination: NodeExamination | null }[] {
  return facts.cluster.nodes.flatMap(({ name, reading }) => {
    const report = freshValue(reading);
    return report === null ? [] : [{ name, report, examination: facts.nodes.get(name)?.examination ?? null }];
  });
}

/** `a`, `a and b`, `a, b and c`; of many the first ones and how many more. */
export function listNames(names: readonly string[], most = 6): string {
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** Major and minor of a version text as one comparable number, e.g. 10.11 is 1011; null when it is none. */
export function versionNumber(version: string | null): number | null {
  const match = /^(\d+)\.(\d+)/.exec(version ?? "");
  return match === null ? null : Number(match[1]) * 100 + Number(match[2]);
}
