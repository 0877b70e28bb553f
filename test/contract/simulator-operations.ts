/** Operations of the program on a simulated cluster, and what must be true of it afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings, readSurroundings } from "../../src/config/load-settings.ts";
import { openOperations } from "../../src/engine/operations.ts";
import type { CommandRequest, OperationProgress } from "../../src/model/operation.ts";
import type { RunOptions } from "../../src/operations/operations.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/index.ts";
import { countLostWrites } from "../../src/simulator/world/ledger.ts";
import { chosenServers } from "../../src/simulator/world/proxy-state.ts";
import type { Node, ProxyServer } from "../../src/simulator/world/state.ts";
import { waitFor } from "../lab/wait.ts";
import { buildRequest } from "../support/requests.ts";

type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

export interface Training {
  readonly simulator: Simulator;
  run(request: Ask, options?: RunOptions): Promise<OperationProgress>;
  promote(to: string, failover?: boolean): Promise<OperationProgress>;
  node(name: string): Node;
  /** @param path `backend/server`, on the first HAProxy */
  server(path: string): ProxyServer;
  /** Brings the world up to date after it was changed from outside. */
  change(apply: (world: Simulator["world"], node: Node) => void, name: string): void;
  /** Whether every node that runs takes connections, and every HAProxy. */
  isReachable(): Promise<boolean>;
  stop(): Promise<void>;
}

function canConnect(
  to: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(to);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** The configuration is read as `signalbox demo` reads it, the journal is the test's own. */
export async function startTraining(options: SimulatorOptions = {}): Promise<Training> {
  return openTraining(await startSimulator({ incidents: false, ...options }));
}

export async function openTraining(simulator: Simulator): Promise<Training> {
  const dir = mkdtempSync(join(tmpdir(), "sbx-training-"));
  const configFile = join(dir, "signalbox.yaml");
  writeFileSync(configFile, simulator.configYaml, { mode: 0o600 });
  const nothing = { cluster: null, haproxyUrls: [], mysqlUrls: [], readOnly: false, theme: null, interval: null };
  const { settings } = await loadSettings({ configFile, ...nothing }, readSurroundings({}, dir));
  const env = { SIGNALBOX_STATE_DIR: join(dir, "state") };
  const { world } = simulator;
  const node = (name: string): Node => {
    const found = world.nodes.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  };
  // As every command of the shell: what an earlier one has just looked at is looked at again.
  const run: Training["run"] = async (request, runOptions = {}) => {
    const operations = openOperations(settings, { env });
    if (operations === null) throw new Error("operations are missing although not read-only");
    try {
      return await operations.run(await operations.plan(buildRequest({ cluster: "demo", ...request })), runOptions);
    } finally {
      await operations.close();
    }
  };
  return {
    simulator,
    run,
    node,
    promote: (to, failover = false) =>
      run({ command: "promote", targets: [to], promotion: { failover, acceptLoss: false } }),
    server: (path) => {
      const [backend, name] = path.split("/");
      const servers = world.haproxies[0]?.backends.find((each) => each.name === backend)?.servers;
      const found = servers?.find((each) => each.name === name);
      if (found === undefined) throw new Error(`no server ${path}`);
      return found;
    },
    change: (apply, name) => {
      apply(world, node(name));
      simulator.settle();
    },
    isReachable: async () => {
      const nodes = world.nodes.filter(({ process }) => process === "running");
      const sockets = simulator.haproxies.filter((_paths, index) => world.haproxies[index]?.running === true);
      const places = [
        ...nodes.map(({ host, port }) => ({ host, port })),
        ...sockets.map(({ socketPath }) => ({ path: socketPath })),
      ];
      return (await Promise.all(places.map(canConnect))).every(Boolean);
    },
    stop: async () => {
      await simulator.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface ExpectedEnd {
  readonly primary: string;
  /** Who follows somebody else than the primary. */
  readonly below?: Readonly<Record<string, string>>;
  /** Acknowledged writes that may be missing on the primary. */
  readonly lost?: number;
}

function follows(replica: Node, source: Node): boolean {
  return replica.channels.some(
    ({ sourcePort, receiver, applier }) => sourcePort === source.port && receiver.state === "yes" && applier.running,
  );
}

/** Waits for replication, then says what is not as it must be: nothing is asked of the program, all of the world itself. */
export async function findDeviations({ simulator, node }: Training, expected: ExpectedEnd): Promise<string[]> {
  const { world } = simulator;
  const primary = node(expected.primary);
  const found: string[] = [];
  for (const replica of world.nodes.filter((each) => each !== primary && each.process === "running")) {
    const source = node(expected.below?.[replica.name] ?? expected.primary);
    await waitFor(`${replica.name} to follow ${source.name}`, async () => follows(replica, source)).catch(
      (error: unknown) => found.push(String(error)),
    );
    if (!replica.readOnly) found.push(`${replica.name} is writable`);
  }
  if (primary.readOnly) found.push(`${primary.name} is read-only`);
  for (const haproxy of world.haproxies) {
    const backend = haproxy.backends.find(({ role }) => role === "write");
    const writers = backend === undefined ? [] : chosenServers(backend).map((server) => server.node?.name);
    if (writers.join() !== primary.name) found.push(`${haproxy.name} sends writes to ${writers.join() || "nobody"}`);
  }
  const before = world.ledger.acknowledged;
  await waitFor("writes to go on", async () => world.ledger.acknowledged > before + 5);
  const lost = countLostWrites(world, primary);
  if (lost !== (expected.lost ?? 0)) found.push(`${lost} acknowledged writes are not on ${primary.name}`);
  return found;
}
