/** What a statement may look at: the world, its node, and the connection it came through. */
import type { Account, DirectConnection, Node, World } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";

export interface SqlSession {
  readonly world: World;
  readonly node: Node;
  readonly account: Account;
  readonly connection: DirectConnection;
  /** Session values of system variables, lower case. */
  readonly variables: Map<string, string>;
  readonly userVariables: Map<string, string | number | null>;
}

/** @throws SqlError 1227 when the account has none of these privileges. */
export function requirePrivilege({ account }: SqlSession, ...anyOf: string[]): void {
  if (!hasPrivilege(account, ...anyOf)) throw sqlErrors.missingPrivilege(anyOf.join(", "));
}

export function hasPrivilege(account: Account, ...anyOf: string[]): boolean {
  const { privileges } = account;
  return privileges === "ALL" || anyOf.some((name) => privileges.includes(name));
}
