/** What the servers do differently when they replicate; their words are in the texts. */
import type { BinlogEvent, Channel, GtidPosition, Node } from "../state.ts";

interface Fatal {
  readonly code: number;
  readonly message: string;
}

export interface ReplicationRules {
  readonly version: string;
  /** Bytes before the first event of a binary log. */
  readonly headerBytes: number;
  /** How a channel that uses GTIDs finds its position when nothing else is said. */
  readonly followsBy: Channel["usingGtid"];
  /** Domain of what the node commits itself. */
  readonly domainOf: (node: Node) => number;
  /** Whether what was received and not applied is there after a connection was lost. */
  readonly keepsRelayLog: boolean;
  /** What a receiver that uses GTIDs tells its source to have. */
  readonly askedPosition: (node: Node, channel: Channel) => GtidPosition;
  /** Whether an event of its source never gets into the relay log. */
  readonly isPassedOver: (node: Node, channel: Channel, event: BinlogEvent) => boolean;
  /** What a source says to a replica that has what the source never had; null when it goes along. */
  readonly findUnknown: (source: Node, position: GtidPosition) => string | null;
  readonly purged: string;
  readonly impossible: (file: string, pos: number) => string;
  readonly fatalRead: (reason: string) => Fatal;
  readonly sameServerId: Fatal;
  /** @param address `user@host:port` */
  readonly cannotConnect: (address: string, reason: string) => string;
  readonly refused: (host: string, port: number) => string;
  readonly timedOut: (host: string, port: number) => string;
  /** Text of an applier's error. @param says what the transaction itself ran into */
  readonly applierError: (event: BinlogEvent, says: string) => string;
}
