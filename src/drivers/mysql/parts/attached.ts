/** Who is attached to the node: replicas by dump thread and replica list, and tools that change topologies. */
import type { AttachedReplica } from "../../../model/mysql.ts";
import { type Asking, ask, missingPrivilege } from "../asking.ts";
import type { Dialect, ReplicaListColumns } from "../dialects/dialect.ts";
import { numberOf, type Row, textOf } from "../rows.ts";
import { describeProcessList, readProcessList } from "./process-list.ts";

/** Accounts under which other switchover tools log in. ProxySQL's monitor only looks and is none of them. */
const rivalPattern = /orchestrator|maxscale|replication-?manager|repman|^mha|mysqlfailover|mariadbmon/i;

export interface Attached {
  readonly attachedReplicas: readonly AttachedReplica[] | null;
  readonly rivalUsers: readonly string[] | null;
}

/** One row per account, and one per dump thread: short also where thousands of sessions are open. */
export function buildClientStatement(table: string): string {
  return (
    "SELECT user, MAX(host) AS host, MAX(command) AS command, COUNT(*) AS threads," +
    ` MAX(user = SUBSTRING_INDEX(USER(), '@', 1)) AS own FROM ${table}` +
    " GROUP BY user, IF(command LIKE 'Binlog Dump%', id, 0)"
  );
}

/** @param threadsConnected counter of the server, to notice threads that the account is not shown */
export async function readAttached(asking: Asking, threadsConnected: number | null): Promise<Attached> {
  const clients = await readClients(asking, threadsConnected);
  const listed = await readReplicaList(asking, clients !== null);
  if (clients === null && listed === null) return { attachedReplicas: null, rivalUsers: null };
  return {
    attachedReplicas: mergeAttached(clients === null ? null : readDumpHosts(clients), listed),
    rivalUsers: clients === null ? null : findRivals(clients),
  };
}

async function readClients(asking: Asking, threadsConnected: number | null): Promise<readonly Row[] | null> {
  const rows = await readProcessList(asking, buildClientStatement);
  if (rows === null || !hidesThreads(rows, threadsConnected)) return rows;
  const part = describeProcessList(asking.login.dialect);
  const reason = missingPrivilege(asking.login, asking.target, part, "it is shown its own sessions only");
  const failure = { target: asking.target, operation: part.name, serverCode: null, ...reason };
  asking.problems.push({ part: part.name, failure });
  return null;
}

/**
 * Without the PROCESS privilege the servers show the account's own threads and no error. Whoever is shown a thread of somebody else has
 * the privilege; if all are its own and the server counts more connections, some are hidden.
 */
export function hidesThreads(clients: readonly Row[], threadsConnected: number | null): boolean {
  if (clients.some((row) => numberOf(row, "own") === 0)) return false;
  const own = clients.reduce((sum, row) => sum + (numberOf(row, "threads") ?? 0), 0);
  return threadsConnected === null || threadsConnected > own;
}

/** Host without the port of each dump thread. */
export function readDumpHosts(clients: readonly Row[]): readonly (string | null)[] {
  const dumps = clients.filter((row) => textOf(row, "command")?.startsWith("Binlog Dump"));
  return dumps.map((row) => textOf(row, "host")?.replace(/:\d+$/, "") ?? null);
}

export function findRivals(clients: readonly Row[]): readonly string[] {
  const users = clients.map((row) => textOf(row, "user")).filter((user) => user !== null);
  return [...new Set(users.filter((user) => rivalPattern.test(user)))];
}

/** The list needs a privilege of its own; a refusal is only worth a problem when the process list does not stand in for it. */
async function readReplicaList(asking: Asking, hasClients: boolean): Promise<readonly AttachedReplica[] | null> {
  const { dialect } = asking.login;
  const part = { name: "replica list", privilege: `${dialect.grants.replicaList} ON *.*` };
  const quiet = hasClients ? { ...asking, problems: [] } : asking;
  const answer = await ask(quiet, part, dialect.replicaList);
  return answer === null ? null : answer.rows.map((row) => parseListed(row, answer.columns));
}

function parseListed(row: Row, columns: ReplicaListColumns): AttachedReplica {
  return {
    serverId: numberOf(row, columns.serverId),
    uuid: textOf(row, columns.uuid),
    host: textOf(row, columns.host),
    port: numberOf(row, columns.port),
    seenIn: "replica-list",
  };
}

/**
 * Pairs listed replicas with dump threads: by host, and the rest by number when as many are left on both sides (report_host is often
 * empty or a name where the process list has an address).
 * @param dumpHosts null when the process list is not known
 */
export function mergeAttached(
  dumpHosts: readonly (string | null)[] | null,
  listed: readonly AttachedReplica[] | null,
): readonly AttachedReplica[] {
  const threads = [...(dumpHosts ?? [])];
  const paired: AttachedReplica[] = [];
  const alone: AttachedReplica[] = [];
  for (const replica of listed ?? []) {
    const at = replica.host === null ? -1 : threads.indexOf(replica.host);
    if (at >= 0) threads.splice(at, 1);
    (at >= 0 ? paired : alone).push(at >= 0 ? { ...replica, seenIn: "both" } : replica);
  }
  if (alone.length > 0 && alone.length === threads.length) {
    const [onlyHost] = threads;
    const host = threads.every((thread) => thread === onlyHost) ? (onlyHost ?? null) : null;
    return [
      ...paired,
      ...alone.map((replica) => ({ ...replica, host: replica.host ?? host, seenIn: "both" as const })),
    ];
  }
  const unlisted = threads.map((host) => ({
    serverId: null,
    uuid: null,
    host,
    port: null,
    seenIn: "processlist" as const,
  }));
  return [...paired, ...alone, ...unlisted];
}

/** Every statement this part may send, for the proof that a reader only reads. */
export function listAttachedStatements(dialect: Dialect): readonly string[] {
  return [...dialect.processListTables.map(buildClientStatement), ...dialect.replicaList.map((form) => form.sql)];
}
