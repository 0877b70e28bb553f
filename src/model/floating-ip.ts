/**
 * Which host holds the floating address. Pure. The address on an interface is the truth; a host that could not be asked is unknown and never
 * counts as one that does not hold it.
 */
import { isLoopback, normalizeHost } from "./address.ts";
import type { MoveFacts } from "./floating-move.ts";
import type { EpochMs, Failure, Reading } from "./reading.ts";
import type { ClusterSettings } from "./settings.ts";

/** The address as it stands on an interface. */
export interface HeldAddress {
  readonly interface: string;
  /** E.g. `eth0:0`; null where it has none. */
  readonly label: string | null;
}

/** What moves the address, as far as it can be told without changing anything; null: not told. */
export interface FloatingTools {
  readonly heartbeat: {
    readonly running: boolean;
    /** Path of hb_standby; null where it is not installed. */
    readonly standbyPath: string | null;
    /** Node that haresources prefers for the address; null when not told. */
    readonly preferred: string | null;
  } | null;
  readonly keepalived: {
    readonly running: boolean;
    /** Names of the vrrp instances in its configuration; null when it cannot be read. */
    readonly instances: readonly string[] | null;
  } | null;
  readonly pacemaker: boolean;
}

export interface HostReport {
  /** Interfaces that are up and have the address, without loopback. */
  readonly held: readonly HeldAddress[];
  /** The same for two ways to one machine, different for any two machines. */
  readonly machine: string;
  readonly tools: FloatingTools | null;
  /** What is only asked right before and while the address is moved; absent otherwise. */
  readonly move?: MoveFacts;
}

/** A machine that could hold the address. */
export interface FloatingHost {
  readonly name: string;
  readonly way:
    | { readonly kind: "local" }
    | { readonly kind: "ssh"; readonly target: string }
    | { readonly kind: "none" };
  /** HAProxies and nodes on it. */
  readonly members: readonly string[];
}

export interface FloatingHostInput extends FloatingHost {
  readonly reading: Reading<HostReport>;
  /** Answers in a row that said the same of the address. */
  readonly sameInRow: number;
}

export interface FloatingHostSnapshot extends FloatingHost {
  readonly state: Reading<unknown>["state"];
  /** Null unless it was read just now. */
  readonly held: readonly HeldAddress[] | null;
  readonly tools: FloatingTools | null;
  /** The same for two ways to one machine; present when it was read just now. */
  readonly machine?: string;
  /** Present where it was asked for, and read just now. */
  readonly move?: MoveFacts;
  /** When it last answered; null when it never did. */
  readonly at: EpochMs | null;
  readonly failure: Failure | null;
}

export interface FloatingIpSnapshot {
  readonly address: string;
  /** `none` and `double` are certain; `unknown`: nobody who answers holds it, and somebody does not answer. */
  readonly state: "held" | "none" | "double" | "unknown";
  readonly holders: readonly string[];
  readonly hosts: readonly FloatingHostSnapshot[];
  /** False while it may be the moment of a move. */
  readonly confirmed: boolean;
}

const THIS_MACHINE = "this machine";

/**
 * Every machine with a HAProxy, and every node with an SSH target. A HAProxy that is reached by TCP is asked through the `ssh` of a node at
 * the same host; without one it cannot be asked.
 */
export function planFloatingHosts(settings: ClusterSettings): readonly FloatingHost[] {
  const hosts = new Map<string, FloatingHost & { members: string[] }>();
  const add = (way: FloatingHost["way"], host: string, member: string) => {
    const name = way.kind === "local" ? THIS_MACHINE : host;
    const key = way.kind === "ssh" ? `ssh ${way.target}` : `${way.kind} ${name}`;
    const known = hosts.get(key);
    if (known === undefined) hosts.set(key, { name, way, members: [member] });
    else if (!known.members.includes(member)) known.members.push(member);
  };
  const behind = (host: string): FloatingHost["way"] => {
    if (isLoopback(host)) return { kind: "local" };
    const node = settings.nodes.find((one) => one.ssh !== null && normalizeHost(one.host) === normalizeHost(host));
    return node?.ssh == null ? { kind: "none" } : { kind: "ssh", target: node.ssh };
  };
  for (const { name, location } of settings.haproxies) {
    if (location.kind === "unix") add({ kind: "local" }, "", name);
    else if (location.kind === "ssh") add({ kind: "ssh", target: formatSshTarget(location) }, location.host, name);
    else {
      const host = location.kind === "stats" ? hostOfUrl(location.url) : location.host;
      const ssh = location.kind === "sql-admin" ? location.ssh : null;
      add(ssh === null ? behind(host) : { kind: "ssh", target: ssh }, host, name);
    }
  }
  for (const { name, host, ssh } of settings.nodes) {
    if (ssh !== null) add({ kind: "ssh", target: ssh }, isLoopback(host) ? ssh.replace(/^.*@/, "") : host, name);
    else if (isLoopback(host)) add({ kind: "local" }, "", name);
  }
  return tellApart([...hosts.values()]);
}

