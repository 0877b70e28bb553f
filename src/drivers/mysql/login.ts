/** From nothing to a logged-in session: TLS as configured, identity by SQL, dialect, session settings. */
import type { SslOptions } from "mysql2";
import type { Flavor } from "../../model/mysql.ts";
import type { Progress } from "./bounds.ts";
import { type MysqlConnection, openConnection } from "./connection.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { detectFlavor, selectDialect } from "./dialects/select.ts";
import { isStatementError, parseRawError } from "./failure.ts";
import { numberOf, type Row, textOf } from "./rows.ts";
import { readingSession, type SessionKind } from "./session-kind.ts";
import type { MysqlTarget } from "./target.ts";

/** Who answers. Read anew at every login: after a reconnect it may be another server. */
export interface Identity {
  readonly flavor: Flavor;
  readonly version: string;
  readonly versionComment: string | null;
  readonly serverId: number | null;
  readonly hostname: string | null;
  readonly port: number | null;
  /** `'user'@'host'` as the server matched it, for GRANT statements in advice. */
  readonly account: string;
}

export interface Login {
  readonly connection: MysqlConnection;
  readonly identity: Identity;
  readonly dialect: Dialect;
}

/** Who answers, in words every version knows. */
export const identityStatement =
  "SELECT VERSION() AS version, @@global.version_comment AS version_comment, @@global.server_id AS server_id," +
  " @@global.hostname AS hostname, @@global.port AS port, CURRENT_USER() AS account";

const noGreeting =
  "The port accepts connections but greets nobody: the server is stopped or overloaded, or another service listens there (HTTP and HAProxy wait for the client to speak).";

/**
 * @param tls options of the configured mode, null for `off`
 * @param kind what the session is for
 * @throws raw errors of the server or the system, see failure.ts
 */
export async function logIn(
  target: MysqlTarget,
  tls: SslOptions | null,
  progress: Progress,
  kind: SessionKind = readingSession,
): Promise<Login> {
  progress.operation = "connect";
  const connection = await connectAs(target, tls, progress, kind);
  try {
    progress.operation = "identity";
    progress.hint = null;
    const [row] = await connection.query(identityStatement);
    if (row === undefined) throw new Error("the server does not say who it is");
    const identity = parseIdentity(row);
    const dialect = selectDialect(identity.flavor, identity.version);
    await applySettings(connection, kind.settingsOf(dialect));
    return { connection, identity, dialect };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** A session that has logged in and nothing more; `preferred` falls back to clear text where the server has no TLS. @throws raw errors */
export async function connectAs(
  target: MysqlTarget,
  tls: SslOptions | null,
  progress: Progress,
  kind: SessionKind,
): Promise<MysqlConnection> {
  try {
    return await attempt(target, tls, progress, kind);
  } catch (error) {
    const { code } = parseRawError(error);
    const noEncryption = code === "HANDSHAKE_NO_SSL_SUPPORT" || code === "HANDSHAKE_SSL_ERROR";
    if (tls === null || target.access.tls.mode !== "preferred" || !noEncryption) throw error;
    return attempt(target, null, progress, kind);
  }
}

async function attempt(
  target: MysqlTarget,
  tls: SslOptions | null,
  progress: Progress,
  kind: SessionKind,
): Promise<MysqlConnection> {
  const connection = await openConnection(target, tls, kind);
  if (progress.ended !== null) connection.destroy(progress.ended);
  const limit = setTimeout(
    () => connection.destroy(connectTimeout(target, connection)),
    target.access.connectTimeoutMs,
  );
  progress.cancel = (reason) => connection.destroy(reason);
  progress.isNameAsked = () => connection.isNameAsked;
  progress.hint = noGreeting;
  try {
    await connection.ready;
    return connection;
  } finally {
    clearTimeout(limit);
  }
}

function connectTimeout({ access }: MysqlTarget, connection: MysqlConnection): Error {
  if (connection.isNameAsked) {
    const message = `the name server has not answered within ${access.connectTimeoutMs} ms`;
    return Object.assign(new Error(message), { code: "EAI_AGAIN" });
  }
  const heard = connection.receivedBytes === 0 ? "no greeting" : "no end of the login";
  return Object.assign(new Error(`${heard} within ${access.connectTimeoutMs} ms`), { code: "ETIMEDOUT" });
}

function parseIdentity(row: Row): Identity {
  const version = textOf(row, "version") ?? "";
  const versionComment = textOf(row, "version_comment");
  return {
    flavor: detectFlavor(version, versionComment),
    version,
    versionComment,
    serverId: numberOf(row, "server_id"),
    hostname: textOf(row, "hostname"),
    port: numberOf(row, "port"),
    account: quoteAccount(textOf(row, "account") ?? ""),
  };
}

/** The last @ divides: a user name may hold one, a host may not. */
/** What CURRENT_USER() says, as it stands in a GRANT. */
export function quoteAccount(account: string): string {
  const at = account.lastIndexOf("@");
  return at < 0 ? `'${account}'@'%'` : `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
}

/** All in one, and each alone for servers (forks, proxies) that know only some of them. */
export function buildSettingStatements(settings: readonly string[]): readonly string[] {
  return [settings.join(", "), ...settings].map((assignment) => `SET SESSION ${assignment}`);
}

/** None of the settings is essential: what a server does not know it goes without. */
async function applySettings(connection: MysqlConnection, settings: readonly string[]): Promise<void> {
  const [together = "", ...single] = buildSettingStatements(settings);
  if (await succeeds(connection, together)) return;
  for (const statement of single) await succeeds(connection, statement);
}

/** False when the server refused it. @throws raw error when the connection was lost */
async function succeeds(connection: MysqlConnection, statement: string): Promise<boolean> {
  try {
    await connection.query(statement);
    return true;
  } catch (error) {
    if (isStatementError(error)) return false;
    throw error;
  }
}
