/** The TCP server of one simulated node. It follows the node's process: closed while stopped, mute while frozen. */
import { createServer, type Server, type Socket } from "node:net";
import { writeBounded } from "../bounded-write.ts";
import type { Node, World } from "../world/state.ts";
import { MysqlConnection } from "./connection.ts";

/** A client that says nothing before its login is sent away after this, as with connect_timeout. */
const loginTimeoutMs = 10_000;

export interface NodeServer {
  /** Brings listener and sockets in line with the state of the node's process. */
  follow(): void;
  close(): Promise<void>;
}

/** Binds a free port of `host` and closes it again, so that it can be given to a node. @throws system errors of listen */
export function reservePort(host: string): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => {
      const address = server.address();
      resolve({ server, port: typeof address === "object" && address !== null ? address.port : 0 });
    });
  });
}

/** Takes over a listening server from {@link reservePort}. @param beforeCommand brings the world up to date. */
export function createNodeServer(world: World, node: Node, server: Server, beforeCommand: () => void): NodeServer {
  const sockets = new Set<Socket>();
  const held: Socket[] = [];
  let stopped = false;
  let frozen = false;

  const serve = (socket: Socket): void => {
    const connection = new MysqlConnection({
      world,
      node,
      peer: `${socket.remoteAddress ?? "127.0.0.1"}:${socket.remotePort ?? 0}`,
      write: (bytes) => writeBounded(socket, bytes),
      end: () => socket.end(),
      destroy: () => socket.destroy(),
    });
    socket.setTimeout(loginTimeoutMs, () => socket.destroy());
    socket.on("data", (chunk) => {
      beforeCommand();
      socket.setTimeout(0);
      connection.receive(chunk);
    });
    socket.once("close", () => connection.closed());
    socket.resume();
  };

  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    if (node.process === "frozen") held.push(socket.pause());
    else if (node.process === "running") serve(socket);
    else socket.destroy();
  });
  server.on("error", () => {
    // The port was taken while the node was down: the next follow() tries again.
    stopped = true;
  });

  const stop = (): void => {
    stopped = true;
    held.length = 0;
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  const thaw = (): void => {
    frozen = false;
    for (const socket of sockets) if (!held.includes(socket)) socket.resume();
    for (const socket of held.splice(0)) if (!socket.destroyed) serve(socket);
  };
  return {
    follow: () => {
      if (node.process === "stopped" && !stopped) stop();
      if (node.process !== "stopped" && stopped && !server.listening) {
        stopped = false;
        server.listen({ host: node.host, port: node.port });
      }
      if (node.process === "frozen" && !frozen) {
        frozen = true;
        for (const socket of sockets) socket.pause();
      }
      if (node.process !== "frozen" && frozen) thaw();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        if (server.listening) server.close(() => resolve());
        else resolve();
      }),
  };
}
