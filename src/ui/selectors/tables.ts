/** Which table each pane shows. */
import type { SessionsReport } from "../../engine/protocol.ts";
import type { OperationEntry } from "../../model/operation.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import type { CellContext, Column } from "../columns/column.ts";
import { HAPROXY_COLUMNS } from "../columns/haproxy.ts";
import { haproxyColumns } from "../columns/node-haproxies.ts";
import { NODE_COLUMNS, type NodeRow } from "../columns/nodes.ts";
import { OPERATION_COLUMNS } from "../columns/operations.ts";
import { REPLICATION_COLUMNS } from "../columns/replication.ts";
import { SESSION_COLUMNS } from "../columns/sessions.ts";
import { TIMELINE_COLUMNS } from "../columns/timeline.ts";
import { safeText } from "../format/text.ts";
import { ASCII_GLYPHS, type Glyphs, UNICODE_GLYPHS } from "../glyphs.ts";
import {
  type ConsoleState,
  type LiveOperation,
  type PaneId,
  type Sort,
  selectCluster,
  selectFeed,
  selectShownAt,
  type TimelineEntry,
} from "../state/state.ts";
import { memoizeLast } from "./memo.ts";
import { selectOperationRows } from "./operation-rows.ts";
import { selectHaproxyRows, selectNodeRows, selectReplicationRows, selectSessionRows } from "./rows.ts";
import { createTableModel, type TableModel } from "./table-model.ts";

const WAITING = "Waiting for the first answers...";

const selectNodesTable = memoizeLast(
  (cluster: ClusterSnapshot | null, glyphs: Glyphs, filter: string, sort: Sort | null): TableModel => {
    const lbs = cluster?.haproxies.map((haproxy) => haproxy.name) ?? [];
    const columns: Column<NodeRow>[] = [...NODE_COLUMNS, ...haproxyColumns(lbs)];
    return createTableModel(
      {
        columns,
        rows: cluster === null ? [] : selectNodeRows(cluster, glyphs),
        keyOf: (row) => row.node.name,
        searchText: (row) =>
          `${row.node.name} ${row.node.address} ${row.node.role} ${row.node.servers.map((link) => `${link.haproxy} ${link.server.backend}/${link.server.server} ${link.server.state}`).join(" ")}`,
        empty: cluster === null ? WAITING : "No nodes: none is configured, and HAProxy names none.",
      },
      filter,
      sort,
    );
  },
);

const selectHaproxyTable = memoizeLast(
  (cluster: ClusterSnapshot | null, filter: string, sort: Sort | null): TableModel =>
    createTableModel(
      {
        columns: HAPROXY_COLUMNS,
        rows: cluster === null ? [] : selectHaproxyRows(cluster),
        keyOf: (row) => row.key,
        searchText: (row) =>
          `${row.key} ${row.kind === "server" ? `${row.server.status ?? ""} ${row.server.state} ${row.server.check ?? ""} ${row.node ?? ""}` : row.kind}`,
        empty: cluster === null ? WAITING : "No HAProxy is configured for this cluster.",
      },
      filter,
      sort,
    ),
);

const selectReplicationTable = memoizeLast(
  (cluster: ClusterSnapshot | null, glyphs: Glyphs, filter: string, sort: Sort | null): TableModel =>
    createTableModel(
      {
        columns: REPLICATION_COLUMNS,
        rows: cluster === null ? [] : selectReplicationRows(cluster, glyphs),
        keyOf: (row) => row.key,
        searchText: (row) =>
          `${row.node.name} ${row.node.role} ${row.channel?.name ?? ""} ${row.channel?.sourceNode ?? row.channel?.sourceHost ?? ""} ${row.channel?.sqlError?.message ?? ""}`,
        empty: cluster === null ? WAITING : "No nodes.",
      },
      filter,
      sort,
    ),
);

