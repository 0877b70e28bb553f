/** Who holds the address of the clients: hosts whose HAProxy runs, one of them as long as they hear each other. */
import type { FloatingAddress, Haproxy, Host, World } from "./state.ts";

/** @throws RangeError for what is on no host */
export function hostOf({ hosts }: World, member: string): Host {
  const host = hosts.find(({ members }) => members.includes(member));
  if (host === undefined) throw new RangeError(`${member} is on no host`);
  return host;
}

/** Hosts that can hold it now, its home first. */
function listAble(world: World, { home }: FloatingAddress): readonly string[] {
  const able = world.haproxies.filter(({ running }) => running).map(({ name }) => hostOf(world, name).name);
  return [...able.filter((name) => name === home), ...able.filter((name) => name !== home)];
}

/** Names of the hosts that have it on an interface. */
export function listHolders(world: World): readonly string[] {
  const { address } = world;
  if (address === null) return [];
  const able = listAble(world, address);
  if (address.isSplit) return able;
  const isAway = address.isAway && able[0] === address.home;
  return able.slice(0, 1).map((first) => (isAway ? (able[1] ?? first) : first));
}

export function holdsAddress(world: World, { name }: Haproxy): boolean {
  return listHolders(world).includes(hostOf(world, name).name);
}

/**
 * As hb_standby: a host gives away what it prefers (`local`), or what it holds for the other one (`foreign`).
 * @returns why it does nothing; null when it did, also when there was nothing to give
 */
export function giveAway(world: World, host: Host, what: "local" | "foreign"): string | null {
  const { address } = world;
  if (address === null) return null;
  if (address.isSplit) return "the other node is not active";
  const isHome = host.name === address.home;
  if (!listHolders(world).includes(host.name) || isHome !== (what === "local")) return null;
  if (listAble(world, address).length < 2) return "no other node can take the resources";
  address.isAway = isHome;
  return null;
}
