/** CHANGE REPLICATION SOURCE TO and RESET REPLICA, with the words of MySQL 8.4 and later. */
import type { Channel } from "../../world/state.ts";
import type { StatementResult } from "../wire/answer.ts";
import { changeChannel, parseNumber, parseText, resetChannels, type SourceOptions } from "./change-source.ts";
import type { Cursor } from "./cursor.ts";
import { chooseChannels, parseForChannel } from "./replication.ts";
import type { SqlSession } from "./session.ts";

type Reader = (options: SourceOptions, cursor: Cursor) => void;

const readers: Readonly<Record<string, Reader>> = {
  SOURCE_HOST: (options, cursor) => {
    options.host = parseText(cursor);
  },
  SOURCE_PORT: (options, cursor) => {
    options.port = parseNumber(cursor);
  },
  SOURCE_USER: (options, cursor) => {
    options.user = parseText(cursor);
  },
  SOURCE_PASSWORD: (options, cursor) => {
    options.password = parseText(cursor);
  },
  SOURCE_LOG_FILE: (options, cursor) => {
    options.file = parseText(cursor);
  },
  SOURCE_LOG_POS: (options, cursor) => {
    options.pos = parseNumber(cursor);
  },
  SOURCE_AUTO_POSITION: (options, cursor) => {
    options.gtid = parseNumber(cursor) === 1 ? "Auto_Position" : "No";
  },
};
/** Accepted, and of no meaning in a simulation without encryption and without time of its own. */
const idle = new Set([
  "SOURCE_SSL",
  "SOURCE_SSL_VERIFY_SERVER_CERT",
  "SOURCE_CONNECT_RETRY",
  "SOURCE_RETRY_COUNT",
  "GET_SOURCE_PUBLIC_KEY",
]);

function parseOptions(cursor: Cursor): SourceOptions {
  const options: SourceOptions = {};
  do {
    const name = cursor.peek().text.toUpperCase();
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined && !idle.has(name)) throw cursor.fail();
    cursor.next();
    cursor.expect("=");
    if (read === undefined) parseNumber(cursor);
    else read(options, cursor);
  } while (cursor.accept(","));
  return options;
}

/** CHANGE REPLICATION SOURCE TO … [FOR CHANNEL 'name']; the first word was taken. */
export function changeReplicationSource(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("REPLICATION", "SOURCE", "TO");
  const options = parseOptions(cursor);
  const name = parseForChannel(cursor) ?? "";
  cursor.finish();
  return changeChannel(session, name, options);
}

/** The channel that is named; all of them when none is. @throws SqlError 3074 */
export function channelsOf(session: SqlSession, name: string | null): readonly Channel[] {
  return name === null ? session.node.channels : chooseChannels(session, name);
}

/** RESET REPLICA [ALL] [FOR CHANNEL 'name']; the first word was taken. */
export function resetReplica(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("REPLICA");
  const all = cursor.accept("ALL");
  const name = parseForChannel(cursor);
  cursor.finish();
  return resetChannels(session, [...channelsOf(session, name)], all);
}
