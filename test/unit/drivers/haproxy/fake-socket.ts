/** A server on a Unix socket in a temporary folder whose behaviour a test writes itself. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface FakeSocket {
  readonly path: string;
  /** Lines received, oldest first. */
  readonly lines: readonly string[];
  /** Connections open now. */
  readonly openConnections: () => number;
  stop(): Promise<void>;
}

/** Calls `answer` for the first line of each connection; `greet` right when it is made. */
export async function startFakeSocket(
  answer: (line: string, socket: Socket) => void,
  greet: (socket: Socket) => void = () => {},
): Promise<FakeSocket> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-fake-"));
  const path = join(folder, "admin.sock");
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    greet(socket);
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("utf8");
      if (!received.endsWith("\n")) return;
      const line = received.trimEnd();
      received = "";
      lines.push(line);
      answer(line, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    lines,
    openConnections: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
