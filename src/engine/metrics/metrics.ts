/** Metrics of a running engine: what it measures and where that can be asked for. */
import type { EpochMs } from "../../model/reading.ts";
import type { Settings } from "../../model/settings.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { MonitorParts } from "../../monitor/parts.ts";
import { buildMetrics } from "./build.ts";
import { PollTimes } from "./poll-times.ts";
import { startMetricsServer } from "./server.ts";

/** Scrapes that come in faster get the same text: this thread has polls to do. */
const SAME_TEXT_MS = 200;

export interface Metrics {
  /** The parts to be watched with, so that polls are measured. */
  readonly parts: MonitorParts;
  see(snapshot: Snapshot): void;
  close(): void;
}

/** Null where nobody asked for metrics. */
export function openMetrics(
  { metrics }: Settings,
  parts: MonitorParts,
  log: (at: EpochMs, line: string) => void,
): Metrics | null {
  if (metrics === undefined) return null;
  const { clock } = parts;
  const times = new PollTimes(clock);
  let last: Snapshot | null = null;
  let text = "";
  let builtMs = Number.NEGATIVE_INFINITY;
  const read = () => {
    if (clock.monotonicMs() - builtMs >= SAME_TEXT_MS) {
      text = buildMetrics(last, times.list(), clock.epochMs());
      builtMs = clock.monotonicMs();
    }
    return text;
  };
  const server = startMetricsServer(metrics, read, clock, log);
  return {
    parts: times.around(parts),
    see(snapshot) {
      last = snapshot;
    },
    close: () => server.close(),
  };
}
