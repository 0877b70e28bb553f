/** Writing to clients that may never read. */
import type { Socket } from "node:net";

const longestBacklogBytes = 64 * 1024 * 1024;

/** Writes, or ends the connection of a client that lets too much pile up. */
export function writeBounded(socket: Socket, data: Buffer | string): void {
  if (socket.writableLength > longestBacklogBytes) socket.destroy();
  else socket.write(data);
}
