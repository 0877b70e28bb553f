/** Bytes that lie in the terminal's buffer and that the event loop has not read yet: what was typed before this very moment. */
import { readFileSync, readSync } from "node:fs";

const CHUNK_BYTES = 4_096;
const O_NONBLOCK = 0o4000;

/** Reads without waiting; empty when there is nothing. */
export type ReadPending = () => Uint8Array;

/**
 * Null where it cannot be done without the risk of waiting: only Linux tells whether a descriptor would block. libuv opens terminals a
 * second time, so the descriptor is the one of its handle, for which Node has no public name.
 */
export function createReadPending(stdin: NodeJS.ReadStream): ReadPending | null {
  const { _handle: handle } = stdin as { _handle?: { readonly fd?: number } };
  const fd = handle?.fd;
  if (typeof fd !== "number" || fd < 0 || !isNonBlocking(fd)) return null;
  return () => {
    const bytes = Buffer.alloc(CHUNK_BYTES);
    try {
      return bytes.subarray(0, readSync(fd, bytes, 0, CHUNK_BYTES, null));
    } catch {
      // EAGAIN: nothing is there. A terminal that is gone is noticed by the stream itself.
      return bytes.subarray(0, 0);
    }
  };
}

function isNonBlocking(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? "0";
    return (Number.parseInt(flags, 8) & O_NONBLOCK) !== 0;
  } catch {
    return false;
  }
}
