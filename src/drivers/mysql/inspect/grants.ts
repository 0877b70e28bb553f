/** What SHOW GRANTS says of global privileges. The lines may hold the hash of a password: nothing of them but names of privileges leaves here. */
import type { MissingGrant } from "../../../model/preflight.ts";
import { type Asking, ask } from "../asking.ts";
import type { StatementGrant } from "../commands/privileges.ts";

/** Several names of one privilege; the first is used for comparing. Source: SHOW GRANTS of MariaDB 10.4, 10.5, 10.11, 11.8. */
const synonyms: readonly (readonly string[])[] = [
  ["REPLICATION CLIENT", "BINLOG MONITOR"],
  ["REPLICATION SLAVE", "REPLICATION REPLICA"],
  ["REPLICA MONITOR", "SLAVE MONITOR"],
  ["REPLICATION SLAVE ADMIN", "REPLICATION REPLICA ADMIN"],
];

function canonical(privilege: string): string {
  const name = privilege.trim().toUpperCase();
  return synonyms.find((names) => names.includes(name))?.[0] ?? name;
}

/** Global privileges of an account and of its active roles. */
export interface GlobalGrants {
  has(privilege: string): boolean;
}

/** @param superIncludes privileges that SUPER includes on this server */
export function parseGrants(lines: readonly string[], superIncludes: readonly string[] = []): GlobalGrants {
  const names = new Set<string>();
  for (const line of lines) {
    const list = /^GRANT (.+?) ON \*\.\* TO /i.exec(line)?.[1];
    for (const name of list?.split(",") ?? []) names.add(canonical(name));
  }
  if (names.has("SUPER")) for (const name of superIncludes) names.add(canonical(name));
  const all = names.has("ALL PRIVILEGES") || names.has("ALL");
  return { has: (privilege) => all || names.has(canonical(privilege)) };
}

/** @param account quoted, as in GRANT, e.g. `'ops'@'%'` */
export function findMissingGrants(
  grants: GlobalGrants,
  needed: readonly StatementGrant[],
  account: string,
): readonly MissingGrant[] {
  return needed
    .filter(({ privilege }) => !privilege.split(",").every((name) => grants.has(name)))
    .map(({ statement, privilege, kinds }) => ({
      statement,
      kinds,
      grant: `GRANT ${privilege} ON *.* TO ${account};`,
    }));
}

/** Those of our own session; null with a problem when the server does not tell. Without FOR, active roles are listed too. */
export async function readGrants(asking: Asking, superIncludes: readonly string[]): Promise<GlobalGrants | null> {
  const answer = await ask(asking, { name: "privileges", privilege: null }, [{ sql: "SHOW GRANTS", columns: null }]);
  if (answer === null) return null;
  return parseGrants(answer.rows.flatMap(firstCell), superIncludes);
}

/** The only column is called after the account. */
export function firstCell(row: unknown): readonly string[] {
  const [cell] = row instanceof Map ? [...row.values()] : [];
  return typeof cell === "string" ? [cell] : [];
}
