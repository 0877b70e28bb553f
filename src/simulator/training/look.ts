/** Questions scenarios ask of the simulated cluster. */
import { chosenServers, isUsable } from "../world/proxy-state.ts";
import { secondsBehind, stepReplication } from "../world/replication.ts";
import type { Node, ProxyServer, World } from "../world/state.ts";

/** @throws RangeError when the scenario and its shape do not fit each other */
export function nodeOf(world: World, name: string): Node {
  const node = world.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new RangeError(`no node ${name}`);
  return node;
}

/** The server on every HAProxy. @param path `backend/server` */
export function serversOf(world: World, path: string): ProxyServer[] {
  const [backendName, serverName] = path.split("/");
  return world.haproxies.flatMap(({ backends }) =>
    backends
      .filter(({ name }) => name === backendName)
      .flatMap(({ servers }) => servers.filter(({ name }) => name === serverName)),
  );
}

/** Takes new connections on every HAProxy. */
export function isInService(world: World, path: string): boolean {
  return serversOf(world, path).every(isUsable);
}

/** Takes no new connections on any HAProxy, because somebody said so. */
export function isTakenOut(world: World, path: string): boolean {
  return serversOf(world, path).every(({ maint, drain }) => maint || drain);
}

/** The one node that takes writes and gets them from every HAProxy; null when it is not so. */
export function findWriter(world: World): Node | null {
  const writable = world.nodes.filter(({ process, readOnly }) => process === "running" && !readOnly);
  const [primary] = writable;
  if (primary === undefined || writable.length > 1) return null;
  const routed = world.haproxies
    .flatMap(({ running, backends }) => (running ? backends.filter(({ role }) => role === "write") : []))
    .every((backend) => chosenServers(backend).every(({ node }) => node === primary));
  return routed ? primary : null;
}

/** Writable nodes that some HAProxy gives new clients of the writes. */
export function listWriters(world: World): readonly Node[] {
  const chosen = world.haproxies
    .filter(({ running }) => running)
    .flatMap(({ backends }) => backends.filter(({ role }) => role === "write"))
    .flatMap((backend) => chosenServers(backend).map(({ node }) => node));
  return world.nodes.filter((node) => node.process === "running" && !node.readOnly && chosen.includes(node));
}

/** Runs on both threads and is at most `seconds` behind. */
export function isFollowing(world: World, replica: Node, source: Node, seconds = 5): boolean {
  return replica.channels.some((channel) => {
    const behind = secondsBehind(world, channel);
    return (
      channel.sourcePort === source.port && channel.sourceHost === source.host && behind !== null && behind <= seconds
    );
  });
}

/** Everybody who runs follows this node, read-only. */
export function isWholeBehind(world: World, primary: Node): boolean {
  return world.nodes
    .filter((node) => node !== primary && node.process === "running")
    .every((node) => node.readOnly && isFollowing(world, node, primary));
}

/** Lets replicas receive what their source has written, so that its death loses nothing. */
export function deliverEverything(world: World): void {
  world.nowMs += 5;
  for (const node of world.nodes) stepReplication(world, node, 5);
}
