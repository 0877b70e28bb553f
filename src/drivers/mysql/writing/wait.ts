/**
 * Waits for the applier. The server's own functions do not notice an applier that has stopped, so they are called in slices of a second at
 * most, with a look at the replica status between; and what they answer is never taken for proof: the positions are compared afterwards.
 */

import { GtidParseError } from "../../../model/gtid/gtid-error.ts";
import { containsGtid } from "../../../model/gtid/gtid-set.ts";
import { parseMariadbSet, selectPositions } from "../../../model/gtid/mariadb-set.ts";
import { parseMysqlSet } from "../../../model/gtid/mysql-set.ts";
import type { ReplicaChannel } from "../../../model/mysql.ts";
import { DriverError } from "../../errors.ts";
import {
  buildDrain,
  buildFileWait,
  buildGtidWait,
  buildWait,
  checkCoordinates,
  type Draining,
  quoteFile,
  selectGtid,
  type Waiting,
} from "../commands/positions.ts";
import { refuse } from "../commands/quote.ts";
import { isStatementError } from "../failure.ts";
import { findMissingFile, findMissingGtid, type Missing } from "./reached.ts";
import { hasReadAll } from "./remainder.ts";
import { readChannel } from "./status.ts";
import { type Perform, pause, stopIfGivenUp, type Work } from "./work.ts";

/** A transaction that is on its way is there within a few milliseconds: asked again and again that costs less than a slice. */
const QUICK_MS = 60;
const QUICK_PAUSE_MS = 2;
const LOOK_MS = 50;
/** An applier that has read everything and has moved for so long no more has nothing left that it could apply. */
const STILL_MS = 1_000;
/** Whole seconds: older servers round, and take 0 for "for ever". */
const SLICE_SECONDS = 1;

export const waitPosition: Perform<"wait-position"> = async (work, change) => {
  const { dialect } = work.login;
  const command = buildWait(change, dialect);
  const { findMissing, slice } = buildWaiting(work, change);
  const start = performance.now();
  const end = start + change.timeoutSeconds * 1_000;
  for (;;) {
    work.progress.operation = command;
    const missing = await findMissing();
    if (missing === null) return { command };
    stopIfGivenUp(work);
    const now = performance.now();
    if (now - start < QUICK_MS && now < end) {
      await pause(work, QUICK_PAUSE_MS);
      continue;
    }
    const channel = await readChannel(work, change.channel);
    // It may have come there just before it stopped.
    if (channel.sql === "no" && (await findMissing()) !== null) throw explainStopped(work, command, channel, missing);
    if (now >= end) throw explainTimeout(work, command, `${missing} is not applied`, change.timeoutSeconds);
    work.progress.operation = command;
    if (end - now < SLICE_SECONDS * 1_000) await pause(work, LOOK_MS);
    else await runSlice(work, slice);
  }
};

function buildWaiting(
  work: Work,
  change: Waiting,
): { readonly findMissing: () => Promise<Missing>; readonly slice: string } {
  const { dialect } = work.login;
  const { position } = change;
  if (position.kind === "role") {
    throw refuse(change, "rejected", `The ${position.role} position of ${position.node} is not known yet.`);
  }
  if (change.by === "gtid") {
    const gtid = selectGtid(change, position.position, dialect);
    return {
      findMissing: () => findMissingGtid(work, gtid),
      slice: `${buildGtidWait(change, `'${gtid}'`, SLICE_SECONDS, dialect)} AS waited`,
    };
  }
  const wanted = checkCoordinates(change, position.position);
  const file = quoteFile(change, wanted.file);
  return {
    findMissing: () => findMissingFile(work, change.channel, wanted),
    slice: `${buildFileWait(change, file, String(wanted.pos), SLICE_SECONDS, dialect)} AS waited`,
  };
}

