/** Logs in to a node as replicas will, and looks whether the account may read the binary log there. */
import type { LoginTrial } from "../../../model/preflight.ts";
import type { Failure } from "../../../model/reading.ts";
import type { TlsSettings } from "../../../model/settings.ts";
import type { ReplicationLogin, RequestBounds } from "../../contract.ts";
import { describeFailure } from "../../errors.ts";
import type { MysqlConnection } from "../connection.ts";
import { detectFlavor, selectDialect } from "../dialects/select.ts";
import { firstCell, parseGrants } from "../inspect/grants.ts";
import { quoteAccount } from "../login.ts";
import { textOf } from "../rows.ts";
import { describeTarget, type MysqlTarget } from "../target.ts";
import { askOnce } from "./ask-once.ts";

/** Every server takes as many bytes as these. */
const SHORT_ENOUGH = 32;

const operation = "login as the replication account";
/** Refusals that depend on where the login comes from: the replicas come from elsewhere. */
const byHost: ReadonlySet<number | string | null> = new Set([1045, 1130, 1698]);

/** Never rejects. @param login null: no credentials are known */
export async function tryLogin(
  node: MysqlTarget,
  login: ReplicationLogin | null,
  bounds: RequestBounds,
): Promise<LoginTrial> {
  const target = describeTarget(node);
  if (login === null) return fail(node.name, null, noCredentials(target));
  const { user, password } = login;
  const access = {
    user,
    password: password === null ? null : { secret: password },
    tls: chooseTls(node.access.tls, login.tls),
    connectTimeoutMs: node.access.connectTimeoutMs,
  };
  const bytes = Buffer.byteLength(password ?? "");
  try {
    const { account, lines, limit } = await askOnce({ ...node, access }, bounds, async (connection, progress) => {
      progress.operation = "grants of the replication account";
      const grants = (await connection.query("SHOW GRANTS")).flatMap(firstCell);
      const [row] = await connection.query("SELECT CURRENT_USER() AS account");
      const account = quoteAccount((row && textOf(row, "account")) ?? user);
      return { account, lines: grants, limit: bytes <= SHORT_ENOUGH ? null : await readPasswordLimit(connection) };
    });
    if (limit !== null && bytes > limit) return fail(node.name, user, tooLong(target, user, bytes, limit));
    if (!parseGrants(lines).has("REPLICATION SLAVE"))
      return { ...fail(node.name, user, notAllowed(target, user, account)), mayReplicate: false };
    return { node: node.name, user, ok: true, failure: null, mayReplicate: true };
  } catch (error) {
    const failure = describeFailure(error, target, operation);
    return fail(node.name, user, withoutSecret(explain(failure, user), password));
  }
}

/** An account may have a password that no channel can be given: the server says so only when writes stand still already. */
async function readPasswordLimit(connection: MysqlConnection): Promise<number> {
  const [row] = await connection.query("SELECT VERSION() AS version, @@global.version_comment AS comment");
  const version = (row && textOf(row, "version")) ?? "";
  const flavor = detectFlavor(version, (row && textOf(row, "comment")) ?? null);
  return selectDialect(flavor, version).writing.replicationPasswordBytes;
}

function tooLong(target: string, user: string, bytes: number, limit: number): Failure {
  return {
    kind: "auth",
    target,
    operation,
    message: `${target}: ${operation}: the password of ${user} has ${bytes} bytes, and replicas here take at most ${limit}`,
    advice: `Give ${user} a password of at most ${limit} bytes (ALTER USER), here and in the configuration.`,
    serverCode: null,
  };
}

/** As the channel will: an account that demands encryption must not fail here for want of it. */
function chooseTls(own: TlsSettings, channel: readonly string[]): TlsSettings {
  const encrypts = channel.some((option) => /_SSL\s*=\s*1\b/i.test(option));
  return own.mode === "off" && encrypts ? { ...own, mode: "required" } : own;
}

function fail(node: string, user: string | null, failure: Failure): LoginTrial {
  return { node, user, ok: false, failure, mayReplicate: null };
}

function explain(failure: Failure, user: string): Failure {
  const named = { ...failure, message: failure.message.replace(": connect: ", `: ${operation} ${user}: `), operation };
  if (!byHost.has(failure.serverCode)) return named;
  return {
    ...named,
    advice: `Check user and password of the replication account (replication in the configuration), and that ${user} may log in from this machine too: it is tried from here, not from the replicas.`,
  };
}

/** Servers do not repeat passwords; should one do, it is not shown. */
function withoutSecret(failure: Failure, secret: string | null): Failure {
  if (secret === null || secret === "") return failure;
  return { ...failure, message: failure.message.replaceAll(secret, "***") };
}

function noCredentials(target: string): Failure {
  return {
    kind: "auth",
    target,
    operation,
    message: `${target}: ${operation}: no user and password are known that replicas could use`,
    advice: "Set replication.user and a password for it in the configuration of the cluster.",
    serverCode: null,
  };
}

function notAllowed(target: string, user: string, account: string): Failure {
  return {
    kind: "auth",
    target,
    operation,
    message: `${target}: ${operation}: ${user} may log in but not read the binary log`,
    advice: `GRANT REPLICATION SLAVE ON *.* TO ${account};`,
    serverCode: null,
  };
}
