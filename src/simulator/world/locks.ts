/** FLUSH TABLES WITH READ LOCK and LOCK TABLES … WRITE: nobody else commits while one is held; both are free again when their connection is gone. */
import type { Node } from "./state.ts";

const isHeldBy = ({ connections }: Node, holder: number | null, except: number | null): boolean =>
  holder !== null && holder !== except && connections.has(holder);

/** @param except connection whose own lock does not count */
export function isTableLocked(node: Node, except: number | null = null): boolean {
  return isHeldBy(node, node.tableLock, except);
}

/** Whether writes wait. @param except as above */
export function areWritesHeld(node: Node, except: number | null = null): boolean {
  return isHeldBy(node, node.globalLock, except) || isTableLocked(node, except);
}
