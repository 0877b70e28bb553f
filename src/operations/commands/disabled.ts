/** "Why not?" for every row that is drawn: a sentence, or null when the command can be planned. Guards say more, once a plan is asked for. */
import { adviseReturn } from "../../model/alerts/server-rules.ts";
import { freshValue } from "../../model/reading.ts";
import type { ClusterSnapshot, NodeSnapshot, ServerLink } from "../../model/snapshot.ts";
import { selectAdminState } from "../admin-state.ts";
import { nameOf } from "../view.ts";

/** Servers of a NODE or BACKEND/SERVER row on HAProxies that answer. */
export function serversOf(cluster: ClusterSnapshot, target: string): readonly Pick<ServerLink, "haproxy" | "server">[] {
  if (!target.includes("/")) {
    const node = cluster.nodes.find(({ name }) => name === target);
    return (node?.servers ?? []).filter(({ freshness }) => freshness === "fresh");
  }
  return cluster.haproxies.flatMap(({ name, reading }) =>
    (freshValue(reading)?.servers ?? [])
      .filter((server) => nameOf(server) === target)
      .map((server) => ({ haproxy: name, server })),
  );
}

export function whyNoServers(cluster: ClusterSnapshot, target: string | null): string | null {
  if (target === null) return "Select a node or a server first.";
  if (!cluster.haproxies.some(({ reading }) => reading.state === "fresh")) return "No HAProxy answers now.";
  if (serversOf(cluster, target).length > 0) return null;
  return `${target} has no server in any HAProxy that answers.`;
}

/** Why a state would change nothing or cannot be reached. */
export function whyNotState(
  cluster: ClusterSnapshot,
  target: string | null,
  state: "ready" | "drain" | "maint",
): string | null {
  const reason = whyNoServers(cluster, target);
  if (reason !== null || target === null) return reason;
  const servers = serversOf(cluster, target);
  if (!servers.every(({ server }) => selectAdminState(server) === state)) return null;
  const down = state === "ready" ? servers.find(({ server }) => server.state === "down")?.server : undefined;
  const told = down === undefined ? "" : ` HAProxy holds it for DOWN: ${adviseReturn(down)}`;
  return `${target} is in state ${state} already${servers.length > 1 ? " everywhere" : ""}.${told}`;
}

export function findNode(cluster: ClusterSnapshot, target: string | null): NodeSnapshot | null {
  if (target === null) return null;
  return (
    cluster.nodes.find(({ name }) => name === target) ??
    cluster.nodes.find(({ servers }) => servers.some(({ server }) => nameOf(server) === target)) ??
    null
  );
}

export function whyNotNode(cluster: ClusterSnapshot, target: string | null): string | null {
  if (target === null) return "Select a node first.";
  const node = findNode(cluster, target);
  if (node === null) return `No MySQL node is known behind ${target}.`;
  return freshValue(node.reading) === null ? `${node.name} does not answer now.` : null;
}
