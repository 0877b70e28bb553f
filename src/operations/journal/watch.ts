/** Keeps what the journal tells at hand: read now and then, so that a picture never waits for a disk. */
import type { JournalFacts } from "../../model/operation.ts";
import type { OperationClock } from "../ports.ts";
import { buildJournalFacts } from "./entry.ts";
import type { Journal } from "./journal.ts";
import type { OperationRecord } from "./record.ts";

const REFRESH_MS = 5_000;

export interface JournalWatch {
  /** As read last; null before the first time, and while it cannot be read. */
  facts(cluster: string): JournalFacts | null;
  /** Reads now. Never rejects: a journal that cannot be read tells nothing. */
  refresh(): Promise<void>;
  close(): void;
}

export function createJournalWatch(
  journal: Pick<Journal, "list">,
  clusters: readonly string[],
  clock: Pick<OperationClock, "after">,
): JournalWatch {
  const known = new Map<string, JournalFacts>();
  let last: readonly OperationRecord[] = [];
  let cancel = () => {};
  let closed = false;

  async function refresh(): Promise<void> {
    const records = await journal.list(null).catch(() => null);
    if (records === null) {
      last = [];
      return known.clear();
    }
    // A console that only looks reads the same journal all day.
    if (known.size > 0 && isSame(records, last)) return;
    last = records;
    for (const cluster of clusters) {
      known.set(cluster, buildJournalFacts(records.filter((record) => record.cluster === cluster)));
    }
  }

  function arm(): void {
    if (closed) return;
    cancel = clock.after(REFRESH_MS, () => {
      void refresh().then(arm);
    });
  }

  void refresh().then(arm);
  return {
    facts: (cluster) => known.get(cluster) ?? null,
    refresh,
    close() {
      closed = true;
      cancel();
    },
  };
}

function isSame(records: readonly OperationRecord[], last: readonly OperationRecord[]): boolean {
  return records.length === last.length && records.every((record, index) => record === last[index]);
}
