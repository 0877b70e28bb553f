/** Errors as servers word them: where both mean the same, in the words of MariaDB 10.11. */
import type { ProductName } from "../world/state.ts";

export class SqlError extends Error {
  override readonly name = "SqlError";
  readonly code: number;
  readonly sqlState: string;

  constructor(code: number, sqlState: string, message: string) {
    super(message);
    this.code = code;
    this.sqlState = sqlState;
  }
}

/** @param rest statement from the word that could not be understood. */
export function syntaxError(rest: string): SqlError {
  const text = `You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near '${rest.slice(0, 80)}' at line 1`;
  return new SqlError(1064, "42000", text);
}

export const sqlErrors = {
  tooManyConnections: () => new SqlError(1040, "08004", "Too many connections"),
  accessDenied: (user: string, host: string, withPassword: boolean) =>
    new SqlError(
      1045,
      "28000",
      `Access denied for user '${user}'@'${host}' (using password: ${withPassword ? "YES" : "NO"})`,
    ),
  unknownDatabase: (name: string) => new SqlError(1049, "42000", `Unknown database '${name}'`),
  unknownColumn: (name: string, place: string) => new SqlError(1054, "42S22", `Unknown column '${name}' in '${place}'`),
  emptyQuery: () => new SqlError(1065, "42000", "Query was empty"),
  unknownThread: (id: number) => new SqlError(1094, "HY000", `Unknown thread id: ${id}`),
  noSuchTable: (name: string) => new SqlError(1146, "42S02", `Table '${name}' doesn't exist`),
  noDatabase: () => new SqlError(1046, "3D000", "No database selected"),
  invalidGroup: () => new SqlError(1111, "HY000", "Invalid use of group function"),
  unknownVariable: (name: string) => new SqlError(1193, "HY000", `Unknown system variable '${name}'`),
  noSource: () =>
    new SqlError(
      1200,
      "HY000",
      "Misconfigured slave: MASTER_HOST was not set; Fix in config file or with CHANGE MASTER TO",
    ),
  missingPrivilege: (names: string) =>
    new SqlError(
      1227,
      "42000",
      `Access denied; you need (at least one of) the ${names} privilege(s) for this operation`,
    ),
  globalOnly: (name: string) =>
    new SqlError(1229, "HY000", `Variable '${name}' is a GLOBAL variable and should be set with SET GLOBAL`),
  wrongValue: (name: string, value: string) =>
    new SqlError(1231, "42000", `Variable '${name}' can't be set to the value of '${value}'`),
  wrongType: (name: string) => new SqlError(1232, "42000", `Incorrect argument type to variable '${name}'`),
  wrongScope: (name: string, scope: string) => new SqlError(1238, "HY000", `Variable '${name}' is a ${scope} variable`),
  unsupportedCommand: () => new SqlError(1047, "08S01", "Unknown command"),
  unknownFunction: (name: string) => new SqlError(1305, "42000", `FUNCTION ${name} does not exist`),
  notReplica: () =>
    new SqlError(
      1200,
      "HY000",
      "The server is not configured as replica; fix in config file or with CHANGE REPLICATION SOURCE TO.",
    ),
  noChannel: (name: string) => new SqlError(3074, "HY000", `Replica channel '${name}' does not exist.`),
  noConnection: (name: string) => new SqlError(1617, "HY000", `There is no master connection '${name}'`),
  noPrepared: () => new SqlError(1295, "HY000", "This command is not supported in the prepared statement protocol yet"),
  tooBig: () => new SqlError(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"),
  badHandshake: () => new SqlError(1043, "08S01", "Bad handshake"),
  interrupted: () => new SqlError(1317, "70100", "Query execution was interrupted"),
  lockWait: () => new SqlError(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction"),
  denied: (verb: string, user: string, table: string) =>
    new SqlError(1142, "42000", `${verb} command denied to user '${user}'@'%' for table ${table}`),
  readOnly: (option: string) =>
    new SqlError(
      1290,
      "HY000",
      `The MariaDB server is running with the ${option} option so it cannot execute this statement`,
    ),
  mustStop: (name: string) =>
    new SqlError(
      1198,
      "HY000",
      `This operation cannot be performed as you have a running slave '${name}'; run STOP SLAVE '${name}' first`,
    ),
  mustStopReplica: (name: string) =>
    new SqlError(
      3081,
      "HY000",
      `This operation cannot be performed with running replication threads; run STOP REPLICA FOR CHANNEL '${name}' first`,
    ),
  wrongArguments: (what: string) => new SqlError(1210, "HY000", `Incorrect arguments to ${what}`),
  badGtidSet: (text: string) => new SqlError(1772, "HY000", `Malformed GTID set specification '${text.slice(0, 80)}'.`),
  badGtid: () => new SqlError(1941, "HY000", "Could not parse GTID list"),
  resourceManager: () =>
    new SqlError(
      1401,
      "XAE03",
      "XAER_RMERR: Fatal error occurred in the transaction branch - check your data for consistency",
    ),
  noEvent: (name: string) => new SqlError(1539, "HY000", `Unknown event '${name}'`),
  noBinlogFile: () =>
    new SqlError(1220, "HY000", "Error when executing command SHOW BINLOG EVENTS: Could not find target log"),
  killed: () => new SqlError(1927, "70100", "Connection was killed"),
} as const;

/** Where the servers say the same but for their own name. */
const ownName: Readonly<Record<ProductName, (message: string) => string>> = {
  mariadb: (message) => message,
  mysql: (message) => message.replace("MariaDB server", "MySQL server"),
};

/** The error as this server words it. */
export function wordError(product: ProductName, { code, sqlState, message }: SqlError): SqlError {
  return new SqlError(code, sqlState, ownName[product](message));
}
