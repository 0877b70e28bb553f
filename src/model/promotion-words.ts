/** How a promotion is put into words, on the command line and in the console alike. */
import type { PromotionPlan } from "./operation.ts";
import { printable } from "./printable.ts";

const MODES: Readonly<Record<PromotionPlan["mode"], string>> = {
  switchover: "Planned switchover",
  failover: "FAILOVER, the old primary is dead",
  rejoin: "Rejoin",
};

const VARIANTS: Readonly<Record<PromotionPlan["variant"], string>> = {
  "mysql-gtid": "MySQL GTIDs",
  "mariadb-gtid": "MariaDB GTIDs",
  file: "file and position",
  pair: "active/backup pair",
  "multi-writer": "several writers",
};

/** `38.4 ms`, `12.3 s`: the length of a write stop. */
export function formatGap(gapMs: number): string {
  return gapMs < 10_000 ? `${gapMs.toFixed(1)} ms` : `${(gapMs / 1000).toFixed(1)} s`;
}

/** `30 s`, `250 ms`: a bound. */
export function formatBound(limitMs: number): string {
  return limitMs < 1000 ? `${limitMs} ms` : `${Number((limitMs / 1000).toFixed(1))} s`;
}

/** `Planned switchover (MySQL GTIDs): db1 → db2, writer backend write_nodes`, printable. */
export function formatMove({ mode, variant, from, to, writerBackend }: PromotionPlan, arrow = "→"): string {
  const way = mode === "rejoin" ? `${from ?? "?"} follows ${to}` : `${from ?? "nobody"} ${arrow} ${to}`;
  const backend = writerBackend === null ? "" : `, writer backend ${writerBackend}`;
  return printable(`${MODES[mode]} (${VARIANTS[variant]}): ${way}${backend}`);
}

/** The known loss where there is none; null where the question does not arise. A dead primary may always have had what nobody received. */
export function describeNoLoss({ mode }: Pick<PromotionPlan, "mode">): string | null {
  if (mode === "rejoin") return null;
  return mode === "failover" ? "none, but what never reached a replica is lost" : "none";
}

/** What a measured gap is the length of. After a failover writes stood still since the death of the primary; measured is only the opening. */
export const nameGap = (mode: PromotionPlan["mode"]): string =>
  mode === "failover" ? "opening the new primary took" : "writes stopped for";
