/** CHANGE MASTER TO and RESET SLAVE, with the words of MariaDB, and what they do on either server. */
import { createChannel } from "../../world/create-node.ts";
import type { Channel, ProductName } from "../../world/state.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import type { Cursor } from "./cursor.ts";
import { chooseChannels, findChannel, parseChannelName, parseForChannel } from "./replication.ts";
import { requirePrivilege, type SqlSession } from "./session.ts";
import { assertStopped } from "./stopped.ts";

export interface SourceOptions {
  host?: string;
  port?: number;
  user?: string;
  password?: string;
  file?: string;
  pos?: number;
  gtid?: Channel["usingGtid"];
}

const gtidWords: Readonly<Record<string, Channel["usingGtid"]>> = {
  SLAVE_POS: "Slave_Pos",
  CURRENT_POS: "Current_Pos",
  NO: "No",
};
/** Accepted, and of no meaning in a simulation without encryption and without time of its own. */
const idleOptions = new Set(["MASTER_SSL", "MASTER_CONNECT_RETRY", "MASTER_SSL_VERIFY_SERVER_CERT"]);

export function parseText(cursor: Cursor): string {
  if (cursor.peek().kind !== "string") throw cursor.fail();
  return cursor.next().text;
}

export function parseNumber(cursor: Cursor): number {
  if (cursor.peek().kind !== "number") throw cursor.fail();
  return Number(cursor.next().text);
}

const readers: Readonly<Record<string, (options: SourceOptions, cursor: Cursor) => void>> = {
  MASTER_HOST: (options, cursor) => {
    options.host = parseText(cursor);
  },
  MASTER_PORT: (options, cursor) => {
    options.port = parseNumber(cursor);
  },
  MASTER_USER: (options, cursor) => {
    options.user = parseText(cursor);
  },
  MASTER_PASSWORD: (options, cursor) => {
    options.password = parseText(cursor);
  },
  MASTER_LOG_FILE: (options, cursor) => {
    options.file = parseText(cursor);
  },
  MASTER_LOG_POS: (options, cursor) => {
    options.pos = parseNumber(cursor);
  },
  MASTER_USE_GTID: (options, cursor) => {
    const choice = gtidWords[cursor.peek().text.toUpperCase()];
    if (choice === undefined) throw cursor.fail();
    cursor.next();
    options.gtid = choice;
  },
};

function parseOptions(cursor: Cursor): SourceOptions {
  const options: SourceOptions = {};
  do {
    const name = cursor.peek().text.toUpperCase();
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined && !idleOptions.has(name)) throw cursor.fail();
    cursor.next();
    cursor.expect("=");
    if (read === undefined) cursor.next();
    else read(options, cursor);
  } while (cursor.accept(","));
  return options;
}

/** How a new channel follows when nothing is said of it. */
const unsaid: Readonly<Record<ProductName, Channel["usingGtid"]>> = { mariadb: "Slave_Pos", mysql: "No" };

/** `mysql-bin.000003` → 3; the beginning of the log for no name. */
function parseFile(name: string | undefined): number {
  return Number(/\.(\d+)$/.exec(name ?? "")?.[1] ?? 1);
}

function applyOptions(channel: Channel, options: SourceOptions): void {
  const moved = options.host !== undefined || options.port !== undefined;
  channel.sourceHost = options.host ?? channel.sourceHost;
  channel.sourcePort = options.port ?? channel.sourcePort;
  channel.sourceUser = options.user ?? channel.sourceUser;
  channel.sourcePassword = options.password ?? channel.sourcePassword;
  const placed = options.file !== undefined || options.pos !== undefined;
  channel.usingGtid = options.gtid ?? (placed ? "No" : channel.usingGtid);
  if (placed) Object.assign(channel.executed, { file: parseFile(options.file), pos: options.pos ?? 4 });
  else if (moved) Object.assign(channel.executed, { file: 1, pos: 4 });
  Object.assign(channel.received, channel.executed);
  channel.relayLog.length = 0;
  channel.receivedGtid = new Map();
  channel.receivedFrom.clear();
  channel.receiver.error = null;
  channel.applier.error = null;
  channel.relayLogFile = 1;
}

/** Makes the channel, or changes the one of that name. @throws SqlError 1198, 1227 */
export function changeChannel(session: SqlSession, name: string, options: SourceOptions): StatementResult {
  requirePrivilege(session, "REPLICATION SLAVE ADMIN", "SUPER");
  const known = findChannel(session, name);
  if (known !== undefined) {
    assertStopped(session.node, known);
    applyOptions(known, options);
    return done;
  }
  const channel = createChannel(
    {
      name,
      sourceHost: options.host ?? "",
      sourcePort: options.port ?? 3306,
      sourceUser: options.user ?? "",
      sourcePassword: options.password ?? "",
      sourceServerId: 0,
      usingGtid: options.gtid ?? unsaid[session.node.product],
    },
    session.world.nowMs,
  );
  applyOptions(channel, options);
  session.node.channels.push(channel);
  return done;
}

/** Forgets what was received, and with `all` the channels too. @throws SqlError 1198, 1227 */
export function resetChannels(session: SqlSession, chosen: readonly Channel[], all: boolean): StatementResult {
  requirePrivilege(session, "RELOAD");
  const { channels } = session.node;
  for (const channel of chosen) {
    assertStopped(session.node, channel);
    applyOptions(channel, { file: "", pos: 4, gtid: channel.usingGtid });
    if (all) channels.splice(channels.indexOf(channel), 1);
  }
  return done;
}

/** CHANGE MASTER ['name'] TO … [FOR CHANNEL 'name']; the first word was taken. */
export function changeMaster(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("MASTER");
  const first = parseChannelName(cursor);
  cursor.expect("TO");
  const options = parseOptions(cursor);
  const name = parseForChannel(cursor) ?? first;
  cursor.finish();
  return changeChannel(session, name, options);
}

/** RESET SLAVE ['name'] [ALL] [FOR CHANNEL 'name']; the first word was taken. */
export function resetSlave(session: SqlSession, cursor: Cursor): StatementResult {
  if (!cursor.accept("SLAVE")) cursor.expect("REPLICA");
  const first = parseChannelName(cursor);
  const all = cursor.accept("ALL");
  const name = parseForChannel(cursor) ?? first;
  cursor.finish();
  return resetChannels(session, chooseChannels(session, name), all);
}
