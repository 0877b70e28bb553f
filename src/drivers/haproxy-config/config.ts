/** What a haproxy.cfg says of the things signalbox cares about. Null: not said. */

export interface ConfigServer {
  readonly name: string;
  /** As written; a name, an address or a variable. Null: none (a Unix socket). */
  readonly host: string | null;
  readonly port: number | null;
  readonly backup: boolean;
  readonly disabled: boolean;
  readonly check: boolean;
  readonly agentCheck: boolean;
  readonly weight: number | null;
  readonly interMs: number | null;
  readonly rise: number | null;
  readonly fall: number | null;
  readonly onMarkedDown: string | null;
  readonly onMarkedUp: string | null;
  /** `backend/server` or a server of the same backend. */
  readonly track: string | null;
}

/** What a health check asks; `connect` is a bare `check`. */
export type ConfigCheck = "connect" | "mysql" | "tcp" | "external" | "http" | "other";

export interface ConfigProxy {
  readonly kind: "listen" | "backend" | "frontend";
  readonly name: string;
  readonly mode: string;
  readonly balance: string | null;
  readonly check: ConfigCheck;
  /** `user` of `option mysql-check`. */
  readonly checkUser: string | null;
  readonly allBackups: boolean;
  /** It has a `stick on`, `stick match` or `stick store…` line: known clients go back to their server whatever its weight. */
  readonly sticks: boolean;
  readonly stateFrom: "global" | "local" | "none";
  readonly disabled: boolean;
  /** `default_backend` of a frontend. */
  readonly defaultBackend: string | null;
  /** Client addresses, as written. */
  readonly binds: readonly string[];
  readonly servers: readonly ConfigServer[];
  /** It has lines that make servers by number or by DNS (`server-template`): then its servers are not all known. */
  readonly hasTemplates: boolean;
}

export interface ConfigSocket {
  /** As written: a path, `ipv4@127.0.0.1:9999`, `*:9999`. */
  readonly address: string;
  readonly level: "admin" | "operator" | "user";
}

export interface HaproxyConfig {
  readonly sockets: readonly ConfigSocket[];
  readonly stateFile: string | null;
  readonly stateBase: string | null;
  readonly nbproc: number | null;
  readonly proxies: readonly ConfigProxy[];
  /** It has `.if` lines: which of its lines count cannot be told from here. */
  readonly hasConditions: boolean;
}
