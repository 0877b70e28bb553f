/** Hosts that could hold the floating address, as operations look at them: all at once, each within the bound, with readers of their own. */
import type { HostMoveReader } from "../drivers/contract.ts";
import { describeFailure } from "../drivers/errors.ts";
import { type FloatingHost, type FloatingHostInput, type HostReport, planFloatingHosts } from "../model/floating-ip.ts";
import { lastKnown, type Reading } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import { aged, newer } from "./own-readings.ts";
import type { OperationClock } from "./ports.ts";

interface HostEyesOptions {
  readonly settings: ClusterSettings;
  readonly clock: OperationClock;
  readonly openHost?: (host: FloatingHost, address: string) => HostMoveReader | null;
}

interface Watched {
  readonly host: FloatingHost;
  /** Null: it cannot be asked. */
  readonly reader: HostMoveReader | null;
  reading: Reading<HostReport>;
}

export class HostEyes {
  readonly #options: HostEyesOptions;
  #watched: readonly Watched[] | null = null;

  constructor(options: HostEyesOptions) {
    this.#options = options;
  }

  /** Never rejects: a host that does not answer in time is a failed reading. */
  async look(depth: "address" | "all", timeoutMs: number): Promise<void> {
    await Promise.all(this.#open().map((each) => this.#ask(each, depth, timeoutMs)));
  }

  /** @param base what a running monitor knows; null: nothing. Null: there is no such address, or nobody asks */
  inputs(base: readonly FloatingHostInput[] | null, now: number): readonly FloatingHostInput[] | null {
    if (this.#watched === null) return base;
    return this.#watched.map(({ host, reader, reading }): FloatingHostInput => {
      const own = aged(reading, host.name, now);
      const known = base?.find(({ name, way }) => name === host.name && sameWay(way, host.way));
      const way = reader === null ? ({ kind: "none" } as const) : host.way;
      if (known === undefined) return { ...host, way, reading: own, sameInRow: 1 };
      return { ...known, reading: withMeans(newer(known.reading, own), own) };
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled((this.#watched ?? []).map(({ reader }) => reader?.close()));
  }

  #open(): readonly Watched[] {
    const { settings, openHost } = this.#options;
    const address = settings.floatingIp;
    if (address === null || openHost === undefined) return [];
    this.#watched ??= planFloatingHosts(settings).map((host) => ({
      host,
      reader: host.way.kind === "none" ? null : openHost(host, address),
      reading: { state: "never", from: host.name },
    }));
    return this.#watched;
  }

  async #ask(watched: Watched, depth: "address" | "all", timeoutMs: number): Promise<void> {
    const { host, reader } = watched;
    if (reader === null) return;
    const { clock } = this.#options;
    const from = host.name;
    try {
      const value = await reader.read(depth, { signal: new AbortController().signal, timeoutMs });
      watched.reading = { state: "fresh", from, value, at: clock.epochMs() };
    } catch (error) {
      const failure = describeFailure(error, from, "ip addr");
      const last = lastKnown(watched.reading);
      watched.reading = { state: "failed", from, failure, failedAt: clock.epochMs(), last };
    }
  }
}

/** A monitor asks only who holds it: what could move it is known from the last look of ours, while that is recent. */
function withMeans(reading: Reading<HostReport>, own: Reading<HostReport>): Reading<HostReport> {
  if (reading.state !== "fresh" || own.state !== "fresh" || reading.value.move !== undefined) return reading;
  const { tools, move } = own.value;
  return move === undefined ? reading : { ...reading, value: { ...reading.value, tools, move } };
}

function sameWay(one: FloatingHost["way"], other: FloatingHost["way"]): boolean {
  if (one.kind !== "ssh" || other.kind !== "ssh") return one.kind === other.kind || one.kind === "none";
  return one.target === other.target;
}
