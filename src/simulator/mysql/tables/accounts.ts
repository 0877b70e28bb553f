/** Accounts and their privileges, in information_schema and in the schema mysql. */
import { sqlErrors } from "../errors.ts";
import { hasPrivilege, type SqlSession } from "../sql/session.ts";
import { columnsOf, type Table, type TableSource } from "./table.ts";

/** Global privileges of MariaDB 10.11, as far as anybody asks for them here. */
const allPrivileges: readonly string[] = [
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

const privilegeColumns = columnsOf("GRANTEE TABLE_CATALOG PRIVILEGE_TYPE IS_GRANTABLE");

/** One row per account and privilege; without rights on the schema mysql only those of the own account. */
export const userPrivileges: TableSource = ({ world, account }) => {
  const seesAll = hasPrivilege(account, "SELECT");
  const rows = world.accounts
    .filter(({ user }) => seesAll || user === account.user)
    .flatMap(({ user, privileges }) => {
      const names = privileges === "ALL" ? allPrivileges : privileges.length === 0 ? ["USAGE"] : privileges;
      return names.map((name) => [`'${user}'@'%'`, "def", name, privileges === "ALL" ? "YES" : "NO"]);
    });
  return { columns: privilegeColumns, rows };
};

/** Nobody here holds a role. */
function guarded(name: string, words: string): TableSource {
  const table: Table = { columns: columnsOf(words), rows: [] };
  return ({ account }: SqlSession) => {
    if (!hasPrivilege(account, "SELECT ON mysql"))
      throw sqlErrors.denied("SELECT", account.user, `\`mysql\`.\`${name}\``);
    return table;
  };
}

export const rolesMapping = guarded("roles_mapping", "Host User Role Admin_option");
export const globalPriv = guarded("global_priv", "Host User Priv");
