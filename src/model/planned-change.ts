/** What a plan can change, and what can be read to be true before and after. Drivers make the text that is sent from it. */
import type { AddressMeans } from "./floating-move.ts";
import type { PositionRole, SourcePosition } from "./source-position.ts";

/** `set server … state` words. */
export type AdminState = "ready" | "drain" | "maint";

/** One change a driver can make. The text that is really sent is built from it by the driver, and shown before. */
export type Change =
  | {
      readonly kind: "server-state";
      readonly haproxy: string;
      readonly backend: string;
      readonly server: string;
      readonly state: AdminState;
    }
  | {
      readonly kind: "server-weight";
      readonly haproxy: string;
      readonly backend: string;
      readonly server: string;
      readonly weight: number;
    }
  | { readonly kind: "shutdown-sessions"; readonly haproxy: string; readonly backend: string; readonly server: string }
  | {
      readonly kind: "replication";
      readonly node: string;
      readonly action: "start" | "stop";
      readonly thread: "io" | "sql" | "both";
      readonly channel: string;
    }
  | { readonly kind: "read-only"; readonly node: string; readonly on: boolean; readonly superToo: boolean }
  | { readonly kind: "kill-session"; readonly node: string; readonly sessionId: number }
  | AddressChange
  | PromotionChange;

/** Makes the program that moves the floating address do so. Hosts are those of planFloatingHosts. */
export interface AddressChange {
  readonly kind: "move-address";
  /** Where it is run: with one of the two. */
  readonly host: string;
  readonly address: string;
  /** Who holds the address, and who is to hold it. */
  readonly from: string;
  readonly to: string;
  readonly means: AddressMeans;
}

/** Coordinates that are known when the plan is made, or that a step of it reads. */
export type PositionSource =
  | { readonly kind: "known"; readonly position: SourcePosition }
  | { readonly kind: "role"; readonly role: PositionRole; readonly node: string };

/** Changes and waits that only promotion and rejoin make. All of them are SQL but the route probe. */
export type PromotionChange =
  | { readonly kind: "event-scheduler"; readonly node: string; readonly on: boolean }
  /** `ALTER DEFINER=… EVENT … ENABLE`, written to the binary log so that replicas disable it on their side. */
  | {
      readonly kind: "enable-event";
      readonly node: string;
      readonly schema: string;
      readonly name: string;
      readonly definer: string;
    }
  | { readonly kind: "semi-sync-source"; readonly node: string; readonly on: boolean }
  /** MySQL with a parallel applier: how often it writes down up to where it has applied everything; coordinates move only then. */
  | { readonly kind: "applier-checkpoint"; readonly node: string; readonly milliseconds: number }
  /**
   * Ends whatever could still write to a node that is read-only: sessions with changes that are not committed and, where read_only does not stop
   * privileged accounts, their sessions, under FLUSH TABLES WITH READ LOCK, which is released again. Never replication, dump threads or ours.
   */
  | { readonly kind: "clear-sessions"; readonly node: string }
  /** Reads the coordinates of the node's own log and keeps them under the role (`applied`: those of its source up to which it has applied). */
  | {
      readonly kind: "read-position";
      readonly node: string;
      readonly role: PositionRole;
      readonly channel: string | null;
    }
  /** Reads them again and fails when they are no longer those kept under the role: somebody wrote. */
  | { readonly kind: "confirm-position"; readonly node: string; readonly role: PositionRole }
  /** Waits until the node has applied up to there; fails at the bound, and at once when its applier stops. */
  | {
      readonly kind: "wait-position";
      readonly node: string;
      readonly channel: string;
      readonly position: PositionSource;
      readonly by: "gtid" | "file";
      readonly timeoutSeconds: number;
    }
  /** Failover: waits until all that was received is applied; fails when the applier stops. */
  | {
      readonly kind: "drain-relay";
      readonly node: string;
      readonly channel: string;
      readonly by: "gtid" | "file";
      readonly timeoutSeconds: number;
    }
  /** Failover: fails when another of these replicas has applied something that the node lacks. */
  | {
      readonly kind: "confirm-most-advanced";
      readonly node: string;
      readonly others: readonly string[];
      readonly by: "gtid" | "file";
      readonly channel: string;
    }
  /** Fails when the node has a transaction that `within` lacks (divergence); the node is read first. */
  | { readonly kind: "confirm-contained"; readonly node: string; readonly within: string; readonly by: "gtid" }
  /** MariaDB: `SET GLOBAL gtid_slave_pos` to the per-domain maximum of the node's own gtid_binlog_pos and gtid_slave_pos. */
  | { readonly kind: "gtid-position"; readonly node: string }
  | {
      readonly kind: "change-source";
      readonly node: string;
      readonly channel: string;
      readonly host: string;
      readonly port: number;
      /** How positions are found: MySQL auto-position, MariaDB gtid_slave_pos, or coordinates. */
      readonly follow: "auto-position" | "gtid-pos" | "file";
      /** For `file`; null otherwise. */
      readonly position: PositionSource | null;
      /** `keep`: user, password and TLS stay as the channel has them; `configured`: `replication:` of the config; `from-node`: read from that node (MySQL keeps them readable). */
      readonly login:
        | { readonly kind: "keep" }
        /** `like`: a channel that logs in so already, encrypted as this one has to be. */
        | { readonly kind: "configured"; readonly like?: { readonly node: string; readonly channel: string } }
        | { readonly kind: "from-node"; readonly node: string; readonly channel: string };
    }
  /** `RESET REPLICA ALL` of one channel. `keepsLogin`: without ALL, so that it still knows its source and how to log in (MySQL 5.7 and newer). */
  | {
      readonly kind: "reset-replication";
      readonly node: string;
      readonly channel: string;
      readonly keepsLogin?: boolean;
    }
  /** `SET PERSIST` (MySQL 8.0+). */
  | { readonly kind: "persist-read-only"; readonly node: string; readonly on: boolean }
  /** Connects through the writer's address and asks who answers; right when it is the node, or one of the others that are meant to write too. */
  | { readonly kind: "probe-writer"; readonly node: string; readonly others?: readonly string[] };

