/** Commit times and heartbeats per channel from MySQL's performance_schema: the lag that Seconds_Behind does not see. */
import type { ReplicaChannel } from "../../../model/mysql.ts";
import { type Asking, ask } from "../asking.ts";
import { numberOf, type Row, textOf } from "../rows.ts";

/**
 * Adds what performance_schema knows to the channels. A transaction being applied counts with the age of its commit on the first source;
 * when nothing is being applied and the last queued transaction is the last applied, the lag is 0; else it stays unknown.
 */
export function addApplierTimes(channels: readonly ReplicaChannel[], rows: readonly Row[]): readonly ReplicaChannel[] {
  return channels.map((channel) => {
    const own = rows.filter((row) => (row.get("channel") ?? "") === channel.name);
    return own.length === 0 ? channel : { ...channel, ...summarize(channel, own) };
  });
}

type Times = Pick<ReplicaChannel, "transactionLagSeconds" | "secondsSinceHeartbeat" | "heartbeatPeriodSeconds">;

function summarize(channel: ReplicaChannel, workers: readonly Row[]): Times {
  const [first] = workers;
  if (first === undefined) return channel;
  const arrivals = [numberOf(first, "heartbeat_age"), numberOf(first, "queued_age")].filter((age) => age !== null);
  return {
    transactionLagSeconds: channel.io === "yes" && channel.sql === "yes" ? findLag(workers) : null,
    secondsSinceHeartbeat: arrivals.length === 0 ? null : Math.max(0, Math.min(...arrivals)),
    heartbeatPeriodSeconds: numberOf(first, "heartbeat_period"),
  };
}

function findLag(workers: readonly Row[]): number | null {
  const ages = workers.filter((row) => textOf(row, "applying") !== null).map((row) => numberOf(row, "applying_age"));
  const known = ages.filter((age) => age !== null);
  if (known.length > 0) return Math.max(0, ...known);
  if (ages.length > 0) return null;
  const queued = workers[0] === undefined ? null : textOf(workers[0], "queued");
  // Without GTIDs every transaction is called ANONYMOUS, which compares equal and proves nothing.
  if (queued === null || queued === "ANONYMOUS") return null;
  return workers.some((row) => textOf(row, "applied") === queued) ? 0 : null;
}

/** The channels, with times where the server has them. A refusal is a problem of its own and leaves the channels as they were. */
export async function readApplierTimes(
  asking: Asking,
  channels: readonly ReplicaChannel[],
): Promise<readonly ReplicaChannel[]> {
  const { applierTimes } = asking.login.dialect;
  if (applierTimes === null || channels.length === 0) return channels;
  const part = { name: "applier times", privilege: "SELECT ON performance_schema.*" };
  const answer = await ask(asking, part, [{ sql: applierTimes, columns: null }]);
  return answer === null ? channels : addApplierTimes(channels, answer.rows);
}
