/** System variables of a simulated node, as its product has them. */
import type { Node, ProductName } from "../world/state.ts";
import { sqlErrors } from "./errors.ts";
import type { SqlSession } from "./sql/session.ts";
import type { Kind, VariableDefinition } from "./variables/definition.ts";
import { mariadbVariables } from "./variables/mariadb.ts";
import { mysqlVariables } from "./variables/mysql.ts";

const definitions: Readonly<Record<ProductName, ReadonlyMap<string, VariableDefinition>>> = {
  mariadb: new Map(mariadbVariables),
  mysql: new Map(mysqlVariables),
};

/** Variable names of the node's server, in order. */
export function listVariableNames({ product }: Node): readonly string[] {
  return [...definitions[product].keys()].sort();
}

/** @throws SqlError 1193 */
export function findVariable({ product }: Node, name: string): VariableDefinition {
  const definition = definitions[product].get(name);
  if (definition === undefined) throw sqlErrors.unknownVariable(name);
  return definition;
}

function toValue(type: Kind, text: string): string | number {
  if (type === "bool") return text === "ON" ? 1 : 0;
  return type === "text" || Number.isNaN(Number(text)) ? text : Number(text);
}

/** Value of `@@name`, `@@global.name` or `@@session.name`. @throws SqlError 1193, 1238 */
export function readVariable(
  session: SqlSession,
  name: string,
  scope: "global" | "session" | null,
): { readonly value: string | number; readonly text: string; readonly type: Kind } {
  const definition = findVariable(session.node, name);
  if (scope === "session" && definition.scope === "global") throw sqlErrors.wrongScope(name, "GLOBAL");
  const own = scope === "global" ? undefined : session.variables.get(name);
  const text = own ?? definition.read(session.node);
  return { value: toValue(definition.type, text), text, type: definition.type };
}
