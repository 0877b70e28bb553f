/** Detail views: everything that is known about one row, with its age. */
import { type Line, segment } from "../paint.ts";
import { type ConsoleState, type PaneId, selectCluster, selectFeed } from "../state/state.ts";
import { selectHaproxyDetail } from "./detail-haproxy.ts";
import { selectNodeDetail } from "./detail-node.ts";
import { selectOperationDetail } from "./detail-operation.ts";
import { selectChangeDetail, selectSessionDetail } from "./detail-other.ts";

/** Lines for the row `key` of `pane`; says so when the row is gone. */
export function selectDetailLines(state: ConsoleState, pane: PaneId, key: string, width: number): readonly Line[] {
  return linesOf(state, pane, key, width) ?? [[segment("This row is gone. Esc goes back.", "warning")]];
}

function linesOf(state: ConsoleState, pane: PaneId, key: string, width: number): readonly Line[] | null {
  const cluster = selectCluster(state);
  switch (pane) {
    case "nodes":
    case "replication": {
      // A replication row is `node/channel`; a node name may hold a slash itself.
      const nodes =
        cluster?.nodes.filter(
          (each) => key === each.name || (pane === "replication" && key.startsWith(`${each.name}/`)),
        ) ?? [];
      const node = nodes.sort((a, b) => b.name.length - a.name.length)[0];
      return node === undefined || cluster === null ? null : selectNodeDetail(state, cluster, node, width);
    }
    case "haproxy":
      return cluster === null ? null : selectHaproxyDetail(state, cluster, key, width);
    case "timeline": {
      const entry = selectFeed(state).timeline.find((each) => String(each.id) === key);
      return entry === undefined ? null : selectChangeDetail(entry.change, width);
    }
    case "sessions":
      return selectSessionDetail(selectFeed(state).sessions, key, width);
    case "operations":
      return selectOperationDetail(state, key, width);
  }
}
