/** What a host says of the programs that could move the floating address: asked right before and while it is moved. Pure data. */

/** By which right a program can be run there. `sudo`: a rule allows it without a terminal. */
export type RunRight = "root" | "sudo" | "none";

/** How a change of holders is brought about; what it becomes on the host is built by drivers/host. */
export type AddressMeans =
  /** `hb_standby local|foreign`: gives the resources that this node prefers, or those that the other one does, to the other node. */
  | {
      readonly by: "heartbeat";
      readonly program: string;
      readonly what: "local" | "foreign";
      readonly sudo: boolean;
    }
  /** A number written to a file that a `track_file` of the instance watches: times its weight it is added to the priority. */
  | { readonly by: "keepalived"; readonly file: string; readonly value: number };

export interface MoveFacts {
  /** `uname -n`; null when not told. */
  readonly nodeName: string | null;
  /** Null where there is no Heartbeat. */
  readonly heartbeat: HeartbeatFacts | null;
  /** Null where there is no keepalived. */
  readonly keepalived: KeepalivedFacts | null;
}

export interface HeartbeatFacts {
  /** By which right hb_standby can be run; null: could not be told, or there is none. */
  readonly right: RunRight | null;
}

export interface KeepalivedFacts {
  /** Null when the configuration was read and has one instance with the address; else why there is no instance to speak of. */
  readonly problem: string | null;
  readonly instance: KeepalivedInstance | null;
}

/** The vrrp_instance that has the address, as its configuration file says. */
export interface KeepalivedInstance {
  readonly name: string;
  /** `priority`; 100 where the file has none. */
  readonly priority: number;
  readonly preempts: boolean;
  /** Name of its vrrp_sync_group; null without. */
  readonly syncGroup: string | null;
  /** Words of the instance that change its priority too, e.g. `track_script`. */
  readonly otherTracks: readonly string[];
  readonly trackFiles: readonly TrackFile[];
}

export interface TrackFile {
  readonly name: string;
  /** Null: not an absolute path, or the block is not in the file. */
  readonly path: string | null;
  /** What the number is multiplied by; the sign is turned where it is `reverse`. */
  readonly weight: number;
  /** The number in it; 0 when it is empty, null when it could not be read. */
  readonly value: number | null;
  /** Null: could not be told. */
  readonly writable: boolean | null;
}
