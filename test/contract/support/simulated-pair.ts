/** The active/backup pair of the simulator as a place for tests of the writer. */
import { type Connection, createConnection } from "mysql2/promise";
import { startSimulator } from "../../../src/simulator/index.ts";
import { breakApplier, freezeNode, killNode, thawNode } from "../../../src/simulator/world/faults.ts";
import { closeSession } from "../../../src/simulator/world/sessions.ts";
import type { Node, ProductName, World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";
import { queryRows } from "../../lab/connection.ts";
import { waitFor } from "../../lab/wait.ts";
import type { PlaceAccount, PlaceNode, WriterPlace } from "./writer-place.ts";

const words: Readonly<Record<ProductName, string>> = { mariadb: "SLAVE", mysql: "REPLICA" };

const account = (user: string): PlaceAccount => ({ user, password: `demo-${user}` });
const accounts: WriterPlace["accounts"] = {
  admin: account("admin"),
  ops: account("ops"),
  viewer: account("viewer"),
  app: account("app"),
  repl: account("repl"),
  nopriv: account("nopriv"),
};

export async function startSimulatedPair(product: ProductName): Promise<WriterPlace> {
  const simulator = await startSimulator({ shape: "r3", product, incidents: false, trafficPerSecond: 0 });
  const { world, settle } = simulator;
  const [source, replica] = world.nodes;
  if (source === undefined || replica === undefined) throw new Error("the pair has no two nodes");
  const change = (node: Node, apply: (world: World, node: Node) => void): void => {
    apply(world, node);
    settle();
  };
  const place = (node: Node, other: Node): PlaceNode => {
    const { name, host, port } = node;
    const withAdmin = async <T>(work: (session: Connection) => Promise<T>): Promise<T> => {
      const session = await createConnection({ host, port, ...accounts.admin });
      try {
        return await work(session);
      } finally {
        session.destroy();
      }
    };
    const query = (sql: string) => withAdmin((session) => queryRows(session, sql));
    const setApplier = async (action: "START" | "STOP"): Promise<void> => {
      await query(`${action} ${words[product]} SQL_THREAD`);
    };
    return {
      name,
      host,
      port,
      query,
      withAdmin,
      replicaStatus: async () => (await query(`SHOW ${words[product]} STATUS`))[0],
      startApplier: () => setApplier("START"),
      stopApplier: () => setApplier("STOP"),
      breakApplier: async () => {
        change(node, breakApplier);
        await place(other, node).query("INSERT INTO shop.orders (writer, seq) VALUES (9, 9)");
        await waitFor("a broken applier", () => node.channels.every(({ applier }) => !applier.running));
      },
      repairApplier: () => setApplier("START"),
      freeze: async () => change(node, freezeNode),
      thaw: () => change(node, thawNode),
      kill: async () => change(node, killNode),
    };
  };
  for (const { backends } of world.haproxies)
    for (const backend of backends) {
      // Nobody but the tests: a lab has no clients either.
      backend.wantedSessions = 0;
      for (const { sessions } of backend.servers) for (const session of [...sessions]) closeSession(session);
    }
  return {
    source: place(source, replica),
    replica: place(replica, source),
    accounts,
    // The simulated servers do not know CREATE EVENT: it is put there.
    addEvent: async (name) => {
      source.events.push({ schema: "shop", name, definer: "app@%", status: "DISABLED" });
      replica.events.push({ schema: "shop", name, definer: "app@%", status: "SLAVESIDE_DISABLED" });
      return "utf8mb4";
    },
    dropEvent: async (name) => {
      for (const { events } of [source, replica])
        events.splice(
          events.findIndex((event) => event.name === name),
          1,
        );
    },
    hasten: async (work) => {
      const clock = setInterval(() => change(source, () => stepWorld(world, 500)), 20);
      try {
        return await work();
      } finally {
        clearInterval(clock);
      }
    },
    stop: () => simulator.stop(),
  };
}
