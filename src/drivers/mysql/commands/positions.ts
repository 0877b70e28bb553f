/** Statements that read positions and wait for them. */

import { GtidParseError } from "../../../model/gtid/gtid-error.ts";
import { formatMariadbSet, parseMariadbSet } from "../../../model/gtid/mariadb-set.ts";
import { formatMysqlSet, parseMysqlSet } from "../../../model/gtid/mysql-set.ts";
import type { PositionSource } from "../../../model/operation.ts";
import type { PositionRole, SourcePosition } from "../../../model/source-position.ts";
import type { MysqlChange } from "../../contract.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { buildChannelArgument, buildChannelWords } from "./channel.ts";
import { quoteText, refuse } from "./quote.ts";

type Reading = Extract<MysqlChange, { kind: "read-position" | "confirm-position" }>;
export type Waiting = Extract<MysqlChange, { kind: "wait-position" }>;
export type Draining = Extract<MysqlChange, { kind: "drain-relay" }>;

const MAX_FILE = 512;

const ROLES: Readonly<Record<PositionRole, (node: string) => string>> = {
  stop: (node) => `of ${node} when its writes have stopped`,
  flowing: (node) => `of ${node} now`,
  open: (node) => `of ${node} before it is opened`,
  applied: (node) => `of the old source that ${node} has applied up to`,
  ahead: (node) => `of ${node}, which has received most`,
};

/** What stands in the plan for a value that a step is going to read, e.g. `<position of db1 when its writes have stopped>`. */
export function describeSource({ role, node }: Extract<PositionSource, { kind: "role" }>, what = "position"): string {
  return `<${what} ${ROLES[role](node)}>`;
}

/** Canonical text of a GTID set of this server's kind. @throws DriverError */
export function checkGtid(change: MysqlChange, text: string, { name, writing }: Dialect): string {
  if (writing.gtid === null) throw refuse(change, "unsupported", `A ${name} server has no GTIDs.`);
  try {
    return writing.gtid.kind === "mysql"
      ? formatMysqlSet(parseMysqlSet(text))
      : formatMariadbSet(parseMariadbSet(text));
  } catch (error) {
    if (!(error instanceof GtidParseError)) throw error;
    throw refuse(change, "rejected", `${JSON.stringify(text.slice(0, 80))} is no GTID set of a ${name} server.`);
  }
}

export interface Coordinates {
  readonly file: string;
  readonly pos: number;
}

/** @throws DriverError kind `rejected` when the position has no usable coordinates */
export function checkCoordinates(change: MysqlChange, { file, pos }: SourcePosition): Coordinates {
  if (file === null || file === "" || pos === null || !Number.isSafeInteger(pos) || pos < 0) {
    throw refuse(change, "rejected", "The position has no coordinates (file and offset).");
  }
  return { file, pos };
}

export function quoteFile(change: MysqlChange, file: string): string {
  return quoteText(change, "log file name", file, MAX_FILE);
}

/** As shown; what is sent is cut into slices, see writing/wait.ts. */
export function buildWait(change: Waiting, dialect: Dialect): string {
  const { position } = change;
  const seconds = checkSeconds(change);
  if (position.kind === "role") {
    const name = describeSource(position);
    return change.by === "gtid"
      ? buildGtidWait(change, `'${name}'`, seconds, dialect)
      : buildFileWait(change, `'${name}'`, "<offset>", seconds, dialect);
  }
  if (change.by === "file") {
    const { file, pos } = checkCoordinates(change, position.position);
    return buildFileWait(change, quoteFile(change, file), String(pos), seconds, dialect);
  }
  return buildGtidWait(change, `'${selectGtid(change, position.position, dialect)}'`, seconds, dialect);
}

/** @throws DriverError kind `rejected` when the position has none */
export function selectGtid(change: MysqlChange, { gtid }: SourcePosition, dialect: Dialect): string {
  if (gtid === null) throw refuse(change, "rejected", "The position has no GTIDs.");
  return checkGtid(change, gtid, dialect);
}

/** @param gtid quoted */
export function buildGtidWait(change: Waiting, gtid: string, seconds: number, { name, writing }: Dialect): string {
  if (writing.gtid === null) throw refuse(change, "unsupported", `A ${name} server has no GTIDs.`);
  return `SELECT ${writing.gtid.wait}(${gtid}, ${seconds})`;
}

/** @param file quoted */
export function buildFileWait(change: Waiting, file: string, pos: string, seconds: number, dialect: Dialect): string {
  const channel = buildChannelArgument(change, dialect);
  return `SELECT ${dialect.writing.waitForFile}(${file}, ${pos}, ${seconds}${channel})`;
}

function checkSeconds(change: Waiting | Draining): number {
  const { timeoutSeconds } = change;
  // 0 means for ever, to all of these functions.
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400)) {
    throw refuse(change, "rejected", `A wait has an end: ${timeoutSeconds} s is none.`);
  }
  return timeoutSeconds;
}

/** The statement that is asked again and again, with what it has to say behind it. */
export function buildDrain(change: Draining, dialect: Dialect): string {
  const seconds = checkSeconds(change);
  buildChannelWords(change, dialect);
  const [form] = dialect.replicaStatus;
  if (form === undefined) throw refuse(change, "unsupported", "This server has no replica status.");
  const { columns } = form;
  const [received, applied] =
    change.by === "gtid"
      ? [columns.receivedGtid, columns.executedGtid]
      : [`${columns.readFile}/${columns.readPos}`, `${columns.executedFile}/${columns.executedPos}`];
  if (received === null || applied === null)
    throw refuse(change, "unsupported", `A ${dialect.name} server has no GTIDs.`);
  const channel = change.channel === "" ? "" : ` of channel ${JSON.stringify(change.channel)}`;
  return `${form.sql} -- until ${applied}${channel} has reached ${received}, at most ${seconds} s`;
}

/** The statements are looked up when they are asked; a comment says which figures are meant. */
export function buildReadPosition(change: Reading, dialect: Dialect): string {
  if (change.role === "applied") {
    const [form] = dialect.replicaStatus;
    if (form === undefined) throw refuse(change, "unsupported", "This server has no replica status.");
    return `${form.sql} -- ${form.columns.executedFile}, ${form.columns.executedPos}`;
  }
  const [form] = dialect.sourceStatus;
  if (form === undefined) throw refuse(change, "unsupported", "This server has no source status.");
  const again = change.kind === "confirm-position" ? " -- must not have moved" : "";
  const gtid = buildGtidReading(dialect);
  return `${form.sql}${gtid === null ? "" : `; ${gtid}`}${again}`;
}

/** Reads what the node has executed; null where there are no GTIDs. */
export function buildGtidReading({ fastVariables, writing }: Dialect): string | null {
  if (writing.gtid === null || fastVariables.gtidExecuted === null) return null;
  return `SELECT @@GLOBAL.${fastVariables.gtidExecuted}`;
}

type GtidPosition = Extract<MysqlChange, { kind: "gtid-position" }>;

/** @param position null while it is not known: the plan shows where it comes from */
export function buildGtidPosition(change: GtidPosition, position: string | null, dialect: Dialect): string {
  if (dialect.writing.gtid?.kind !== "mariadb") {
    throw refuse(change, "unsupported", `A ${dialect.name} server has no gtid_slave_pos.`);
  }
  const text =
    position === null
      ? `<furthest of its own gtid_binlog_pos and gtid_slave_pos>`
      : checkGtid(change, position, dialect);
  return `SET GLOBAL gtid_slave_pos='${text}'`;
}