const selectTimelineTable = memoizeLast(
  (timeline: readonly TimelineEntry[], cluster: string | null, filter: string, sort: Sort | null): TableModel =>
    createTableModel(
      {
        columns: TIMELINE_COLUMNS,
        rows: timeline.filter((entry) => cluster === null || entry.change.cluster === cluster),
        keyOf: (row) => String(row.id),
        searchText: ({ change }) =>
          `${change.subject} ${change.kind} ${change.severity} ${change.before} ${change.after}`,
        empty: "No state has changed since the console was started.",
      },
      filter,
      sort,
    ),
);

const selectOperationsTable = memoizeLast(
  (
    entries: readonly OperationEntry[] | null,
    live: readonly LiveOperation[],
    cluster: string | null,
    filter: string,
    sort: Sort | null,
  ): TableModel =>
    createTableModel(
      {
        columns: OPERATION_COLUMNS,
        rows: selectOperationRows(entries ?? [], live, cluster),
        keyOf: (row) => row.id,
        searchText: (row) => `${row.id} ${row.title} ${row.state} ${row.operator} ${row.summary}`,
        empty:
          entries === null ? "Reading the journal..." : "No operations yet: what is changed from here is listed here.",
      },
      filter,
      sort,
    ),
);

const selectSessionsTable = memoizeLast(
  (report: SessionsReport | null, node: string | null, filter: string, sort: Sort | null): TableModel =>
    createTableModel(
      {
        columns: SESSION_COLUMNS,
        rows: report?.node === node ? selectSessionRows(report) : [],
        keyOf: (row) => String(row.session.id),
        searchText: ({ session }) =>
          `${session.id} ${session.user} ${session.host ?? ""} ${session.database ?? ""} ${session.command} ${session.state ?? ""} ${session.query ?? ""}`,
        empty: sessionsEmpty(report, node),
      },
      filter,
      sort,
    ),
);

function sessionsEmpty(report: SessionsReport | null, node: string | null): string {
  if (node === null) return "No node is selected: choose one in the Nodes pane (1).";
  if (report === null || report.node !== node || report.reading.state === "never")
    return `Asking ${safeText(node)} for its sessions...`;
  if (report.reading.state === "failed")
    return `Sessions of ${safeText(node)} are not known: ${safeText(report.reading.failure.message)}`;
  return `${safeText(node)} has no sessions.`;
}

/** Node whose sessions are shown: the one selected in the Nodes pane, or its first row. */
export function selectSessionsNode(state: ConsoleState): string | null {
  const table = selectTable(state, "nodes");
  const { cursor } = state.panes.nodes;
  if (cursor.key !== null && selectCluster(state)?.nodes.some((node) => node.name === cursor.key)) return cursor.key;
  return table.keys[cursor.index] ?? table.keys[0] ?? null;
}

export function selectTable(state: ConsoleState, pane: PaneId = state.pane): TableModel {
  const { filter, sort } = state.panes[pane];
  const cluster = selectCluster(state);
  const feed = selectFeed(state);
  switch (pane) {
    case "nodes":
      return selectNodesTable(cluster, selectGlyphs(state), filter, sort);
    case "haproxy":
      return selectHaproxyTable(cluster, filter, sort);
    case "replication":
      return selectReplicationTable(cluster, selectGlyphs(state), filter, sort);
    case "timeline":
      return selectTimelineTable(feed.timeline, cluster?.name ?? null, filter, sort);
    case "operations":
      return selectOperationsTable(
        state.journal[cluster?.name ?? ""] ?? null,
        state.live,
        cluster?.name ?? null,
        filter,
        sort,
      );
    case "sessions":
      return selectSessionsTable(feed.sessions, selectSessionsNode(state), filter, sort);
  }
}

export function selectGlyphs(state: ConsoleState): Glyphs {
  return state.unicode ? UNICODE_GLYPHS : ASCII_GLYPHS;
}

const DEFAULT_LAG = { warningSeconds: 5, criticalSeconds: 30 };

export function selectCellContext(state: ConsoleState, pane: PaneId = state.pane): CellContext {
  const { filter, sort } = state.panes[pane];
  return {
    glyphs: selectGlyphs(state),
    now: selectShownAt(state),
    lagLimits: state.lagLimits[selectCluster(state)?.name ?? ""] ?? DEFAULT_LAG,
    tree: filter === "" && sort === null,
  };
}
