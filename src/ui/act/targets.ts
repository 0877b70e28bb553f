/** What an action key would act on: the marked rows, else the selected one. A sentence instead, when there is nothing it could act on. */
import { selectHaproxyRows, selectReplicationRows } from "../selectors/rows.ts";
import { selectGlyphs, selectTable } from "../selectors/tables.ts";
import { type ConsoleState, selectCluster } from "../state/state.ts";

/** Why not, as a sentence. */
export interface NoTargets {
  readonly whyNot: string;
}

export interface RowTargets {
  /** NODE or BACKEND/SERVER, each once: what commands on servers take. */
  readonly servers: readonly string[];
  /** Nodes behind the rows, each once; null for a row that has no node we know of. */
  readonly nodes: readonly (string | null)[];
}

interface RowTarget {
  readonly server: string;
  readonly node: string | null;
}

/** Rows that an action means: the one whose detail is open, else the marked ones, else the selected one. */
function selectKeys(state: ConsoleState): readonly string[] | NoTargets {
  const { overlay, pane } = state;
  if (overlay?.kind === "detail") return [overlay.key];
  if (overlay !== null) return { whyNot: "close what covers the table first (Esc)" };
  const { marks, cursor } = state.panes[pane];
  if (marks.size > 0) return [...marks];
  const table = selectTable(state);
  const key = cursor.key !== null && table.indexOf(cursor.key) >= 0 ? cursor.key : table.keys[cursor.index];
  return key === undefined ? { whyNot: "no row is selected" } : [key];
}

const GONE = "a row that was chosen is gone (Esc clears the marks)";

function resolveRow(state: ConsoleState, key: string): RowTarget | NoTargets {
  const cluster = selectCluster(state);
  if (cluster === null) return { whyNot: "nothing is known of the cluster yet" };
  switch (state.pane) {
    case "nodes":
      return cluster.nodes.some(({ name }) => name === key) ? { server: key, node: key } : { whyNot: GONE };
    case "haproxy": {
      const row = selectHaproxyRows(cluster).find((each) => each.key === key);
      if (row === undefined) return { whyNot: GONE };
      if (row.kind !== "server") return { whyNot: "choose the row of a server" };
      return { server: `${row.server.backend}/${row.server.server}`, node: row.node };
    }
    case "replication": {
      const row = selectReplicationRows(cluster, selectGlyphs(state)).find((each) => each.key === key);
      return row === undefined ? { whyNot: GONE } : { server: row.node.name, node: row.node.name };
    }
    default:
      return { whyNot: "choose a node or a server" };
  }
}

export function selectTargets(state: ConsoleState): RowTargets | NoTargets {
  const keys = selectKeys(state);
  if ("whyNot" in keys) return keys;
  const found: RowTarget[] = [];
  for (const key of keys) {
    const target = resolveRow(state, key);
    if ("whyNot" in target) return target;
    found.push(target);
  }
  return {
    servers: [...new Set(found.map(({ server }) => server))],
    nodes: [...new Set(found.map(({ node }) => node))],
  };
}

/** The selected row of a pane without marks that count (sessions, operations). */
export function selectRowKey(state: ConsoleState): string | NoTargets {
  const { overlay } = state;
  if (overlay?.kind === "detail") return overlay.key;
  if (overlay !== null) return { whyNot: "close what covers the table first (Esc)" };
  const { marks, cursor } = state.panes[state.pane];
  if (marks.size > 1) return { whyNot: "one at a time: clear the marks (Esc)" };
  const key = [...marks][0] ?? cursor.key;
  return key === null || selectTable(state).indexOf(key) < 0 ? { whyNot: "no row is selected" } : key;
}
