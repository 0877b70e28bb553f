/** What one HAProxy process says of itself, its proxies and its servers. Facts: HAProxy management guide, checked on 1.4–3.4. */

import type { SqlProxyProduct } from "./settings.ts";

/**
 * Level of the socket we speak through; `read-only` is the stats page, which has no level at all, and an SQL admin that can change nothing
 * (MySQL Proxy, ProxySQL with admin-read_only). The other SQL admins are `admin`.
 */
export type HaproxyLevel = "admin" | "operator" | "user" | "read-only";

/** One word for how a server takes part, derived from status text and admin bits together (see drivers/haproxy). */
export type ServerState = "up" | "down" | "maint" | "drain" | "nolb" | "unchecked" | "unknown";

/** Why a server is administratively out, one per bit of `srv_admin_state`. `maint-config` alone does not keep a server out. */
export type AdminReason =
  | "maint-forced"
  | "maint-inherited"
  | "maint-config"
  | "drain-forced"
  | "drain-inherited"
  | "unresolved"
  | "fqdn-changed";

export interface HaproxyProcess {
  /** `node` of show info, the host name HAProxy runs under. */
  readonly nodeName: string | null;
  readonly version: string | null;
  readonly pid: number | null;
  readonly uptimeSeconds: number | null;
  /** Unix seconds; HAProxy 2.4+. */
  readonly startTimeSeconds: number | null;
  readonly nbproc: number | null;
  readonly processNumber: number | null;
  /** True when this is an old worker that only finishes its sessions. */
  readonly stopping: boolean;
  readonly currentConnections: number | null;
  readonly maxConnections: number | null;
}

export interface HaproxyServer {
  readonly backend: string;
  readonly server: string;
  readonly backendId: number | null;
  readonly serverId: number | null;
  /** Address as HAProxy has it now; null when it does not tell (before 1.6/1.7). */
  readonly host: string | null;
  readonly port: number | null;
  /** Verbatim status text of show stat, e.g. `UP 1/3`, `MAINT (via a/b)`; null when only show servers state knows the server. */
  readonly status: string | null;
  readonly state: ServerState;
  /** Configured role: `backup` on the server line. `active` is its opposite, as HAProxy uses the words. */
  readonly active: boolean;
  readonly backup: boolean;
  /** Effective weight; null when not told. */
  readonly weight: number | null;
  /** Weight of the configuration. */
  readonly initialWeight: number | null;
  /** Weight as set now (`srv_uweight`): unlike `weight` it stays while the server is drained, in maintenance or in slow start. Null or absent: not told. */
  readonly assignedWeight?: number | null;
  readonly sessions: number | null;
  readonly queued: number | null;
  readonly sessionsTotal: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
  readonly sessionRate: number | null;
  /** Bits of srv_admin_state in words; empty when none is set, null when the source does not tell (stats page, HAProxy < 1.6). */
  readonly adminReasons: readonly AdminReason[] | null;
  /** Check result without the running mark, e.g. `L7OK`; null when there is none (no check, or hidden by maintenance). */
  readonly check: string | null;
  readonly checkCode: number | null;
  /** Text of the last check. Bytes chosen by the checked server: escape before showing. */
  readonly checkInfo: string;
  readonly checkDurationMs: number | null;
  /** True while failing or rising checks are being counted (`UP 2/3`, `DOWN 1/2`). */
  readonly inTransition: boolean;
  readonly checkFailures: number | null;
  readonly downTransitions: number | null;
  readonly lastChangeSeconds: number | null;
  readonly downtimeSeconds: number | null;
  readonly lastSessionSeconds: number | null;
  /** `backend/server` whose state this one follows. */
  readonly tracks: string | null;
  readonly agentEnabled: boolean | null;
  readonly rise: number | null;
  readonly fall: number | null;
}

export interface HaproxyProxy {
  readonly name: string;
  readonly kind: "frontend" | "backend" | "listener";
  readonly id: number | null;
  readonly status: string | null;
  readonly mode: string | null;
  readonly algorithm: string | null;
  readonly sessions: number | null;
  readonly sessionsMax: number | null;
  readonly sessionLimit: number | null;
  readonly sessionsTotal: number | null;
  readonly queued: number | null;
  readonly sessionRate: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
  /** Usable servers now (backend rows only). */
  readonly activeServers: number | null;
  readonly backupServers: number | null;
  readonly connectionErrors: number | null;
  readonly lastChangeSeconds: number | null;
}

export interface HaproxyReport {
  readonly source: "socket" | "stats-page" | "sql-admin";
  readonly level: HaproxyLevel | null;
  /** Null on the stats page, Atlas and MySQL Proxy, which do not tell. Of ProxySQL it has version and uptime, and no pid. */
  readonly process: HaproxyProcess | null;
  readonly proxies: readonly HaproxyProxy[];
  readonly servers: readonly HaproxyServer[];
  /** Present exactly where the source is `sql-admin`. */
  readonly sqlAdmin?: SqlAdminFacts;
}

/** What only the admin interface of an SQL proxy has. */
export interface SqlAdminFacts {
  readonly product: SqlProxyProduct;
  /**
   * ProxySQL: what the editable table has that does not run, in words; the next LOAD brings all of it into effect. Null: could not be read.
   * [] also where there is no such table.
   */
  readonly pending: readonly string[] | null;
}
