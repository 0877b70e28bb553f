/** Two snapshots of a cluster compared: the lines of the timeline. */
import type { ChangeEvent } from "./change.ts";
import { diffAlerts } from "./diff/alert-diff.ts";
import { diffHaproxies } from "./diff/haproxy-diff.ts";
import { diffNodes } from "./diff/node-diff.ts";
import type { EpochMs } from "./reading.ts";
import type { ClusterSnapshot } from "./snapshot.ts";

/**
 * What changed from `before` to `after`, which was taken at `at`. Losing sight of an endpoint is one event; while it is silent nothing is
 * said of its servers or threads, and when it answers again it is compared with what it said last. A first snapshot (null before) has no
 * changes.
 */
export function diffClusters(before: ClusterSnapshot | null, after: ClusterSnapshot, at: EpochMs): ChangeEvent[] {
  if (before === null) return [];
  return [
    ...diffHaproxies(before.haproxies, after.haproxies),
    ...diffNodes(before.nodes, after.nodes),
    ...diffAlerts(before, after),
  ].map((change) => ({ at, cluster: after.name, ...change }));
}
