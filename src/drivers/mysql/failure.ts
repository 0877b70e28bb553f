/** Errors of the MySQL protocol, of the system and of TLS as DriverError: what, where, what to do. */
import type { FailureKind } from "../../model/reading.ts";
import { DriverError } from "../errors.ts";
import { explainPlugin } from "./auth/plugins.ts";
import { explainTls, readTlsEvidence } from "./tls-failure.ts";

interface Meaning {
  readonly kind: FailureKind;
  readonly what: string;
  readonly advice: string;
}

const wrongLogin: Meaning = {
  kind: "auth",
  what: "the server refused the login",
  advice:
    "Check user and password, and that the account may log in from this host. SHOW CREATE USER tells what it demands: REQUIRE SSL (or require_secure_transport of MariaDB) needs tls: required, REQUIRE X509 (ISSUER, SUBJECT) needs cert: and key: too.",
};
const wrongPlugin: Meaning = {
  kind: "auth",
  what: "the account uses an authentication method that cannot be used here",
  advice:
    "Give the account caching_sha2_password (MySQL 8 and later), ed25519 or mysql_native_password (MariaDB), or switch TLS on.",
};
const noSlots: Meaning = {
  kind: "rejected",
  what: "the server is alive but has no free connection",
  advice: "See who holds the connections (max_connections, or the limits of the account); the server is not down.",
};
const hostRefused: Meaning = {
  kind: "auth",
  what: "the server does not accept this host",
  advice: "Create the account for this host or network (CREATE USER 'user'@'host').",
};

/** Server error numbers that refuse a login or a connection; all of them prove that the server is alive. */
const byNumber: ReadonlyMap<number, Meaning> = new Map([
  [1040, noSlots],
  [1203, noSlots],
  [1226, noSlots],
  [1044, wrongLogin],
  [1045, wrongLogin],
  [1698, wrongLogin],
  [1251, wrongPlugin],
  [1275, wrongPlugin],
  [1524, wrongPlugin],
  [2059, wrongPlugin],
  [2061, wrongPlugin],
  [
    1129,
    {
      kind: "rejected",
      what: "the server has blocked this host after too many broken connections",
      advice: "Unblock it with FLUSH HOSTS (MySQL 8: TRUNCATE performance_schema.host_cache).",
    },
  ],
  [1130, hostRefused],
  [
    1820,
    {
      kind: "auth",
      what: "the password of the account has expired",
      advice: "Set a new one (ALTER USER … IDENTIFIED BY …).",
    },
  ],
  [
    1862,
    {
      kind: "auth",
      what: "the password of the account has expired",
      advice: "Set a new one (ALTER USER … IDENTIFIED BY …).",
    },
  ],
  [3118, { kind: "auth", what: "the account is locked", advice: "Unlock it (ALTER USER … ACCOUNT UNLOCK)." }],
  [4151, { kind: "auth", what: "the account is locked", advice: "Unlock it (ALTER USER … ACCOUNT UNLOCK)." }],
  [
    3159,
    {
      kind: "tls",
      what: "the server only accepts encrypted connections",
      advice: "Set tls: required (or verify-identity) for this node.",
    },
  ],
  [4053, { kind: "rejected", what: "the server is shutting down", advice: "Wait for it to come back." }],
  [1053, { kind: "rejected", what: "the server is shutting down", advice: "Wait for it to come back." }],
  [
    3032,
    {
      kind: "rejected",
      what: "the server is in offline mode",
      advice: "SET GLOBAL offline_mode=OFF lets ordinary accounts in again.",
    },
  ],
  [
    1047,
    {
      kind: "rejected",
      what: "the server takes no statements (a Galera node that is not in sync)",
      advice: "Galera clusters are not supported.",
    },
  ],
  [
    1317,
    {
      kind: "rejected",
      what: "the statement was interrupted",
      advice: "Somebody or a time limit killed it; the next poll asks again.",
    },
  ],
  [1927, { kind: "rejected", what: "the connection was killed", advice: "The next poll connects again." }],
  [
    1969,
    {
      kind: "timeout",
      what: "the server stopped the statement at its time limit",
      advice: "The server is overloaded or blocked.",
    },
  ],
  [
    3024,
    {
      kind: "timeout",
      what: "the server stopped the statement at its time limit",
      advice: "The server is overloaded or blocked.",
    },
  ],
  [
    1205,
    {
      kind: "timeout",
      what: "the statement waited too long for a lock",
      advice: "Somebody holds a metadata or table lock.",
    },
  ],
]);

