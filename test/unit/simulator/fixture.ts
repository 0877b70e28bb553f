/** A simulated R1 without sockets. */
import { createWorld } from "../../../src/simulator/world/create-world.ts";
import type { Node, ProductName, ProxyServer, World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";

export interface FixtureOptions {
  readonly seed?: number;
  readonly incidents?: boolean;
  readonly transactionsPerSecond?: number;
  readonly extraServers?: number;
  readonly nodes?: number;
  readonly product?: ProductName;
}

export const startAtMs = Date.UTC(2026, 10, 20, 20, 0, 0);

export function createFixture(options: FixtureOptions = {}): World {
  return createWorld({
    startAtMs,
    product: options.product ?? "mariadb",
    seed: options.seed ?? 7,
    transactionsPerSecond: options.transactionsPerSecond ?? 40,
    ports: Array.from({ length: options.nodes ?? 4 }, (_, index) => 3301 + index),
    extraServers: options.extraServers ?? 0,
    incidents: options.incidents ?? false,
    host: "127.0.0.1",
    pid: 4711,
  });
}

export function nodeNamed(world: World, name: string): Node {
  const node = world.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
}

/** @param address `backend/server` */
export function serverNamed(world: World, address: string): ProxyServer {
  for (const backend of world.haproxies.flatMap((haproxy) => haproxy.backends)) {
    for (const server of backend.servers) if (`${backend.name}/${server.name}` === address) return server;
  }
  throw new Error(`no server ${address}`);
}

/** Lets the world live in steps of 250 ms until the condition holds; the seconds that took. Fails after `limitSeconds`. */
export function liveUntil(world: World, limitSeconds: number, condition: () => boolean): number {
  const fromMs = world.nowMs;
  while (!condition()) {
    if (world.nowMs - fromMs > limitSeconds * 1000) throw new Error(`not within ${limitSeconds} s: ${condition}`);
    stepWorld(world, 250);
  }
  return (world.nowMs - fromMs) / 1000;
}
