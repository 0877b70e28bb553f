/** The runtime socket: framing, slots and time limits of `stats socket` in HAProxy 2.6. */
import { createServer, type Server, type Socket } from "node:net";
import { writeBounded } from "../bounded-write.ts";
import type { Haproxy, World } from "../world/state.ts";
import type { CliLevel, CliSession, CommandContext } from "./command.ts";
import { runLine } from "./interpreter.ts";

/** tune.bufsize: 2.6 closes without a word when a line does not fit. */
const longestLineBytes = 16_384;
const idleTimeoutMs = 10_000;
/** `stats maxconn`: connections beyond it are accepted by the kernel and get no answer until one is free. */
const slots = 10;

export interface CliServer {
  /** Opens a further socket of the process. Rejects when it cannot be bound. */
  listen(path: string, level: CliLevel): Promise<void>;
  /** Brings the sockets in line with the process of the HAProxy: gone while it is. */
  follow(): void;
  close(): Promise<void>;
}

/** Feeds bytes of one connection to the interpreter; `write` and `end` are the socket's. */
export function createCliConnection(
  context: CommandContext,
  write: (text: string) => void,
  end: () => void,
): (chunk: string) => void {
  const { session } = context;
  let buffer = "";
  return (chunk) => {
    if (session.closing) return;
    buffer += chunk;
    let answered = false;
    for (let lineEnd = buffer.indexOf("\n"); lineEnd !== -1 && !session.closing; lineEnd = buffer.indexOf("\n")) {
      const line = buffer.slice(0, lineEnd);
      buffer = buffer.slice(lineEnd + 1);
      const text = runLine(context, line);
      context.haproxy.bytesOut += text.length;
      write(text);
      answered = true;
    }
    // Without a prompt one packet of lines is all a connection is for: what comes later is lost.
    if ((answered && !session.prompt) || session.closing || buffer.length > longestLineBytes) {
      session.closing = true;
      end();
    }
  };
}

function createSession(level: CliLevel): CliSession {
  return { level, prompt: false, closing: false, idleTimeoutMs, severity: "none" };
}

function serveSocket(context: CommandContext, socket: Socket, beforeCommand: () => void): void {
  const { session } = context;
  const receive = createCliConnection(
    context,
    (text) => writeBounded(socket, text),
    () => socket.end(),
  );
  socket.setEncoding("latin1");
  socket.setTimeout(session.idleTimeoutMs, () => socket.destroy());
  socket.on("data", (chunk) => {
    beforeCommand();
    receive(String(chunk));
    socket.setTimeout(session.idleTimeoutMs);
  });
  socket.on("end", () => socket.end());
  socket.resume();
}

/** @param beforeCommand brings the world up to date before it is looked at. */
export function createCliServer(world: World, haproxy: Haproxy, beforeCommand: () => void): CliServer {
  const open = new Set<Socket>();
  const waiting: { readonly socket: Socket; readonly level: CliLevel }[] = [];
  let busy = 0;

  const serve = (socket: Socket, level: CliLevel): void => {
    busy += 1;
    haproxy.cliConnections += 1;
    serveSocket({ world, haproxy, session: createSession(level) }, socket, beforeCommand);
    socket.once("close", () => {
      busy -= 1;
      let next = waiting.shift();
      while (next?.socket.destroyed) next = waiting.shift();
      if (next !== undefined) serve(next.socket, next.level);
    });
  };

  const accept = (socket: Socket, level: CliLevel): void => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open.delete(socket));
    if (busy < slots) serve(socket, level);
    else waiting.push({ socket, level });
  };
  const listeners: { readonly path: string; readonly server: Server }[] = [];
  const drop = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    listen: (path, level) =>
      new Promise((resolve, reject) => {
        const options = { allowHalfOpen: true, pauseOnConnect: true };
        const server = createServer(options, (socket) => accept(socket, level));
        listeners.push({ path, server });
        server.once("error", reject);
        server.listen(path, () => {
          server.removeListener("error", reject);
          server.on("error", () => undefined);
          resolve();
        });
      }),
    follow: () => {
      for (const { path, server } of listeners) {
        if (haproxy.running && !server.listening) server.listen(path);
        if (!haproxy.running && server.listening) server.close();
      }
      if (!haproxy.running) drop();
    },
    close: async () => {
      drop();
      const listening = listeners.filter(({ server }) => server.listening);
      await Promise.all(listening.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
}
