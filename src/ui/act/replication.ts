/** Start or stop: chosen by how replication of the nodes is now. */
import { freshValue } from "../../model/reading.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import type { NoTargets } from "./targets.ts";

export type Direction = "start" | "stop";

/** Why replication of a node cannot be started or stopped; null when it can. */
export function whyNotReplication(cluster: ClusterSnapshot, name: string): string | null {
  const node = cluster.nodes.find((each) => each.name === name);
  if (node === undefined) return `nothing is known of ${name}`;
  const report = freshValue(node.reading);
  if (report === null) return `replication of ${name}: it does not answer now`;
  if (report.channels === null) return `replication of ${name}: it does not tell its channels`;
  return node.channels.length === 0 ? `replication of ${name}: it follows nobody` : null;
}

function directionOf(cluster: ClusterSnapshot, name: string): Direction {
  const channels = cluster.nodes.find((each) => each.name === name)?.channels ?? [];
  return channels.some(({ io, sql }) => io === "no" || sql === "no") ? "start" : "stop";
}

/** Stop where all threads run, start where one is stopped; nodes that differ want a choice by name. */
export function selectDirection(cluster: ClusterSnapshot, names: readonly string[]): Direction | NoTargets {
  const directions = new Set(names.map((name) => directionOf(cluster, name)));
  const [direction = "stop"] = directions;
  if (directions.size < 2) return direction;
  return { whyNot: "some of them replicate and some do not: choose start or stop by name with :" };
}
