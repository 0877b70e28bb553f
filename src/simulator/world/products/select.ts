/** The rules of a node's server. */
import type { Node, ProductName } from "../state.ts";
import { mariadbRules } from "./mariadb.ts";
import { mysqlRules } from "./mysql.ts";
import type { ReplicationRules } from "./rules.ts";

const rules: Readonly<Record<ProductName, ReplicationRules>> = { mariadb: mariadbRules, mysql: mysqlRules };

export function rulesOf({ product }: Pick<Node, "product">): ReplicationRules {
  return rules[product];
}
