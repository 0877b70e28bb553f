/** Connections a node has room for. */
import type { Node } from "./state.ts";

/** max_connections of MariaDB when nothing is configured. */
export const defaultMaxConnections = 151;

/** Whether the next client gets error 1040. Replicas that read the binary log are not counted: there are never many. */
export function isFull(node: Node): boolean {
  const maximum = Number(node.variables.get("max_connections") ?? defaultMaxConnections);
  return node.sessions.size + node.openConnections >= maximum;
}
