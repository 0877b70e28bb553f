/** `CHANGE MASTER` / `CHANGE REPLICATION SOURCE`. The password stands only in the text that is sent, never in the one that is shown. */
import type { MysqlChange, ReplicationLogin } from "../../contract.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { buildChannelWords } from "./channel.ts";
import { checkCoordinates, describeSource, quoteFile } from "./positions.ts";
import { quoteText, refuse } from "./quote.ts";

export type ChangeSource = Extract<MysqlChange, { kind: "change-source" }>;

export const hiddenPassword = "'***'";

const MAX_HOST = 255;
const MAX_USER = 128;
const MAX_PORT = 65_535;
const TLS_OPTION =
  /^(?:(GET_)(?:MASTER|SOURCE)_(PUBLIC_KEY=[01])|()(?:MASTER|SOURCE)_((?:SSL|TLS|PUBLIC_KEY_PATH)[A-Z_]*=(?:[01]|'(?:[^'\\]|'')*')))$/;

/** @param login null: its values are not known yet, or the channel keeps those it has */
export function buildChangeSource(
  change: ChangeSource,
  login: ReplicationLogin | null,
  dialect: Dialect,
  password: string = hiddenPassword,
): string {
  const { writing } = dialect;
  if (!Number.isSafeInteger(change.port) || change.port < 1 || change.port > MAX_PORT) {
    throw refuse(change, "rejected", `${change.port} is no port.`);
  }
  if (change.host === "") throw refuse(change, "rejected", "The source has no host.");
  const { after, atEnd } = buildChannelWords(change, dialect);
  const options = [
    `${writing.option}_HOST=${quoteText(change, "host name", change.host, MAX_HOST)}`,
    `${writing.option}_PORT=${change.port}`,
    ...buildLogin(change, login, dialect, password),
    ...buildFollow(change, dialect),
  ];
  return `${writing.changeSource}${after} TO ${options.join(", ")}${atEnd}`;
}

function buildLogin(
  change: ChangeSource,
  login: ReplicationLogin | null,
  { writing }: Dialect,
  password: string,
): readonly string[] {
  if (change.login.kind === "keep") return [];
  const prefix = writing.option;
  if (login === null) {
    const whose = change.login.kind === "configured" ? "replication account" : `account of ${change.login.node}`;
    const like = change.login.kind === "configured" ? change.login.like : change.login;
    return [
      `${prefix}_USER='<${whose}>'`,
      `${prefix}_PASSWORD=${hiddenPassword}`,
      ...(like === undefined ? [] : [`<TLS options as ${like.node} has them>`]),
    ];
  }
  const tls = login.tls.map((option) => buildTlsOption(change, option, prefix));
  const encrypted = tls.some((option) => option === `${prefix}_SSL=1` || option.startsWith("GET_"));
  return [
    `${prefix}_USER=${quoteText(change, "user name", login.user, MAX_USER)}`,
    `${prefix}_PASSWORD=${password}`,
    ...tls,
    ...(writing.publicKey && !encrypted ? [`GET_${prefix}_PUBLIC_KEY=1`] : []),
  ];
}

/** In the words of the server that gets it, whichever server it was read from. */
function buildTlsOption(change: ChangeSource, option: string, prefix: string): string {
  const parts = TLS_OPTION.exec(option);
  if (parts === null) throw refuse(change, "rejected", `${JSON.stringify(option)} is no TLS option of a channel.`);
  const [, get, key, , rest] = parts;
  return get === undefined ? `${prefix}_${rest}` : `${get}${prefix}_${key}`;
}

function buildFollow(change: ChangeSource, { name, writing }: Dialect): readonly string[] {
  const { follow } = writing;
  const cannot = (what: string) => refuse(change, "unsupported", `A ${name} server cannot follow by ${what}.`);
  switch (change.follow) {
    case "auto-position":
      if (follow.autoPosition === null) throw cannot("auto-position");
      return [follow.autoPosition];
    case "gtid-pos":
      if (follow.slavePos === null) throw cannot("gtid_slave_pos");
      return [follow.slavePos];
    case "file":
      return [...(follow.file === null ? [] : [follow.file]), ...buildCoordinates(change, writing.option)];
    default:
      throw refuse(change, "rejected", "There is no such way to find the position.");
  }
}

function buildCoordinates(change: ChangeSource, prefix: string): readonly string[] {
  const { position } = change;
  if (position === null) throw refuse(change, "rejected", "Following by coordinates needs coordinates.");
  if (position.kind === "role") {
    return [`${prefix}_LOG_FILE='${describeSource(position, "log file")}'`, `${prefix}_LOG_POS=<offset>`];
  }
  const { file, pos } = checkCoordinates(change, position.position);
  return [`${prefix}_LOG_FILE=${quoteFile(change, file)}`, `${prefix}_LOG_POS=${pos}`];
}

/** Where backslashes escape (the session of a writer says so), they are doubled. @throws DriverError for passwords no server takes */
export function quotePassword(change: ChangeSource, password: string): string {
  if (/[\u0000\n\r]/.test(password)) throw refuse(change, "rejected", "The password holds a line end.");
  return `'${password.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
