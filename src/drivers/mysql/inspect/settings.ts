/** Settings by one SHOW GLOBAL VARIABLES: what has to agree between nodes, and what is derived from settings alone. */
import type { ComparedSettings, NodePreflight } from "../../../model/preflight.ts";
import { type Asking, ask } from "../asking.ts";
import { numberOf, parseFlag, parseNumber, textOf } from "../rows.ts";

/** Lower-case name to value; a name that is not there is no variable of this server. */
export type Settings = ReadonlyMap<string, string | null>;

const names = [
  "aurora_version",
  "basedir",
  "binlog_checksum",
  "binlog_format",
  "binlog_row_image",
  "character_set_server",
  "collation_server",
  "enforce_gtid_consistency",
  "event_scheduler",
  "group_replication_group_name",
  "gtid_domain_id",
  "gtid_mode",
  "gtid_strict_mode",
  "lower_case_table_names",
  "max_connections",
  "skip_replica_start",
  "skip_slave_start",
  "sql_mode",
  "super_read_only",
  "system_time_zone",
  "time_zone",
  "wsrep_on",
];
const statement = `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(", ")})`;
const connections = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected')";

export async function readSettings(asking: Asking): Promise<Settings | null> {
  const answer = await ask(asking, { name: "settings", privilege: null }, [{ sql: statement, columns: null }]);
  if (answer === null) return null;
  return new Map(
    answer.rows.map((row) => [(textOf(row, "Variable_name") ?? "").toLowerCase(), row.get("Value") ?? null]),
  );
}

export function describeCompared(settings: Settings): ComparedSettings {
  const value = (name: string) => settings.get(name) ?? null;
  const zone = value("time_zone");
  return {
    binlogFormat: value("binlog_format"),
    binlogRowImage: value("binlog_row_image"),
    binlogChecksum: value("binlog_checksum"),
    characterSetServer: value("character_set_server"),
    collationServer: value("collation_server"),
    lowerCaseTableNames: value("lower_case_table_names"),
    // `SYSTEM` on two machines need not be the same zone.
    timeZone: zone === "SYSTEM" ? `SYSTEM (${value("system_time_zone") ?? "?"})` : zone,
    sqlMode: value("sql_mode"),
    gtidMode: value("gtid_mode"),
    gtidStrict: value("gtid_strict_mode"),
    enforceGtidConsistency: value("enforce_gtid_consistency"),
    gtidDomainId: value("gtid_domain_id"),
  };
}

export function describeScheduler(settings: Settings): NodePreflight["eventScheduler"] {
  const value = settings.get("event_scheduler") ?? null;
  if (value?.toUpperCase() === "DISABLED") return "disabled";
  const on = parseFlag(value);
  return on === null ? null : on ? "on" : "off";
}

export function describeSkipStart(settings: Settings): boolean | null {
  return parseFlag(settings.get("skip_replica_start") ?? settings.get("skip_slave_start") ?? null);
}

/** Aurora, RDS and Galera as their settings show them. */
export function findRefusedKinds(settings: Settings): readonly string[] {
  const kinds: string[] = [];
  if (parseFlag(settings.get("wsrep_on") ?? null) === true) kinds.push("Galera (wsrep_on is ON)");
  const aurora = settings.get("aurora_version") ?? null;
  if (aurora !== null) kinds.push(`Amazon Aurora (aurora_version ${aurora})`);
  if (settings.get("basedir")?.startsWith("/rdsdbbin") === true) kinds.push("Amazon RDS (basedir /rdsdbbin)");
  return kinds;
}

/** Null when the limit or the count is not told. Our own connection counts as taken. */
export async function readFreeConnections(asking: Asking, settings: Settings): Promise<number | null> {
  const answer = await ask(asking, { name: "connections", privilege: null }, [{ sql: connections, columns: null }]);
  const [row] = answer?.rows ?? [];
  const limit = parseNumber(settings.get("max_connections") ?? null);
  const taken = row === undefined ? null : numberOf(row, "Value");
  return limit === null || taken === null ? null : Math.max(0, limit - taken);
}
