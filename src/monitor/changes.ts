/** What changed between two publishes, over all clusters. */
import type { ChangeEvent } from "../model/change.ts";
import { diffClusters } from "../model/diff.ts";
import type { EpochMs } from "../model/reading.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";

/** Changes of every cluster, in the order of `after`. */
export function diffSnapshots(
  before: readonly ClusterSnapshot[],
  after: readonly ClusterSnapshot[],
  at: EpochMs,
): readonly ChangeEvent[] {
  return after.flatMap((cluster) =>
    diffClusters(before.find((earlier) => earlier.name === cluster.name) ?? null, cluster, at),
  );
}
