/** What of a rejoin is still to be done: each part is left out where it is so already. */
import { selectAdminState } from "../../admin-state.ts";
import type { RejoinScene } from "./scene.ts";

const isOut = ({ server }: RejoinScene["writerServers"][number]) => selectAdminState(server) === "maint";

export function isReadOnly({ view, node }: Pick<RejoinScene, "view" | "node">): boolean {
  const report = view.report(node);
  return report?.readOnly === true && report.superReadOnly !== false;
}

/** It follows, and everything that is asked of it holds; what is left may be to let it serve again. */
export function isHealthy(scene: RejoinScene): boolean {
  const { channel, back, stale, isMultiWriter, view, node } = scene;
  if (channel?.io !== "yes" || channel.sql !== "yes" || stale.length > 0) return false;
  if (back !== null && (back.io === "no" || back.sql === "no")) return false;
  if (isMultiWriter) {
    const serves = scene.writerServers.every(({ server }) => selectAdminState(server) === "ready");
    return view.report(node)?.readOnly === false && serves;
  }
  return isReadOnly(scene) && scene.writerServers.every(isOut);
}

/** A writable old primary, or one that could get writes. The second writer of two that is in use is left alone. */
export function needsFence(scene: RejoinScene): boolean {
  return !isHealthy(scene);
}

/** Readers that the promotion took out, or this plan does. */
export function mustServeAgain({ readerServers }: RejoinScene): boolean {
  return readerServers.some(({ server }) => selectAdminState(server) !== "ready");
}
