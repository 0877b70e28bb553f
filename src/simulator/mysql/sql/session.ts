/** What a statement may look at: the world, its node, and the connection it came through. */
import type { Account, DirectConnection, Node, ProductName, World } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";

export interface SqlSession {
  readonly world: World;
  readonly node: Node;
  readonly account: Account;
  readonly connection: DirectConnection;
  /** Session values of system variables, lower case. */
  readonly variables: Map<string, string>;
  readonly userVariables: Map<string, string | number | null>;
  /** What SHOW WARNINGS tells of the last statement. */
  warnings: readonly Warning[];
}

export interface Warning {
  readonly level: "Note" | "Warning";
  readonly code: number;
  readonly message: string;
}

/** The statement waits for something that is not so yet: it is to be run again a little later. */
export class StatementWaits extends Error {
  override readonly name = "StatementWaits";
}

/**
 * True once `isSo` is, false when `seconds` have passed meanwhile; a statement may wait for one thing only.
 * @throws StatementWaits until then; SqlError 1317 when it was interrupted
 */
export function waitUntil({ world, connection }: SqlSession, seconds: number, isSo: () => boolean): boolean {
  if (connection.wait?.interrupted === true) throw sqlErrors.interrupted();
  if (isSo()) return true;
  connection.wait ??= { untilMs: world.nowMs + seconds * 1000, interrupted: false };
  if (world.nowMs >= connection.wait.untilMs) return false;
  throw new StatementWaits();
}

/** MySQL's names of what MariaDB calls otherwise; the rest has the same name on both. */
const mysqlPrivileges: Readonly<Record<string, string>> = {
  "BINLOG MONITOR": "REPLICATION CLIENT",
  "SLAVE MONITOR": "REPLICATION CLIENT",
  "REPLICATION SLAVE ADMIN": "REPLICATION_SLAVE_ADMIN",
  "REPLICATION MASTER ADMIN": "REPLICATION SLAVE",
  "CONNECTION ADMIN": "CONNECTION_ADMIN",
  "READ_ONLY ADMIN": "CONNECTION_ADMIN",
};

const namesOf: Readonly<Record<ProductName, (privilege: string) => string>> = {
  mariadb: (privilege) => privilege,
  mysql: (privilege) => mysqlPrivileges[privilege] ?? privilege,
};

/** @param anyOf in MariaDB's words @throws SqlError 1227 when the account has none of these privileges */
export function requirePrivilege({ account, node }: SqlSession, ...anyOf: string[]): void {
  const names = anyOf.map(namesOf[node.product]);
  if (!hasPrivilege(account, ...names)) throw sqlErrors.missingPrivilege(names.join(", "));
}

export function hasPrivilege(account: Account, ...anyOf: string[]): boolean {
  const { privileges } = account;
  return privileges === "ALL" || anyOf.some((name) => privileges.includes(name));
}
