/** FLUSH TABLES WITH READ LOCK: nothing commits while it is held; it is free again when its connection is gone. */
import type { Node } from "./state.ts";

export function isGloballyLocked(node: Node): boolean {
  return node.globalLock !== null && node.connections.has(node.globalLock);
}