/** Whatever it answers is looked at again; a slice that a server refuses or that was interrupted becomes a short pause. */
async function runSlice(work: Work, slice: string): Promise<void> {
  try {
    const [row] = await work.login.connection.query(slice);
    // NULL at once: it would be asked thousands of times a second.
    if (row?.get("waited") == null) await pause(work, LOOK_MS);
  } catch (error) {
    if (!isStatementError(error)) throw error;
    await pause(work, LOOK_MS);
  }
  stopIfGivenUp(work);
}

export const drainRelay: Perform<"drain-relay"> = async (work, change) => {
  const command = buildDrain(change, work.login.dialect);
  const end = performance.now() + change.timeoutSeconds * 1_000;
  let still = { rest: "", since: 0 };
  for (;;) {
    const channel = await readChannel(work, change.channel);
    const rest = change.by === "gtid" ? findUnapplied(work, change, channel) : findUnreadFile(work, command, channel);
    if (rest === null) return { command };
    if (channel.sql === "no") throw explainStopped(work, command, channel, rest);
    if (!(await hasReadAll(work, channel))) still = { rest: "", since: 0 };
    else if (still.rest !== rest) still = { rest, since: performance.now() };
    else if (performance.now() - still.since >= STILL_MS) return { command, notices: [describeRemainder(rest)] };
    if (performance.now() >= end) {
      throw explainTimeout(work, command, `what was received is not applied (${rest})`, change.timeoutSeconds);
    }
    work.progress.operation = command;
    await pause(work, LOOK_MS);
  }
};

const describeRemainder = (rest: string): string =>
  `${rest}: what lies between is a transaction of which the source did not send the end`;

/** @throws DriverError kind `rejected` when the node does not tell what it has received: that is never taken for "nothing" */
function findUnapplied(work: Work, change: Draining, { receivedGtid, executedGtid }: ReplicaChannel): Missing {
  const { dialect } = work.login;
  const mysql = dialect.writing.gtid?.kind === "mysql";
  if (receivedGtid === null || executedGtid === null || (!mysql && receivedGtid === "" && executedGtid !== "")) {
    throw refuse(change, "rejected", `${work.target} does not tell which GTIDs it has received and not applied.`);
  }
  const rest = `received ${receivedGtid}, applied ${executedGtid}`;
  try {
    if (mysql) return containsGtid(parseMysqlSet(executedGtid), parseMysqlSet(receivedGtid)) ? null : rest;
    const applied = selectPositions(parseMariadbSet(executedGtid));
    const received = selectPositions(parseMariadbSet(receivedGtid));
    return [...received].every(([domain, { sequence }]) => (applied.get(domain)?.sequence ?? 0n) >= sequence)
      ? null
      : rest;
  } catch (error) {
    if (!(error instanceof GtidParseError)) throw error;
    throw refuse(change, "rejected", `${work.target} tells GTIDs that cannot be read: ${error.message}`);
  }
}

function findUnreadFile(
  { target }: Work,
  operation: string,
  { readFile, readPos, executedFile, executedPos }: ReplicaChannel,
): Missing {
  if (readFile === null || readPos === null || executedFile === null || executedPos === null) {
    const message = `${target} does not tell up to where it has received and applied.`;
    throw new DriverError({ kind: "rejected", target, operation, message });
  }
  if (readFile === executedFile && readPos === executedPos) return null;
  return `received ${readFile}:${readPos}, applied ${executedFile}:${executedPos}`;
}

function explainStopped({ target }: Work, operation: string, channel: ReplicaChannel, missing: string): DriverError {
  const why = channel.sqlError === null ? "" : `: ${channel.sqlError.code} ${channel.sqlError.message}`;
  return new DriverError({
    kind: "rejected",
    target,
    operation,
    message: `${target}: the applier has stopped${why}; missing: ${missing}`,
    advice: "Look at its error; this node cannot catch up until the applier runs.",
    serverCode: channel.sqlError?.code ?? null,
  });
}

function explainTimeout({ target }: Work, operation: string, what: string, seconds: number): DriverError {
  return new DriverError({
    kind: "timeout",
    target,
    operation,
    message: `${target}: ${what} after ${seconds} s`,
    advice: "Its applier runs, but does not come there in time: look at its lag and at what it is applying.",
  });
}
