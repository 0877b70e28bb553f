/** How each server tells what only a change of roles asks; texts and privileges only, nothing is sent from here. */
import type { Flavor } from "../../../model/mysql.ts";
import type { StatementForm } from "./dialect.ts";
import { parseVersion } from "./select.ts";

/** Accounts that a read-only server lets write; SUPER includes it until READ_ONLY ADMIN became a privilege apart. */
export type BypassPrivilege = "SUPER" | "READ_ONLY ADMIN";

export interface Inspection {
  /** Lets an account write through `read_only`; none of them passes `super_read_only`. */
  readonly bypass: readonly BypassPrivilege[];
  /** Roles and who holds them, with what they let pass; null where there are no roles, or none can matter (super_read_only). */
  readonly roles: string | null;
  /** What XA RECOVER needs; null: any account may. */
  readonly xaPrivilege: string | null;
  /** What SHOW BINLOG EVENTS needs. */
  readonly binlogEventsPrivilege: string;
  /** Ways to be told who holds table locks. */
  readonly tableLocks: { readonly plugin: StatementForm<null> | null; readonly schema: StatementForm<null> | null };
  /** Column `n`: channels with a password that can be read. Null where no password is kept in a table. */
  readonly storedPasswords: string | null;
  /** Persisted values of read_only and super_read_only; null where SET PERSIST is not known. */
  readonly persisted: string | null;
  /** Column `origin`: where the values of read_only and super_read_only come from, in the server's word; null where it is not told. */
  readonly readOnlyOrigin: string | null;
  /** State of this server in its group; null where there is no group replication. */
  readonly groupMember: string | null;
  /** GTID list at the beginning of each binary log (MariaDB). */
  readonly gtidList: boolean;
  /** Global privileges that SUPER includes here, in the words of SHOW GRANTS. */
  readonly superIncludes: readonly string[];
}

/**
 * Column `id`: sessions that hold LOCK TABLES … WRITE. Measured: that is what read_only waits for; LOCK TABLES … READ and FLUSH TABLES WITH READ
 * LOCK let it pass (MariaDB 10.11, MySQL 5.6 and 9.7).
 */
const metadataLocks: StatementForm<null> = {
  sql:
    "SELECT DISTINCT t.PROCESSLIST_ID AS id FROM performance_schema.metadata_locks m" +
    " JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID" +
    " WHERE m.OBJECT_TYPE = 'TABLE' AND m.LOCK_TYPE = 'SHARED_NO_READ_WRITE' AND m.LOCK_STATUS = 'GRANTED'",
  columns: null,
};

/** The same by MariaDB's plugin metadata_lock_info. Source: its documentation; no package of the lab has it. */
const metadataLockInfo: StatementForm<null> = {
  sql:
    "SELECT DISTINCT THREAD_ID AS id FROM information_schema.metadata_lock_info" +
    " WHERE LOCK_TYPE = 'Table metadata lock' AND LOCK_MODE = 'MDL_SHARED_NO_READ_WRITE'",
  columns: null,
};

/** Bits of `access`: SUPER is 15, READ_ONLY ADMIN 33. `version_id` is that of the server that wrote the row. */
const mariadbRoles =
  "SELECT m.User AS user, m.Host AS host, m.Role AS role, JSON_VALUE(g.Priv, '$.access') AS access," +
  " JSON_VALUE(g.Priv, '$.version_id') AS version_id" +
  " FROM mysql.roles_mapping m LEFT JOIN mysql.global_priv g ON g.User = m.Role AND g.Host = ''";

const mysql55: Inspection = {
  bypass: ["SUPER"],
  roles: null,
  xaPrivilege: null,
  binlogEventsPrivilege: "REPLICATION SLAVE",
  tableLocks: { plugin: null, schema: null },
  storedPasswords: null,
  persisted: null,
  readOnlyOrigin: null,
  groupMember: null,
  gtidList: false,
  superIncludes: ["REPLICATION CLIENT"],
};

const mysql56: Inspection = {
  ...mysql55,
  storedPasswords: "SELECT COUNT(*) AS n FROM mysql.slave_master_info WHERE User_password <> ''",
};

const mysql57: Inspection = {
  ...mysql56,
  tableLocks: { plugin: null, schema: metadataLocks },
  groupMember:
    "SELECT MEMBER_STATE AS state FROM performance_schema.replication_group_members" +
    " WHERE MEMBER_ID = @@global.server_uuid AND MEMBER_STATE IN ('ONLINE', 'RECOVERING')",
};

const mysql80: Inspection = {
  ...mysql57,
  xaPrivilege: "XA_RECOVER_ADMIN",
  persisted:
    "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables" +
    " WHERE VARIABLE_NAME IN ('read_only', 'super_read_only')",
  readOnlyOrigin:
    "SELECT VARIABLE_SOURCE AS origin FROM performance_schema.variables_info" +
    " WHERE VARIABLE_NAME IN ('read_only', 'super_read_only')",
  superIncludes: [
    "REPLICATION CLIENT",
    "REPLICATION_SLAVE_ADMIN",
    "SYSTEM_VARIABLES_ADMIN",
    "SESSION_VARIABLES_ADMIN",
    "CONNECTION_ADMIN",
    "BINLOG_ADMIN",
  ],
};

const mariadb102: Inspection = {
  ...mysql55,
  roles: null,
  tableLocks: { plugin: metadataLockInfo, schema: null },
  readOnlyOrigin:
    "SELECT GLOBAL_VALUE_ORIGIN AS origin FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME = 'READ_ONLY'",
  gtidList: true,
};

const mariadb104: Inspection = { ...mariadb102, roles: mariadbRoles };

const mariadb105: Inspection = {
  ...mariadb104,
  bypass: ["SUPER", "READ_ONLY ADMIN"],
  tableLocks: { plugin: metadataLockInfo, schema: metadataLocks },
  binlogEventsPrivilege: "BINLOG MONITOR",
  superIncludes: [
    "BINLOG MONITOR",
    "REPLICA MONITOR",
    "REPLICATION SLAVE ADMIN",
    "BINLOG ADMIN",
    "CONNECTION ADMIN",
    "READ_ONLY ADMIN",
  ],
};

const mariadb1011: Inspection = {
  ...mariadb105,
  bypass: ["READ_ONLY ADMIN"],
  superIncludes: mariadb105.superIncludes.filter((privilege) => privilege !== "READ_ONLY ADMIN"),
};

const mariadb11: Inspection = { ...mariadb1011, superIncludes: [] };

const mysqlSince: readonly (readonly [since: number, inspection: Inspection])[] = [
  [800, mysql80],
  [507, mysql57],
  [506, mysql56],
  [0, mysql55],
];

const mariadbSince: typeof mysqlSince = [
  [1100, mariadb11],
  [1011, mariadb1011],
  [1005, mariadb105],
  [1004, mariadb104],
  [0, mariadb102],
];

/** The newest that is not newer than the server. */
export function selectInspection(flavor: Flavor, version: string): Inspection {
  const [major, minor] = parseVersion(version);
  const found = (flavor === "mariadb" ? mariadbSince : mysqlSince).find(([since]) => since <= major * 100 + minor);
  return found?.[1] ?? mysql55;
}
