/** Columns of the Nodes pane for terminals with the room: one per HAProxy. */
import { safeText } from "../format/text.ts";
import { segment } from "../paint.ts";
import { stateCell } from "./cells.ts";
import type { Column } from "./column.ts";
import type { NodeRow } from "./nodes.ts";

/** Every server of the node there, by its full name. */
export function haproxyColumns(names: readonly string[]): Column<NodeRow>[] {
  return names.map((name) => ({
    id: `haproxy:${name}`,
    title: safeText(name).toUpperCase(),
    priority: 11,
    minWidth: 14,
    width: "content",
    maxWidth: 44,
    cell: (row, context) => {
      const links = row.node.servers.filter((link) => link.haproxy === name);
      if (links.length === 0) return [segment(context.glyphs.none, "dim")];
      return links.flatMap((link, index) => [
        segment(`${index > 0 ? " " : ""}${safeText(link.server.backend)} `, "dim"),
        ...stateCell(link.server, link.freshness, context.glyphs),
        segment(link.server.backup ? "/bk" : "", "dim"),
      ]);
    },
  }));
}