const refused: Meaning = {
  kind: "unreachable",
  what: "connection refused",
  advice: "Nothing listens there: is the server running, and is this its port?",
};
const noRoute: Meaning = {
  kind: "unreachable",
  what: "no route to the host",
  advice: "Is the host up, and the network between?",
};
const noName: Meaning = {
  kind: "unreachable",
  what: "the host name is not known",
  advice: "Check the name and the resolver.",
};
export const silentNamesAdvice = "Check the name server of this host (resolv.conf), or use the address of the server.";
const silentNames: Meaning = {
  kind: "unreachable",
  what: "the name server does not answer",
  advice: silentNamesAdvice,
};
const lost: Meaning = {
  kind: "unreachable",
  what: "the server closed the connection",
  advice: "It may have been restarted, or something between cut the connection; the next poll connects again.",
};
const noTls: Meaning = {
  kind: "tls",
  what: "the server offers no encryption",
  advice:
    "Switch TLS on at the server (ssl_ca, ssl_cert, ssl_key), or set tls: preferred for this node, which then sends everything but the password in clear text.",
};

const byCode: ReadonlyMap<string, Meaning> = new Map([
  ["ECONNREFUSED", refused],
  ["EHOSTUNREACH", noRoute],
  ["ENETUNREACH", noRoute],
  ["EHOSTDOWN", noRoute],
  ["EADDRNOTAVAIL", noRoute],
  ["ENOTFOUND", noName],
  ["EAI_AGAIN", silentNames],
  [
    "ETIMEDOUT",
    {
      kind: "timeout",
      what: "no answer from the host",
      advice: "Is the host up? A firewall that drops packets looks the same.",
    },
  ],
  ["ECONNRESET", lost],
  ["EPIPE", lost],
  ["PROTOCOL_CONNECTION_LOST", lost],
  ["HANDSHAKE_NO_SSL_SUPPORT", noTls],
  ["AUTH_SWITCH_PLUGIN_ERROR", wrongPlugin],
]);

const privilegeNumbers: ReadonlySet<number> = new Set([1044, 1095, 1142, 1143, 1227, 1370]);

/** A thrown thing of mysql2 or node, seen through the few fields that matter. */
export interface RawError {
  readonly message: string;
  readonly errno: number | null;
  readonly code: string | null;
}

export function parseRawError(error: unknown): RawError {
  if (!(error instanceof Error)) return { message: String(error), errno: null, code: null };
  const { errno, code } = error as { errno?: unknown; code?: unknown };
  const aggregate = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  return {
    message: aggregate.message,
    // System errors carry a negative errno: only positive ones are numbers of the server.
    errno: typeof errno === "number" && errno > 0 ? errno : null,
    code: typeof code === "string" ? code : null,
  };
}

/** True for an answer of the server to this statement that leaves the connection usable. */
export function isStatementError(error: unknown): boolean {
  const { errno } = parseRawError(error);
  return errno !== null && (error as { fatal?: unknown }).fatal !== true;
}

/** True when the server does not know the statement or a name in it, so that another form may work. */
export function isUnknownForm(error: unknown): boolean {
  const { errno } = parseRawError(error);
  return errno !== null && [1064, 1054, 1109, 1146, 1193, 1235, 1289, 1295].includes(errno);
}

/** True when the account may not do this. */
export function isPrivilegeError(error: unknown): boolean {
  const { errno } = parseRawError(error);
  return errno !== null && privilegeNumbers.has(errno);
}

/** DriverError for anything mysql2, TLS or the system threw. A DriverError passes unchanged. */
export function mapError(error: unknown, target: string, operation: string): DriverError {
  if (error instanceof DriverError) return error;
  const raw = parseRawError(error);
  const tls = readTlsEvidence(error);
  const meaning =
    (raw.errno === null ? null : byNumber.get(raw.errno)) ??
    (tls === null ? null : explainTls(tls)) ??
    explainPlugin(raw) ??
    (raw.code === null ? null : byCode.get(raw.code));
  const serverCode = raw.errno ?? tls?.code ?? raw.code;
  const kind: FailureKind = meaning?.kind ?? (raw.errno !== null ? "rejected" : "protocol");
  const what =
    meaning?.what ?? (raw.errno !== null ? "the server refused the statement" : "the answer could not be understood");
  const code = serverCode === null ? "" : `${serverCode}: `;
  return new DriverError({
    kind,
    target,
    operation,
    message: `${target}: ${operation}: ${what} (${code}${raw.message})`,
    advice: meaning?.advice ?? null,
    serverCode,
    cause: error,
  });
}
