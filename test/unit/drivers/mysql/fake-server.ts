import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

/** A TCP server on 127.0.0.1 that treats every connection as told. `connections` counts those that are open now. */
export interface FakeServer {
  readonly port: number;
  readonly open: ReadonlySet<Socket>;
  readonly accepted: () => number;
  close(): Promise<void>;
}

export async function startFakeServer(behave: (socket: Socket) => void): Promise<FakeServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    behave(socket);
    // What nobody listens to has to be read all the same, or the end of the connection is never seen.
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    open,
    accepted: () => accepted,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** One packet: 3 bytes length, sequence number, payload. */
export function buildPacket(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

const capabilities = 0x00_08_a2_85;

/** Protocol 10 greeting of a server that uses mysql_native_password and offers no TLS. */
export function buildGreeting(version = "8.0.36"): Buffer {
  const fixed = Buffer.alloc(31);
  fixed.writeUInt16LE(capabilities & 0xffff, 13);
  fixed[15] = 45;
  fixed.writeUInt16LE(2, 16);
  fixed.writeUInt16LE(capabilities >>> 16, 18);
  fixed[20] = 21;
  fixed.writeUInt32LE(7, 0);
  fixed.fill("abcdefgh", 4, 12);
  const rest = Buffer.from("ijklmnopqrst\0mysql_native_password\0", "latin1");
  return buildPacket(0, Buffer.concat([Buffer.from([10]), Buffer.from(`${version}\0`), fixed, rest]));
}

export const buildOk = (sequence: number): Buffer => buildPacket(sequence, Buffer.from([0, 0, 0, 2, 0, 0, 0]));

export function buildError(sequence: number, code: number, text: string): Buffer {
  const head = Buffer.from([0xff, code & 0xff, code >> 8]);
  return buildPacket(sequence, Buffer.concat([head, Buffer.from(`#HY000${text}`)]));
}

/** Greets, accepts any login, then hands each query packet to `answer`. */
export function afterLogin(answer: (socket: Socket, query: string, count: number) => void): (socket: Socket) => void {
  return (socket) => {
    let step = 0;
    socket.write(buildGreeting());
    socket.on("data", (chunk) => {
      if (step++ === 0) socket.write(buildOk(2));
      else answer(socket, chunk.toString("utf8", 5), step - 1);
    });
  };
}
