import { createServer, type Server } from "node:net";

/** Below the usual ephemeral range (32768…), so that an outgoing connection never takes a port between choosing and binding. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => resolve(server));
  });
}

/** `count` different TCP ports that were free on 127.0.0.1 a moment ago. All are held until the last is found. */
export async function findFreePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    const server = await listenOn(port);
    if (server) {
      held.push(server);
      ports.push(port);
    }
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
