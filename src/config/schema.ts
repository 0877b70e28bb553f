/** Every key a configuration file may have. The reference for people is docs/configuration.md; a test compares the two. */
import { type Fields, list, type RecordOf, record, recordOrText } from "./decode/collection.ts";
import { choice, duration, flag, name, parsed, text } from "./decode/scalar.ts";
import { parseAddress, parseHost } from "./parse-address.ts";
import { parseHaproxyUrl } from "./parse-haproxy-url.ts";
import { parseNodeName, parseServerPath, parseSshTarget, parseTableName } from "./parse-names.ts";
import { parseSqlAdminUrl } from "./parse-sql-admin-url.ts";

export const INTERVAL_BOUNDS = { minMs: 250, maxMs: 60_000 };
const DAY_MS = 86_400_000;

/** Where a password may come from; at most one of them. */
export const SECRET_KEYS = [
  "password",
  "password_env",
  "password_command",
  "password_file",
  "defaults_file",
  "login_path",
  "password_prompt",
] as const;

const SECRETS = {
  password: text,
  password_env: text,
  password_command: text,
  password_file: text,
  defaults_file: text,
  login_path: text,
  password_prompt: flag,
} satisfies Fields;

const ACCOUNT = { user: text, ...SECRETS } satisfies Fields;

const MYSQL = {
  ...ACCOUNT,
  tls: choice(["off", "preferred", "required", "verify-ca", "verify-identity"]),
  ca: text,
  cert: text,
  key: text,
  server_name: parsed(parseHost),
  connect_timeout: duration({ minMs: 100, maxMs: 60_000 }),
} satisfies Fields;

const HAPROXY = {
  name,
  socket: parsed(parseHaproxyUrl, { echo: false }),
  stats: parsed(parseHaproxyUrl, { echo: false }),
  sql_admin: parsed(parseSqlAdminUrl, { echo: false }),
  ssh: parsed(parseSshTarget),
  ...SECRETS,
} satisfies Fields;

const NODE = {
  name: parsed(parseNodeName),
  address: parsed((written) => parseAddress(written, 3306)),
  servers: list(parsed(parseServerPath)),
  ssh: parsed(parseSshTarget),
  priority: choice(["prefer", "neutral", "never"]),
  mysql: record(MYSQL),
} satisfies Fields;

const WRITER = {
  backend: text,
  address: parsed((written) => parseAddress(written, 3306)),
  multi_writer: flag,
} satisfies Fields;

const READER = { backend: text, address: parsed((written) => parseAddress(written, 3306)) } satisfies Fields;

const anyWait = duration({ minMs: 0, maxMs: DAY_MS });
const aWait = duration({ minMs: 100, maxMs: DAY_MS });

const PROMOTION = { max_lag: anyWait, write_stop_budget: aWait, lock_wait: aWait } satisfies Fields;
const SSH = { config: text, known_hosts: text, transport: choice(["builtin", "openssh"]) } satisfies Fields;

const CLUSTER = {
  name,
  haproxy: list(record(HAPROXY, { all: ["name"], oneOf: ["socket", "stats", "sql_admin"] })),
  nodes: list(record(NODE, { all: ["name", "address"] })),
  mysql: record(MYSQL),
  writer: recordOrText(WRITER, "backend"),
  multi_writer: flag,
  readers: list(recordOrText(READER, "backend")),
  replication: record(ACCOUNT),
  heartbeat: record({ table: parsed(parseTableName), utc: flag }, { all: ["table"] }),
  floating_ip: record({ address: parsed(parseHost) }, { all: ["address"] }),
  lag: record({ warning: aWait, critical: aWait }),
  promotion: record(PROMOTION),
  hooks: record({ alert: text }),
} satisfies Fields;

const FILE = {
  interval: duration(INTERVAL_BOUNDS),
  theme: text,
  mouse: flag,
  read_only: flag,
  mysql: record(MYSQL),
  clusters: list(record(CLUSTER, { all: ["name"], oneOf: ["haproxy", "nodes"] }), 1),
  ssh: record(SSH),
} satisfies Fields;

export type AccountRecord = RecordOf<typeof ACCOUNT>;
export type MysqlRecord = RecordOf<typeof MYSQL>;
export type HaproxyRecord = RecordOf<typeof HAPROXY>;
export type NodeRecord = RecordOf<typeof NODE>;
export type ClusterRecord = RecordOf<typeof CLUSTER>;
export type FileRecord = RecordOf<typeof FILE>;

/** Keys by the section of docs/configuration.md that explains them. */
export const KEY_TABLES: Readonly<Record<string, Fields>> = {
  "Top level": FILE,
  mysql: MYSQL,
  clusters: CLUSTER,
  haproxy: HAPROXY,
  nodes: NODE,
  writer: WRITER,
  promotion: PROMOTION,
  ssh: SSH,
};

/** A whole configuration file. `clusters` may be missing: the command line can name endpoints instead. */
export const configFile = record(FILE);
