/** The configuration after reading: every default applied, every secret resolved. Plain data, it crosses the worker boundary. */

/** A secret in clear. Never print, log or journal an object that holds one: search for `.secret` to find every use. */
export interface Secret {
  readonly secret: string;
}

export type TlsMode = "off" | "preferred" | "required" | "verify-ca" | "verify-identity";

export interface TlsSettings {
  readonly mode: TlsMode;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Name the server's certificate must be for where it is not the node's address. */
  readonly serverName?: string | null;
}

/** Proxies with an SQL admin interface that can stand in the place of a HAProxy. */
export type SqlProxyProduct = "proxysql" | "atlas" | "mysql-proxy";

export type HaproxyLocation =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | {
      readonly kind: "ssh";
      readonly user: string | null;
      readonly host: string;
      readonly port: number | null;
      readonly path: string;
    }
  | { readonly kind: "stats"; readonly url: string; readonly user: string | null; readonly password: Secret | null }
  | {
      readonly kind: "sql-admin";
      readonly product: SqlProxyProduct;
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: Secret | null;
      /** `[user@]host[:port]` to reach it through; null: directly. */
      readonly ssh: string | null;
    };

export interface HaproxySettings {
  readonly name: string;
  readonly location: HaproxyLocation;
}

export interface MysqlAccess {
  readonly user: string;
  readonly password: Secret | null;
  readonly tls: TlsSettings;
  readonly connectTimeoutMs: number;
}

export interface NodeSettings {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly access: MysqlAccess;
  /** `backend/server` names given by hand, for links that name and address do not tell. */
  readonly servers: readonly string[];
  readonly ssh: string | null;
  readonly priority: "prefer" | "neutral" | "never";
}

export interface WriterSettings {
  readonly backend: string;
  /** Where clients connect, for the route probe. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly multiWriter: boolean;
}

/** Where clients connect for reads, for the route probe. */
export interface ReaderAddress {
  readonly backend: string;
  readonly host: string;
  readonly port: number;
}

export interface ClusterSettings {
  readonly name: string;
  readonly haproxies: readonly HaproxySettings[];
  readonly nodes: readonly NodeSettings[];
  /** Access for nodes that are found and not configured. */
  readonly access: MysqlAccess;
  /** Null: found by itself when exactly one backend has backup servers. */
  readonly writer: WriterSettings | null;
  readonly readers: readonly string[] | null;
  /** Of the readers that have one; absent: none. */
  readonly readerAddresses?: readonly ReaderAddress[];
  readonly replication: { readonly user: string; readonly password: Secret | null } | null;
  /** `schema.table` of a pt-heartbeat style table. */
  readonly heartbeatTable: string | null;
  /** Clock of the `ts` column: pt-heartbeat writes local time of its host unless run with --utc. Never guessed: an hour of lag looks like a time zone. */
  readonly heartbeatClock: "local" | "utc";
  readonly floatingIp: string | null;
  readonly lag: { readonly warningSeconds: number; readonly criticalSeconds: number };
  readonly promotion: {
    readonly maxLagSeconds: number;
    readonly writeStopBudgetSeconds: number;
    readonly lockWaitSeconds: number;
  };
  readonly alertHook: string | null;
}

/** Passphrase of an encrypted key file, as it was typed on the terminal. */
export interface KeyPassphrase {
  /** Absolute path. */
  readonly keyFile: string;
  readonly passphrase: Secret;
}

export interface SshSettings {
  readonly configFile: string;
  readonly knownHostsFile: string;
  /** `builtin` unless told; `openssh` goes through the system's ssh, which knows certificates, hardware keys and ProxyCommand. */
  readonly transport?: "builtin" | "openssh";
  readonly passphrases?: readonly KeyPassphrase[];
}

export interface Settings {
  readonly intervalMs: number;
  readonly theme: string;
  /** Whether the console takes the terminal's mouse; absent: no. */
  readonly mouse?: boolean;
  readonly readOnly: boolean;
  readonly clusters: readonly ClusterSettings[];
  readonly ssh: SshSettings;
  /** Findings that do not stop the program, e.g. a password in a file others can read. */
  readonly warnings: readonly string[];
  /** Where metrics are served; absent: nowhere. */
  readonly metrics?: MetricsSettings;
}

export interface MetricsSettings {
  readonly host: string;
  readonly port: number;
}
