/** What everybody asks of SSH, whoever does it: a stream to something that another host can reach. */
import type { Duplex } from "node:stream";
import type { RequestBounds } from "../contract.ts";
import type { CommandResult } from "../host/run-command.ts";
import type { SshDestination, SshEndpoint } from "./endpoint.ts";

export interface SshTransport {
  /**
   * A connected stream that belongs to the caller. Nothing is left open when the signal aborts. Sessions are shared and stay.
   * @param target what is to be reached, for errors
   * @throws DriverError, or the signal's reason
   */
  open(endpoint: SshEndpoint, destination: SshDestination, target: string, signal: AbortSignal): Promise<Duplex>;
  /** A program that only reads; left out where none can be run. @throws DriverError, or the signal's reason */
  run?(endpoint: SshEndpoint, argv: readonly string[], target: string, bounds: RequestBounds): Promise<CommandResult>;
  /** Ends every session, and with it every stream. */
  close(): Promise<void>;
}
