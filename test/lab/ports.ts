import { createServer, type Server } from "node:net";

/** Below the usual ephemeral range (32768…), so that an outgoing connection never takes a port between choosing and binding. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/** Never given twice: who had it may be down for a moment, and come back to it. */
const given = new Set<number>();

/** `SIGNALBOX_LAB_PORTS=20000-25999`: runs side by side keep to ports of their own, for the same reason. */
function readRange(): readonly [lowest: number, highest: number] {
  const [, lowest, highest] = /^(\d+)-(\d+)$/.exec(process.env.SIGNALBOX_LAB_PORTS ?? "") ?? [];
  return lowest === undefined || highest === undefined
    ? [LOWEST_PORT, HIGHEST_PORT]
    : [Number(lowest), Number(highest)];
}

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
  const [lowest, highest] = readRange();
  while (ports.length < count) {
    const port = lowest + Math.floor(Math.random() * (highest + 1 - lowest));
    const server = given.has(port) ? undefined : await listenOn(port);
    if (server) {
      held.push(server);
      ports.push(port);
      given.add(port);
    }
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
