/** State of the node right after a change. Each variable by a statement of its own: MariaDB says 0 for a flag that is 1 when a table is read beside it. */
import type { ReplicaChannel } from "../../../model/mysql.ts";
import type { MysqlChange, MysqlSeen } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import { isStatementError } from "../failure.ts";
import type { Login } from "../login.ts";
import { parseFlag, parseNumber, textOf } from "../rows.ts";
import { buildEventReading } from "./enable-event.ts";
import { readChannels } from "./status.ts";
import type { Work } from "./work.ts";

/** What is read is never an error of the change: a part that the server refuses is absent. @throws raw error when the connection was lost */
export async function readSeen(work: Work, change: MysqlChange, command: string): Promise<MysqlSeen> {
  try {
    return await read(work, change, command);
  } catch (error) {
    if (error instanceof DriverError || isStatementError(error)) return {};
    throw error;
  }
}

async function read(work: Work, change: MysqlChange, command: string): Promise<MysqlSeen> {
  const { login } = work;
  switch (change.kind) {
    case "read-only":
      return seenReadOnly(await readReadOnly(login));
    case "replication":
    case "change-source":
    case "reset-replication":
      return { channels: (await readChannels(work)).map(describeChannel) };
    case "event-scheduler": {
      const on = (await readVariable(login, "event_scheduler"))?.toUpperCase();
      return on === undefined ? {} : { eventSchedulerOn: on === "ON" || on === "1" };
    }
    case "semi-sync-source": {
      const name = /rpl_semi_sync_\w+_enabled/.exec(command)?.[0];
      const on = name === undefined ? null : parseFlag(await readVariable(login, name));
      return on === null ? {} : { semiSyncSourceOn: on };
    }
    case "applier-checkpoint": {
      const { applierCheckpoint } = login.dialect.fastVariables;
      const told = applierCheckpoint === null ? null : parseNumber(await readVariable(login, applierCheckpoint));
      return told === null ? {} : { applierCheckpointMs: told };
    }
    case "persist-read-only": {
      const rows = await login.connection.query(
        "SELECT VARIABLE_VALUE AS value FROM performance_schema.persisted_variables WHERE VARIABLE_NAME IN ('read_only', 'super_read_only')",
      );
      const values = rows.map((row) => parseFlag(textOf(row, "value")));
      // Both agree, or it is not known which one a restart takes.
      const [first] = values;
      return first == null || values.length !== 2 || values.some((value) => value !== first)
        ? {}
        : { persistedReadOnly: first };
    }
    case "enable-event":
      return readEvent(login, change);
    default:
      return {};
  }
}

export interface ReadOnlyNow {
  readonly on: boolean | null;
  readonly superToo: boolean | null;
}

/** `superToo` is false where the server has no such thing. */
export async function readReadOnly(login: Login): Promise<ReadOnlyNow> {
  const { readOnly, superReadOnly } = login.dialect.fastVariables;
  const on = parseFlag(await readVariable(login, readOnly));
  const superToo = superReadOnly === null ? false : parseFlag(await readVariable(login, superReadOnly));
  return { on, superToo };
}

function seenReadOnly({ on, superToo }: ReadOnlyNow): MysqlSeen {
  return on === null || superToo === null ? {} : { readOnly: { on, superToo } };
}

async function readVariable({ connection }: Login, name: string): Promise<string | null> {
  const [row] = await connection.query(`SELECT @@GLOBAL.${name} AS value`);
  return row === undefined ? null : textOf(row, "value");
}

async function readEvent(
  { connection }: Login,
  change: Extract<MysqlChange, { kind: "enable-event" }>,
): Promise<MysqlSeen> {
  const [row] = await connection.query(buildEventReading(change));
  return row === undefined ? {} : { eventEnabled: textOf(row, "status")?.toUpperCase() === "ENABLED" };
}

function describeChannel(channel: ReplicaChannel): NonNullable<MysqlSeen["channels"]>[number] {
  const { name, sourceHost: host, sourcePort: port, io, sql, executedFile, executedPos, readFile, readPos } = channel;
  const { receivedGtid, executedGtid, ioError, sqlError } = channel;
  return {
    name,
    host,
    port,
    io,
    sql,
    executedFile,
    executedPos,
    readFile,
    readPos,
    receivedGtid,
    executedGtid,
    ioError,
    sqlError,
  };
}
