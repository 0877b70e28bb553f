/**
 * Asks again and again who answers where clients connect for writes, and for reads. A loop of its own, at a pace of its own: no poll waits for it, and a
 * frontend that hangs costs nothing but its own answer.
 */
import type { RouteAnswer } from "../drivers/contract.ts";
import { formatAddress } from "../model/address.ts";
import type { EpochMs, Reading } from "../model/reading.ts";
import { isSameExpectation, type RouteProbe, type RouteSample } from "../model/route-probe.ts";
import type { ClusterSettings, ReaderAddress } from "../model/settings.ts";
import type { ReaderRoute, WriterRoute } from "../model/snapshot.ts";
import type { Clock } from "./clock.ts";
import { EndpointLoop } from "./endpoint-loop.ts";
import type { MonitorParts, RouteReader } from "./parts.ts";

/** Each probe is a connection and a login on the writer: often enough to notice, seldom enough not to be noticed. */
const PROBE_INTERVAL_MS = 5_000;
const PROBE_DEADLINE_MS = 2_000;
/** An answer that does not fit, or none, is asked about again this soon. */
const ASK_AGAIN_MS = 1_000;
const MAX_RECENT = 3;
/** Reads go to one server after the other: enough answers for each of a few to be among them. */
const MAX_RECENT_READS = 8;

export interface RouteWatchOptions {
  readonly settings: ClusterSettings;
  readonly openRoute: NonNullable<MonitorParts["openRoute"]>;
  /** Null: where clients connect for writes. */
  readonly reader: ReaderAddress | null;
  readonly clock: Clock;
  /** Bound of one question; the default suits a running monitor. */
  readonly deadlineMs: number | null;
  /** Called when an answer, or its absence, is news. */
  readonly onNews: (watch: RouteWatch, before: Reading<unknown>["state"]) => void;
  /** Called after every question. */
  readonly onSettled: () => void;
}

/** Null where nothing says where clients connect, or nobody can ask. */
export function createRouteWatch(
  { settings, parts }: { readonly settings: ClusterSettings; readonly parts: MonitorParts },
  options: Pick<RouteWatchOptions, "deadlineMs" | "onNews" | "onSettled">,
): RouteWatch | null {
  const { openRoute, clock } = parts;
  const address = settings.writer?.address ?? null;
  if (openRoute === undefined || address === null) return null;
  return new RouteWatch(address, { settings, openRoute, reader: null, clock, ...options });
}

/** One for each reader whose address is configured. */
export function createReaderWatches(
  { settings, parts }: { readonly settings: ClusterSettings; readonly parts: MonitorParts },
  options: Pick<RouteWatchOptions, "deadlineMs" | "onNews" | "onSettled">,
): readonly RouteWatch[] {
  const { openRoute, clock } = parts;
  if (openRoute === undefined) return [];
  const { readerAddresses = [] } = settings;
  return readerAddresses.map((reader) => new RouteWatch(reader, { settings, openRoute, reader, clock, ...options }));
}

export class RouteWatch {
  readonly loop: EndpointLoop<RouteAnswer, RouteReader>;
  readonly #address: string;
  readonly #options: RouteWatchOptions;
  #recent: readonly RouteSample[] = [];
  #failuresInRow = 0;
  #expected: { readonly names: readonly string[]; readonly since: EpochMs } | null = null;
  #askedAt: EpochMs = 0;
  #cancelNext = () => {};
  #cancelSoon: (() => void) | null = null;

  constructor({ host, port }: { readonly host: string; readonly port: number }, options: RouteWatchOptions) {
    const { settings, openRoute, reader, clock, deadlineMs } = options;
    this.#address = formatAddress(host, port);
    this.#options = options;
    this.loop = new EndpointLoop<RouteAnswer, RouteReader>({
      open: () => this.#watched(openRoute(settings, reader ?? undefined)),
      clock,
      pace: { intervalMs: PROBE_INTERVAL_MS, deadlineMs: Math.min(deadlineMs ?? PROBE_DEADLINE_MS, PROBE_DEADLINE_MS) },
      connectTimeoutMs: 0,
      judge: (answer) => {
        this.#recent = [...this.#recent, { answer, askedAt: this.#askedAt }].slice(
          reader === null ? -MAX_RECENT : -MAX_RECENT_READS,
        );
        return { take: "accept" };
      },
      onSettled: (before) => this.#settled(before),
    });
  }

  /** Of the reader; empty where it is the writer's. */
  get backend(): string {
    return this.#options.reader?.backend ?? "";
  }

  /** Asks at once and from then on at its own pace. */
  start(): void {
    this.loop.begin(0, this.loop.reading().state === "never");
    this.#cancelNext = this.#options.clock.after(PROBE_INTERVAL_MS, () => this.start());
  }

  /** Asks now, whatever the pace. */
  ask(): void {
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    this.loop.begin(0, true);
  }

  observe(): RouteProbe {
    return {
      address: this.#address,
      ...(this.#options.reader === null ? {} : { purpose: "reads" as const }),
      reading: this.loop.reading(),
      recent: this.#recent,
      failuresInRow: this.#failuresInRow,
      expectedBefore: this.#expected,
    };
  }

  /** What came of joining the answer with what HAProxy says: doubt, and a writer that changed, are asked about soon. */
  judged(route: Pick<WriterRoute | ReaderRoute, "expected" | "probe"> | null): void {
    if (route === null) return;
    const before = this.#expected;
    const isNew = before === null || !isSameExpectation(before.names, route.expected);
    if (isNew) {
      const since = before === null ? 0 : this.#options.clock.epochMs();
      this.#expected = { names: route.expected, since };
    }
    const doubted = route.probe?.mismatch != null && !route.probe.confirmed;
    if (doubted || (isNew && before !== null)) this.#askSoon();
  }

  async close(): Promise<void> {
    this.#cancelNext();
    this.#cancelSoon?.();
    await this.loop.close();
  }

  #askSoon(): void {
    this.#cancelSoon ??= this.#options.clock.after(ASK_AGAIN_MS, () => this.ask());
  }

  #watched(reader: RouteReader): RouteReader {
    return {
      target: reader.target,
      poll: (bounds) => {
        this.#askedAt = this.#options.clock.epochMs();
        return reader.poll(bounds);
      },
      close: () => reader.close(),
    };
  }

  #settled(before: Reading<unknown>["state"]): void {
    const { state } = this.loop.reading();
    if (state === "failed") {
      this.#recent = [];
      this.#failuresInRow += 1;
      if (this.#failuresInRow === 1) this.#askSoon();
    } else this.#failuresInRow = 0;
    const [last, previous] = [this.#recent.at(-1), this.#recent.at(-2)];
    const isOther = last?.answer.serverId !== previous?.answer.serverId || last?.answer.port !== previous?.answer.port;
    // Of reads another server is no news: they go to one after the other.
    const isNews = isOther && this.#options.reader === null;
    if (before !== state || isNews || this.#failuresInRow === 2) this.#options.onNews(this, before);
    this.#options.onSettled();
  }
}
