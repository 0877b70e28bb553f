/** From a configured location to the way a stream to its socket is opened; shared by reader and writer. */
import type { HaproxyLocation } from "../../model/settings.ts";
import { DriverError } from "../errors.ts";
import { createTcpOpener, createUnixOpener, type StreamOpener } from "./stream-opener.ts";

export type SocketLocation = Exclude<HaproxyLocation, { kind: "stats" | "sql-admin" }>;

/** Touches nothing: what is wrong with the location shows when the opener is called. */
export function createOpener(location: SocketLocation, target: string): StreamOpener {
  switch (location.kind) {
    case "unix":
      return createUnixOpener(location.path, target);
    case "tcp":
      return createTcpOpener(location.host, location.port, target);
    case "ssh":
      return () => Promise.reject(buildSshError(target));
  }
}

/** Sessions are shared by everything that goes through a host, so they are not made here. */
function buildSshError(target: string): DriverError {
  const message = "No SSH session was given for this socket.";
  return new DriverError({ kind: "unsupported", target, operation: "connect", message });
}
