/** Addresses of names for everything that connects: asked for once for all who want them at the same time, and kept for when nobody answers. */
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { askSystem } from "./getent.ts";

/** An answer counts as long: a HAProxy is connected to at every poll. */
const FRESH_MS = 5_000;
/** Whoever has an address from before waits as long for a new one. */
const PATIENCE_MS = 300;
/** An address from before counts as long while no new one is to be had. */
const KEPT_MS = 600_000;

type Addresses = readonly LookupAddress[];

interface Known {
  readonly addresses: Addresses;
  readonly atMs: number;
}

/**
 * For the `lookup` option of `net.connect` and what is built on it.
 * @param ask resolves with at least one address
 * @param nowMs a clock that only grows
 */
export function createNameLookup(ask: (name: string) => Promise<Addresses>, nowMs: () => number): LookupFunction {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<Addresses>>();

  function askOnce(name: string): Promise<Addresses> {
    const running = asked.get(name);
    if (running !== undefined) return running;
    const answer = ask(name)
      .then((addresses) => {
        known.set(name, { addresses, atMs: nowMs() });
        return addresses;
      })
      .finally(() => asked.delete(name));
    asked.set(name, answer);
    return answer;
  }

  async function find(name: string): Promise<Addresses> {
    const last = known.get(name);
    const ageMs = last === undefined ? Number.POSITIVE_INFINITY : nowMs() - last.atMs;
    if (last === undefined || ageMs > KEPT_MS) return askOnce(name);
    if (ageMs < FRESH_MS) return last.addresses;
    return orAfter(PATIENCE_MS, askOnce(name), last.addresses);
  }

  return (name, { all, family }, callback) => {
    const wanted = family === 4 || family === "IPv4" ? 4 : family === 6 || family === "IPv6" ? 6 : null;
    find(name).then(
      (addresses) => {
        const [first, ...others] = addresses.filter((each) => wanted === null || each.family === wanted);
        if (first === undefined) callback(noneOf(name), "");
        else if (all) callback(null, [first, ...others]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}

function noneOf(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" });
}

/** The answer; `otherwise` when it is an error, or takes longer than that. */
function orAfter<T>(limitMs: number, answer: Promise<T>, otherwise: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), limitMs);
    answer
      .catch(() => otherwise)
      .then((value) => {
        clearTimeout(timer);
        resolve(value);
      });
  });
}

/** Addresses as the system knows them, once for this thread. */
export const lookupName: LookupFunction = createNameLookup(askSystem, () => performance.now());