/** Something that can be read on a server and is true, false or unknown. Unknown counts as not true. */
export type Fact =
  | {
      readonly kind: "admin-state";
      readonly haproxy: string;
      readonly backend: string;
      readonly server: string;
      readonly state: AdminState;
    }
  | {
      readonly kind: "weight";
      readonly haproxy: string;
      readonly backend: string;
      readonly server: string;
      readonly weight: number;
    }
  | { readonly kind: "no-sessions"; readonly haproxy: string; readonly backend: string; readonly server: string }
  | { readonly kind: "pid"; readonly haproxy: string; readonly pid: number }
  | {
      readonly kind: "replication";
      readonly node: string;
      readonly channel: string;
      /** Null = either. */
      readonly io: "running" | "stopped" | null;
      readonly sql: "running" | "stopped" | null;
    }
  | { readonly kind: "read-only"; readonly node: string; readonly on: boolean; readonly superToo: boolean }
  | { readonly kind: "session-gone"; readonly node: string; readonly sessionId: number }
  /** read_only, whatever super_read_only says. */
  | { readonly kind: "writable"; readonly node: string; readonly is: boolean }
  /** The channel is there and points to that address; threads as above. */
  | {
      readonly kind: "follows";
      readonly node: string;
      readonly channel: string;
      readonly host: string;
      readonly port: number;
      readonly io: "running" | "stopped" | null;
      readonly sql: "running" | "stopped" | null;
    }
  | { readonly kind: "no-channel"; readonly node: string; readonly channel: string }
  | { readonly kind: "event-scheduler"; readonly node: string; readonly on: boolean }
  | { readonly kind: "semi-sync-source"; readonly node: string; readonly on: boolean }
  | { readonly kind: "applier-checkpoint"; readonly node: string; readonly milliseconds: number }
  /** The floating address stands on the host, and on no other machine; each of `others` has to tell. */
  | {
      readonly kind: "address-at";
      readonly host: string;
      readonly address: string;
      readonly others: readonly string[];
    }
  /** The number in a file that keepalived watches. */
  | { readonly kind: "track-file"; readonly host: string; readonly file: string; readonly value: number };
