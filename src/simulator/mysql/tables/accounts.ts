/** Accounts and their privileges, in information_schema and in the schema mysql. */
import type { ProductName } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import { hasPrivilege, type SqlSession } from "../sql/session.ts";
import { columnsOf, type Table, type TableSource } from "./table.ts";

/** Global privileges, as far as anybody asks for them here: those of MariaDB 10.11, and those of MySQL 9.7, the dynamic ones apart. */
const mariadbPrivileges: readonly string[] = [
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "RELOAD",
  "PROCESS",
  "SUPER",
  "EVENT",
  "BINLOG ADMIN",
  "BINLOG MONITOR",
  "CONNECTION ADMIN",
  "READ_ONLY ADMIN",
  "REPLICATION MASTER ADMIN",
  "REPLICATION SLAVE",
  "REPLICATION SLAVE ADMIN",
  "SET USER",
  "SLAVE MONITOR",
];

const mysqlStatic: readonly string[] = [
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "RELOAD",
  "PROCESS",
  "SUPER",
  "REPLICATION SLAVE",
  "REPLICATION CLIENT",
  "EVENT",
];
const mysqlDynamic: readonly string[] = [
  "BINLOG_ADMIN",
  "CONNECTION_ADMIN",
  "PERSIST_RO_VARIABLES_ADMIN",
  "REPLICATION_APPLIER",
  "REPLICATION_SLAVE_ADMIN",
  "SESSION_VARIABLES_ADMIN",
  "SET_ANY_DEFINER",
  "SYSTEM_VARIABLES_ADMIN",
  "XA_RECOVER_ADMIN",
];

const allPrivileges: Readonly<Record<ProductName, readonly string[]>> = {
  mariadb: mariadbPrivileges,
  mysql: [...mysqlStatic, ...mysqlDynamic],
};
/** Whether a global privilege of that server has this name, in capitals. */
export function isPrivilegeName(product: ProductName, name: string): boolean {
  return allPrivileges[product].includes(name);
}

/** How the rights of an account that has all are written: MySQL spells them out. */
const allWritten: Readonly<Record<ProductName, readonly string[]>> = {
  mariadb: ["ALL PRIVILEGES"],
  mysql: [mysqlStatic.join(", "), mysqlDynamic.join(",")],
};

/** Lists of privileges, one for each line of SHOW GRANTS of the own account. */
export function listGrants({ account: { privileges }, node }: SqlSession): readonly string[] {
  if (privileges === "ALL") return allWritten[node.product];
  return [privileges.length === 0 ? "USAGE" : privileges.join(", ")];
}

const privilegeColumns = columnsOf("GRANTEE TABLE_CATALOG PRIVILEGE_TYPE IS_GRANTABLE");

/** One row per account and privilege; without rights on the schema mysql only those of the own account. */
export const userPrivileges: TableSource = ({ world, account, node }) => {
  const seesAll = hasPrivilege(account, "SELECT");
  const rows = world.accounts
    .filter(({ user }) => seesAll || user === account.user)
    .flatMap(({ user, privileges }) => {
      const names =
        privileges === "ALL" ? allPrivileges[node.product] : privileges.length === 0 ? ["USAGE"] : privileges;
      return names.map((name) => [`'${user}'@'%'`, "def", name, privileges === "ALL" ? "YES" : "NO"]);
    });
  return { columns: privilegeColumns, rows };
};

/** Nobody here holds a role. */
export function guarded(name: string, words: string): TableSource {
  const table: Table = { columns: columnsOf(words), rows: [] };
  return ({ account }: SqlSession) => {
    if (!hasPrivilege(account, "SELECT ON mysql"))
      throw sqlErrors.denied("SELECT", account.user, `\`mysql\`.\`${name}\``);
    return table;
  };
}

export const rolesMapping = guarded("roles_mapping", "Host User Role Admin_option");
export const globalPriv = guarded("global_priv", "Host User Priv");