export function buildFloatingIp(address: string, inputs: readonly FloatingHostInput[]): FloatingIpSnapshot {
  const hosts = inputs.map(viewHost);
  const machines = new Map<string, FloatingHostInput[]>();
  for (const input of inputs) {
    if (input.reading.state !== "fresh" || input.reading.value.held.length === 0) continue;
    const { machine } = input.reading.value;
    machines.set(machine, [...(machines.get(machine) ?? []), input]);
  }
  // Two ways to one machine are one holder.
  const holders = [...machines.values()].flatMap(([first]) => first ?? []);
  const silent = hosts.length === 0 || hosts.some(({ held }) => held === null);
  const state = holders.length > 1 ? "double" : holders.length === 1 ? "held" : silent ? "unknown" : "none";
  const concerned = state === "double" ? holders : inputs;
  const confirmed = state === "held" || state === "unknown" || concerned.every(({ sameInRow }) => sameInRow > 1);
  return { address, state, holders: holders.map(({ name }) => name), hosts, confirmed };
}

/** What to say of a picture that is past: who held it is not known to be true now. */
export function markFloatingLost(floatingIp: FloatingIpSnapshot, failure: Failure): FloatingIpSnapshot {
  const hosts = floatingIp.hosts.map(({ machine: _machine, move: _move, ...host }) => ({
    ...host,
    state: "failed" as const,
    held: null,
    failure,
  }));
  return { ...floatingIp, state: "unknown", holders: [], hosts, confirmed: false };
}

function viewHost({ name, way, members, reading }: FloatingHostInput): FloatingHostSnapshot {
  const host = { name, way, members, state: reading.state };
  if (reading.state === "never") return { ...host, held: null, tools: null, at: null, failure: null };
  if (reading.state === "failed") {
    const at = reading.last?.at ?? null;
    return { ...host, held: null, tools: reading.last?.value.tools ?? null, at, failure: reading.failure };
  }
  const { held, tools, machine, move } = reading.value;
  const read = { ...host, tools, at: reading.at, failure: null };
  if (reading.state !== "fresh") return { ...read, held: null };
  return { ...read, held, machine, ...(move === undefined ? {} : { move }) };
}

/** Behind one name with several ports (tunnels) are several machines, which must not pass for one. */
function tellApart(hosts: readonly FloatingHost[]): readonly FloatingHost[] {
  const portOf = ({ way }: FloatingHost) => (way.kind === "ssh" ? (/:(\d+)$/.exec(way.target)?.[1] ?? "22") : null);
  return hosts.map((host) => {
    const port = portOf(host);
    const isShared = hosts.some((other) => other.name === host.name && portOf(other) !== port);
    return port !== null && isShared ? { ...host, name: `${host.name}:${port}` } : host;
  });
}

function formatSshTarget({ user, host, port }: { user: string | null; host: string; port: number | null }): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${user === null ? "" : `${user}@`}${name}${port === null ? "" : `:${port}`}`;
}

function hostOfUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}

/** `eth0`, or the label where it has one. */
export function formatHeld(held: readonly HeldAddress[]): string {
  return held.map((one) => one.label ?? one.interface).join(", ");
}

/** `heartbeat`, `keepalived`, `pacemaker`: what was found, running or not. */
export function listTools({ heartbeat, keepalived, pacemaker }: FloatingTools): readonly string[] {
  const found = [heartbeat !== null && "heartbeat", keepalived !== null && "keepalived", pacemaker && "pacemaker"];
  return found.filter((name) => name !== false);
}
