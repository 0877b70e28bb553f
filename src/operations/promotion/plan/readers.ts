/** A node that cannot follow serves old data: it leaves the readers, unless that would leave a reader backend without any server. */
import type { Change, Fact } from "../../../model/operation.ts";
import { isUsable } from "../../../model/writer-route.ts";
import type { StepDraft } from "../../commands/command.ts";
import type { ClusterView, ServerView } from "../../view.ts";
import { nameOf } from "../../view.ts";

function readerServers(view: ClusterView, node: string): readonly ServerView[] {
  return view.servers.filter((each) => each.node === node && view.cluster.readerBackends.includes(each.server.backend));
}

/** `moved`: nodes that the plan points elsewhere; none of them counts as one that is sure to stay. */
export function rescueReaders(
  view: ClusterView,
  node: string,
  moved: readonly string[],
): NonNullable<StepDraft["rescue"]> {
  return readerServers(view, node).flatMap(({ haproxy, server }) => {
    const stays = view
      .inBackend(haproxy, server.backend)
      .some((other) => isUsable(other.server) && (other.node === null || !moved.includes(other.node)));
    if (!isUsable(server) || !stays) return [];
    const name = { haproxy, backend: server.backend, server: server.server };
    const change: Change = { kind: "server-state", ...name, state: "maint" };
    const after: Fact[] = [{ kind: "admin-state", ...name, state: "maint" }];
    return [{ change, after }];
  });
}

/** Which reads go where afterwards: reader backends are left as they are. */
export function readerNotes(view: ClusterView, from: string, to: string): string[] {
  const names = (node: string) => [...new Set(readerServers(view, node).map(({ server }) => nameOf(server)))];
  const next = names(to);
  const old = readerServers(view, from).filter(({ server }) => !isUsable(server));
  const out = [...new Set(old.map(({ server }) => nameOf(server)))];
  return [
    ...(next.length === 0
      ? []
      : [`${to} keeps serving reads as ${next.join(", ")}: reader backends are left as they are.`]),
    ...(out.length === 0
      ? []
      : [
          `${out.join(", ")} stays out: \`signalbox ready ${out[0]}\` puts ${from} among the readers once it has caught up.`,
        ]),
  ];
}
