/** How each kind of change is carried out. */
import {
  formatMariadbSet,
  parseMariadbSet,
  selectPositions,
  unionMariadbSet,
} from "../../../model/gtid/mariadb-set.ts";
import type { MysqlChange } from "../../contract.ts";
import { buildMysqlCommand } from "../command.ts";
import { buildChangeSource, type ChangeSource, quotePassword } from "../commands/change-source.ts";
import { buildGtidPosition, buildReadPosition } from "../commands/positions.ts";
import { refuse } from "../commands/quote.ts";
import { buildSemiSync } from "../commands/settings.ts";
import { textOf } from "../rows.ts";
import { clearSessions } from "./clear.ts";
import { enableEvent } from "./enable-event.ts";
import { setLockWait } from "./lock-wait.ts";
import { setReadOnly } from "./read-only.ts";
import { readChannel, readSourcePosition } from "./status.ts";
import { drainRelay, waitPosition } from "./wait.ts";
import type { Perform, Performed, Work } from "./work.ts";

/** Runs the change; what can be read back afterwards is not read here. @throws DriverError or the raw error of the server */
export function performChange(work: Work, change: MysqlChange): Promise<Performed> {
  switch (change.kind) {
    case "read-only":
      return setReadOnly(work, change);
    case "clear-sessions":
      return clearSessions(work, change);
    case "wait-position":
      return waitPosition(work, change);
    case "drain-relay":
      return drainRelay(work, change);
    case "read-position":
    case "confirm-position":
      return readPosition(work, change);
    case "gtid-position":
      return setGtidPosition(work, change);
    case "change-source":
      return changeSource(work, change);
    case "semi-sync-source":
      return switchSemiSync(work, change);
    case "enable-event":
      return enableEvent(work, change);
    default:
      return sendAsShown(work, change);
  }
}

async function sendAsShown(work: Work, change: MysqlChange): Promise<Performed> {
  const command = buildMysqlCommand(change, work.login.dialect);
  await setLockWait(work.login);
  await work.send(command);
  return { command };
}

const readPosition: Perform<"read-position" | "confirm-position"> = async (work, change) => {
  const command = buildReadPosition(change, work.login.dialect);
  if (change.role !== "applied") return { command, seen: { position: await readSourcePosition(work) } };
  const channel = change.kind === "read-position" ? change.channel : null;
  const { executedFile: file, executedPos: pos, executedGtid: gtid } = await readChannel(work, channel);
  return { command, seen: { position: { gtid, file, pos } } };
};

const setGtidPosition: Perform<"gtid-position"> = async (work, change) => {
  const { connection, dialect } = work.login;
  // Refuses where there is no such variable, before it is asked for.
  buildGtidPosition(change, null, dialect);
  const [row] = await connection.query(
    "SELECT @@GLOBAL.gtid_binlog_pos AS logged, @@GLOBAL.gtid_slave_pos AS replicated",
  );
  if (row === undefined) throw refuse(change, "rejected", "The node does not tell its GTID positions.");
  const both = unionMariadbSet(
    parseMariadbSet(textOf(row, "logged") ?? ""),
    parseMariadbSet(textOf(row, "replicated") ?? ""),
  );
  const furthest = [...selectPositions(both)].map(([domain, gtid]) => [String(domain), gtid] as const);
  const command = buildGtidPosition(change, formatMariadbSet({ kind: "mariadb", pairs: new Map(furthest) }), dialect);
  await work.send(command);
  return { command };
};

async function changeSource(work: Work, change: ChangeSource): Promise<Performed> {
  const { dialect, connection } = work.login;
  const login = change.login.kind === "keep" ? null : (work.options.login ?? null);
  if (change.login.kind !== "keep" && login === null) {
    throw refuse(change, "rejected", "No replication account is known that the channel could log in with.");
  }
  if (change.position?.kind === "role") {
    const { role, node } = change.position;
    throw refuse(change, "rejected", `The ${role} position of ${node} is not known yet.`);
  }
  const command = buildChangeSource(change, login, dialect);
  const password = quotePassword(change, login?.password ?? "");
  // A backslash is doubled, which is right only where backslashes escape.
  if (password.includes("\\")) await connection.query("SET SESSION sql_mode=''");
  await work.send(buildChangeSource(change, login, dialect, password), command);
  return { command };
}

/** The plugin that is installed decides the name. */
const switchSemiSync: Perform<"semi-sync-source"> = async (work, change) => {
  const { connection, dialect } = work.login;
  const rows = await connection.query("SHOW GLOBAL VARIABLES LIKE 'rpl\\_semi\\_sync\\_%\\_enabled'");
  const names = new Set(rows.map((row) => textOf(row, "Variable_name")?.toLowerCase()));
  const command = buildSemiSync(change, dialect).find((text) => names.has(/rpl_\w+/.exec(text)?.[0]));
  if (command === undefined) throw refuse(change, "unsupported", "Semi-synchronous replication is not installed here.");
  await work.send(command);
  return { command };
};

/** Every text a plan may have shown for the change. */
export function listCommands(
  change: MysqlChange,
  { login, options }: Pick<Work, "login" | "options">,
): readonly string[] {
  const { dialect } = login;
  const texts = [buildMysqlCommand(change, dialect)];
  if (change.kind === "change-source") texts.push(buildMysqlCommand(change, dialect, options.login ?? null));
  if (change.kind === "semi-sync-source") texts.push(...buildSemiSync(change, dialect));
  return texts;
}
