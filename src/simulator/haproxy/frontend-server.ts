/** The port of a `listen`: TCP clients from outside get the server HAProxy would give them, and are a session of it. */
import { connect as openSocket, type Server, type Socket } from "node:net";
import { addSession, chooseServer, closeSession } from "../world/sessions.ts";
import type { Backend, World } from "../world/state.ts";

export interface FrontendServer {
  readonly port: number;
  /** Brings it in line with the processes behind it. */
  follow(): void;
  close(): Promise<void>;
}

interface Place {
  readonly world: World;
  /** Who answers there now; null: nobody does. */
  readonly backend: () => Backend | null;
  /** Brings the world up to date before a server is chosen. */
  readonly beforeConnect: () => void;
}

function join(client: Socket, server: Socket, left: () => void): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on("error", () => from.destroy());
    from.on("close", () => {
      to.destroy();
      left();
    });
    from.pipe(to);
  }
}

/** HAProxy accepts first and looks for a server then: a client for whom there is none is cut off without a word. */
function serve({ world, backend, beforeConnect }: Place, client: Socket): void {
  client.on("error", () => client.destroy());
  beforeConnect();
  const here = backend();
  const chosen = here === null ? null : chooseServer(here);
  if (chosen === null) {
    client.destroy();
    return;
  }
  const server = openSocket({ host: chosen.host, port: chosen.port });
  const session = addSession(world, chosen, 0, () => {
    client.destroy();
    server.destroy();
  });
  join(client, server, () => closeSession(session));
}

/** Takes over a listening server whose port is known. */
export function createFrontendServer(place: Place, listener: Server, port: number, host: string): FrontendServer {
  const open = new Set<Socket>();
  listener.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    serve(place, socket);
  });
  // A port that was taken meanwhile: the next follow() tries again.
  listener.on("error", () => undefined);
  const drop = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    follow: () => {
      const isThere = place.backend() !== null;
      if (isThere === listener.listening) return;
      if (isThere) listener.listen({ host, port });
      else {
        drop();
        listener.close();
      }
    },
    close: async () => {
      drop();
      if (listener.listening) await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
