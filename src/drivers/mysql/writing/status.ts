/** Replica and source status on the writer's own session, through the same forms the reader uses. */
import type { ReplicaChannel, ReportProblem } from "../../../model/mysql.ts";
import type { SourcePosition } from "../../../model/source-position.ts";
import { DriverError } from "../../errors.ts";
import { type Asking, ask } from "../asking.ts";
import { buildGtidReading } from "../commands/positions.ts";
import type { Login } from "../login.ts";
import { readChannels as readAllChannels } from "../parts/channels.ts";
import { normalizeGtid, numberOf, textOf } from "../rows.ts";
import type { Work } from "./work.ts";

/** @throws DriverError when the server refuses it, raw error when the connection was lost */
export async function readChannels(work: Work): Promise<readonly ReplicaChannel[]> {
  const asking = buildAsking(work);
  const channels = await readAllChannels(asking);
  if (channels === null) throw explainProblem(asking.problems, work.target, "replica status");
  return channels;
}

/** The channel a change is about. @throws DriverError kind `rejected` when the node has no such channel */
export async function readChannel(work: Work, name: string | null): Promise<ReplicaChannel> {
  const channels = await readChannels(work);
  const found =
    name === null ? (channels.length === 1 ? channels[0] : undefined) : channels.find((c) => c.name === name);
  if (found !== undefined) return found;
  const { target } = work;
  const which = name === null ? "one channel alone" : name === "" ? "a channel" : `a channel ${JSON.stringify(name)}`;
  throw new DriverError({
    kind: "rejected",
    target,
    operation: "replica status",
    message: `${target}: this node does not have ${which}`,
    advice: "Look at its replica status.",
  });
}

/** Coordinates of the node's own log and what it has executed; parts a server does not have are null. */
export async function readSourcePosition(work: Work): Promise<SourcePosition> {
  const asking = buildAsking(work);
  const { dialect } = work.login;
  const part = { name: "source status", privilege: `${dialect.grants.sourceStatus} ON *.*` };
  const answer = await ask(asking, part, dialect.sourceStatus);
  if (answer === null) throw explainProblem(asking.problems, work.target, part.name);
  const [row] = answer.rows;
  const coordinates =
    row === undefined
      ? { file: null, pos: null }
      : { file: textOf(row, answer.columns.file), pos: numberOf(row, answer.columns.pos) };
  return { ...coordinates, gtid: await readExecuted(work.login, row !== undefined) };
}

/** Null where GTIDs are off, or where the node keeps no log that would tell. */
async function readExecuted({ connection, dialect }: Login, hasLog: boolean): Promise<string | null> {
  const statement = buildGtidReading(dialect);
  if (statement === null) return null;
  if (dialect.writing.gtid?.kind === "mariadb") {
    if (!hasLog) return null;
    const [row] = await connection.query(`${statement} AS executed`);
    return row === undefined ? null : normalizeGtid(row.get("executed") ?? null);
  }
  const [row] = await connection.query(`${statement} AS executed, @@GLOBAL.gtid_mode AS mode`);
  if (row === undefined || !/^ON/i.test(textOf(row, "mode") ?? "")) return null;
  return normalizeGtid(row.get("executed") ?? null);
}

/** For what the reader and the inspector read, on this session. */
export function buildAsking({ login, progress, target }: Work): Asking {
  return { login, progress, target, problems: [], working: new Map(), asked: [], answers: new Map() };
}

function explainProblem(problems: readonly ReportProblem[], target: string, operation: string): DriverError {
  const failure = problems[0]?.failure;
  if (failure !== undefined) return new DriverError(failure);
  return new DriverError({ kind: "rejected", target, operation, message: `${target}: ${operation} cannot be read` });
}
