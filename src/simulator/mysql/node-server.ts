/** The TCP server of one simulated node. It follows the node's process: closed while stopped, mute while frozen. */
import { createServer, type Server, type Socket } from "node:net";
import { writeBounded } from "../bounded-write.ts";
import type { Node, World } from "../world/state.ts";
import { MysqlConnection } from "./connection.ts";

/** A client that says nothing before its login is sent away after this, as with connect_timeout. */
const loginTimeoutMs = 10_000;

/** Binds a free port of `host`, so that it can be given to a node. @throws system errors of listen */
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

export class NodeServer {
  readonly #world: World;
  readonly #node: Node;
  readonly #server: Server;
  readonly #beforeCommand: () => void;
  readonly #sockets = new Set<Socket>();
  /** Accepted while the node was frozen: not even greeted yet. */
  readonly #held = new Set<Socket>();
  #stopped = false;
  #frozen = false;

  /**
   * Takes over a listening server from {@link reservePort}.
   * @param beforeCommand brings the world up to date, which may end or freeze this very node
   */
  constructor(world: World, node: Node, server: Server, beforeCommand: () => void) {
    this.#world = world;
    this.#node = node;
    this.#server = server;
    this.#beforeCommand = beforeCommand;
    server.on("connection", (socket: Socket) => this.#accept(socket));
    server.on("error", () => {
      // The port was taken while the node was down: the next follow() tries again.
      this.#stopped = true;
    });
  }

  /** Brings listener and sockets in line with the state of the node's process. */
  follow(): void {
    const { process } = this.#node;
    if (process === "stopped" && !this.#stopped) this.#stop();
    if (process !== "stopped" && this.#stopped && !this.#server.listening) {
      this.#stopped = false;
      this.#server.listen({ host: this.#node.host, port: this.#node.port });
    }
    if (process === "frozen" && !this.#frozen) {
      this.#frozen = true;
      for (const socket of this.#sockets) socket.pause();
    }
    if (process !== "frozen" && this.#frozen) this.#thaw();
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#node.process === "running") this.#serve(socket);
    else if (this.#node.process === "frozen") this.#held.add(socket.pause());
    else socket.destroy();
  }

  #serve(socket: Socket): void {
    const connection = new MysqlConnection({
      world: this.#world,
      node: this.#node,
      peer: `${socket.remoteAddress ?? "127.0.0.1"}:${socket.remotePort ?? 0}`,
      write: (bytes) => writeBounded(socket, bytes),
      end: () => socket.end(),
      destroy: () => socket.destroy(),
      refresh: this.#beforeCommand,
    });
    socket.setTimeout(loginTimeoutMs, () => socket.destroy());
    socket.on("data", (chunk) => this.#take(socket, connection, chunk));
    socket.once("close", () => connection.closed());
    socket.resume();
  }

  #take(socket: Socket, connection: MysqlConnection, chunk: Buffer): void {
    this.#beforeCommand();
    if (socket.destroyed) return;
    if (this.#node.process === "frozen") {
      // It froze just now: what arrived waits in its buffers, as in the kernel's.
      socket.pause();
      socket.unshift(chunk);
      return;
    }
    socket.setTimeout(0);
    connection.receive(chunk);
  }

  #stop(): void {
    this.#stopped = true;
    this.#held.clear();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #thaw(): void {
    this.#frozen = false;
    for (const socket of this.#sockets) if (!this.#held.has(socket)) socket.resume();
    for (const socket of this.#held) if (!socket.destroyed) this.#serve(socket);
    this.#held.clear();
  }
}
