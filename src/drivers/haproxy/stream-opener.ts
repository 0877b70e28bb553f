/** How a byte stream to a stats socket comes about. Unix and TCP here; an SSH channel is one more opener. */
import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { DriverError } from "../errors.ts";
import { lookupName } from "../name-lookup/lookup.ts";
import { buildConnectError } from "./connect-error.ts";

/**
 * Opens one connected stream that belongs to the caller. Must reject when the signal aborts, and then leave nothing open.
 * @throws DriverError
 */
export type StreamOpener = (signal: AbortSignal) => Promise<Duplex>;

/** Bytes of `sun_path` on Linux without its closing NUL. Node 20 silently cuts a longer path and then says ENOENT. */
const MAX_UNIX_PATH_BYTES = 107;
const ABSTRACT_PREFIX = "abns@";

/** Opener for a socket file, or for HAProxy's `abns@name` (Linux abstract namespace). */
export function createUnixOpener(path: string, target: string): StreamOpener {
  return async (signal) => {
    const name = path.startsWith(ABSTRACT_PREFIX) ? path.slice(ABSTRACT_PREFIX.length) : path;
    if (Buffer.byteLength(name) > MAX_UNIX_PATH_BYTES) throw pathTooLong(name, target);
    // HAProxy binds an abstract name with all 108 bytes of the address; newer Node versions send only the bytes given.
    const address = name === path ? path : `\0${name}${"\0".repeat(MAX_UNIX_PATH_BYTES - Buffer.byteLength(name))}`;
    return openSocket({ path: address }, target, signal);
  };
}

export function createTcpOpener(host: string, port: number, target: string): StreamOpener {
  return (signal) => openSocket({ host, port, noDelay: true, lookup: lookupName }, target, signal);
}

function openSocket(address: NetConnectOpts, target: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect(address);
    const settle = (finish: () => void): void => {
      signal.removeEventListener("abort", onAbort);
      socket.off("connect", onConnect);
      socket.off("error", onError);
      finish();
    };
    const fail = (reason: unknown): void =>
      settle(() => {
        // A late error of a socket nobody owns any more must not end the program.
        socket.on("error", () => {});
        socket.destroy();
        reject(reason);
      });
    const onAbort = (): void => fail(signal.reason);
    const onError = (error: Error): void => fail(buildConnectError(error, target));
    const onConnect = (): void => settle(() => resolve(socket));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", onConnect);
    socket.once("error", onError);
  });
}

function pathTooLong(path: string, target: string): DriverError {
  return new DriverError({
    kind: "unsupported",
    target,
    operation: "connect",
    message: `The socket path has ${Buffer.byteLength(path)} bytes; the system allows ${MAX_UNIX_PATH_BYTES}.`,
    advice: "Use a shorter path, for instance a symbolic link to the socket's folder.",
    serverCode: "ENAMETOOLONG",
  });
}
