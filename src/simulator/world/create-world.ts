/** Builds a reference cluster in the middle of a calm day: replicas caught up, sessions open. */
import { createRandom } from "../random.ts";
import { commitTransaction } from "./binlog.ts";
import { createChannel, createNode, listAccounts, replicationLogin } from "./create-node.ts";
import { addHaproxies } from "./create-proxy.ts";
import { calmIncidents, incidentCycleMs } from "./incidents.ts";
import { createLedger } from "./ledger.ts";
import { rulesOf } from "./products/select.ts";
import { startThreads } from "./replica-control.ts";
import { type ClusterShape, type ShapeName, selectShape } from "./shapes.ts";
import type { ProductName, World } from "./state.ts";
import { stepWorld } from "./step.ts";

export interface WorldOptions {
  readonly shape?: ShapeName;
  /** What the servers of all its nodes are; MariaDB when nothing is said. */
  readonly product?: ProductName;
  /** Unix milliseconds the world's clock starts at. */
  readonly startAtMs: number;
  readonly seed: number;
  readonly transactionsPerSecond: number;
  /** Ports of the nodes in order; for R1 their number is the number of nodes. */
  readonly ports: readonly number[];
  /** HAProxy servers beside those of the shape, in backends of 20. */
  readonly extraServers: number;
  /** Whether the cluster has its small incidents. */
  readonly incidents: boolean;
  readonly host: string;
  readonly pid: number;
}

/** As in the published set-up of R4. Nothing real has it: it is only on what `ip` prints of simulated hosts. */
const floatingAddress = "10.10.10.1";

/** What is in the configuration file of a node. */
function configuredVariables(shape: ClusterShape, index: number, product: ProductName): ReadonlyMap<string, string> {
  const everywhere: [string, string][] = [["event_scheduler", "ON"]];
  if (!shape.multiWriter) return new Map(everywhere);
  return new Map([
    ...everywhere,
    ["auto_increment_increment", String(shape.nodes.length)],
    ["auto_increment_offset", String(index + 1)],
    ...(product === "mariadb" ? [["gtid_domain_id", String(index + 1)] as [string, string]] : []),
  ]);
}

function addNodes(
  world: World,
  shape: ClusterShape,
  { ports, host, startAtMs, product = "mariadb" }: WorldOptions,
): void {
  for (const [index, { name, readOnly }] of shape.nodes.entries()) {
    const port = ports[index];
    if (port === undefined) throw new RangeError("a node has no port");
    const startedAtMs = startAtMs - 86_400_000 * (index + 2);
    const variables = configuredVariables(shape, index, product);
    world.nodes.push(createNode({ name, index, product, host, port, readOnly, variables, startedAtMs }));
  }
}

function connectReplicas(world: World, shape: ClusterShape): void {
  for (const [index, { follows }] of shape.nodes.entries()) {
    const replica = world.nodes[index];
    const source = world.nodes.find(({ name }) => name === follows);
    if (replica === undefined || source === undefined) continue;
    const channel = createChannel(
      {
        name: "",
        sourceHost: source.host,
        sourcePort: source.port,
        sourceUser: replicationLogin.user,
        sourcePassword: replicationLogin.password,
        sourceServerId: source.serverId,
        usingGtid: rulesOf(replica).followsBy,
      },
      world.nowMs,
    );
    replica.channels.push(channel);
    startThreads(world, channel, "both");
  }
}

/** @throws RangeError when there are fewer ports than nodes, or none */
export function createWorld(options: WorldOptions): World {
  const shape = selectShape(options.shape ?? "r1", options.ports.length);
  const nowMs = options.startAtMs - 2_000;
  const world: World = {
    random: createRandom(options.seed),
    startedAtMs: options.startAtMs,
    nowMs,
    transactionsPerSecond: options.transactionsPerSecond,
    nodes: [],
    haproxies: [],
    accounts: listAccounts(options.product ?? "mariadb"),
    incidents: options.incidents ? calmIncidents : [],
    incidentCycleMs,
    activeIncidents: new Set(),
    ledger: createLedger(nowMs),
    hosts: shape.hosts.map(({ name, members }, index) => ({ name, members, number: 11 + index })),
    address:
      shape.addressHome === null
        ? null
        : { text: floatingAddress, home: shape.addressHome, isAway: false, isSplit: false },
    nextSessionId: 1,
  };
  addNodes(world, shape, options);
  const [primary] = world.nodes;
  if (primary === undefined) throw new RangeError("a cluster needs at least one node");
  commitTransaction(primary, 500, world.nowMs);
  connectReplicas(world, shape);
  addHaproxies(world, shape, options.pid, options.extraServers);
  stepWorld(world, 2_000);
  return world;
}
