/** Which cluster a changing command is about. */
import { UsageError } from "../../config/config-error.ts";
import { quoteValue } from "../../config/decode/scalar.ts";
import { findNearMatch } from "../../model/near-match.ts";
import type { Settings } from "../../model/settings.ts";
import type { Journal } from "../../operations/journal/journal.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";
import type { Ask } from "./options.ts";

/** @throws UsageError with the nearest id */
export async function findOperation(journal: Journal, id: string): Promise<OperationRecord> {
  const record = await journal.show(id);
  if (record !== null) return record;
  const known = (await journal.list(null)).map((each) => each.id);
  const near = known.find((each) => id.length > 2 && each.includes(id)) ?? findNearMatch(id, known);
  const meant = near === null ? '"signalbox operations" lists them' : `did you mean ${near}?`;
  throw new UsageError(`the journal has no operation ${quoteValue(id)}; ${meant}`);
}

/** The only cluster there is, or that of the operation named. @throws UsageError when it cannot be told */
export async function selectCluster(settings: Settings, ask: Ask, journal: Journal): Promise<string> {
  const names = settings.clusters.map(({ name }) => name);
  if (ask.operationId !== null) {
    const { cluster, id } = await findOperation(journal, ask.operationId);
    if (names.includes(cluster)) return cluster;
    throw new UsageError(`${id} is about cluster ${quoteValue(cluster)}, and here is only ${names.join(", ")}`);
  }
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new UsageError(`there are several clusters (${names.join(", ")}); say with --cluster which one is meant`);
}
