/** The runtime socket: framing, slots and time limits of `stats socket` in HAProxy 2.6. */
import { createServer, type Server, type Socket } from "node:net";
import type { Haproxy, World } from "../world/state.ts";
import type { CliLevel, CliSession, CommandContext } from "./command.ts";
import { runLine } from "./interpreter.ts";

/** tune.bufsize: 2.6 closes without a word when a line does not fit. */
const longestLineBytes = 16_384;
const idleTimeoutMs = 10_000;
/** `stats maxconn`: connections beyond it are accepted by the kernel and get no answer until one is free. */
const slots = 10;

export interface CliServer {
  /** Rejects when the socket cannot be bound. */
  listen(path: string): Promise<void>;
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

/** @param beforeCommand brings the world up to date before it is looked at. */
export function createCliServer(world: World, haproxy: Haproxy, level: CliLevel, beforeCommand: () => void): CliServer {
  const open = new Set<Socket>();
  const waiting: Socket[] = [];
  let busy = 0;

  const serve = (socket: Socket): void => {
    busy += 1;
    haproxy.cliConnections += 1;
    const session: CliSession = { level, prompt: false, closing: false, idleTimeoutMs, severity: "none" };
    const receive = createCliConnection(
      { world, haproxy, session },
      (text) => socket.write(text),
      () => socket.end(),
    );
    socket.setEncoding("latin1");
    socket.resume();
    socket.setTimeout(session.idleTimeoutMs, () => socket.destroy());
    socket.on("data", (chunk) => {
      beforeCommand();
      receive(String(chunk));
      socket.setTimeout(session.idleTimeoutMs);
    });
    socket.on("end", () => socket.end());
    socket.once("close", () => {
      busy -= 1;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (!next.destroyed) return serve(next);
      }
    });
  };

  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open.delete(socket));
    if (busy < slots) serve(socket);
    else waiting.push(socket);
  });
  return {
    listen: (path) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(path, () => resolve());
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
