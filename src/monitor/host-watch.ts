/** One host that could hold the floating address, over time. A loop of its own pace: starting a program costs more than a poll. */
import { type FloatingHost, type FloatingHostInput, type HostReport, planFloatingHosts } from "../model/floating-ip.ts";
import type { Reading } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import type { Clock } from "./clock.ts";
import { EndpointLoop } from "./endpoint-loop.ts";
import type { HostReader, MonitorParts } from "./parts.ts";

const ASK_EVERY_MS = 3_000;
/** An answer older than this and half a second is past. */
const PACE_MS = 5_000;
const DEADLINE_MS = 5_000;
const ASK_AGAIN_MS = 1_000;

export interface HostWatchOptions {
  readonly host: FloatingHost;
  readonly open: () => HostReader;
  readonly clock: Clock;
  readonly deadlineMs: number | null;
  /** Called when an answer, or its absence, is news. */
  readonly onNews: (watch: HostWatch, before: Reading<unknown>["state"]) => void;
  readonly onSettled: () => void;
}

export class HostWatch {
  readonly loop: EndpointLoop<HostReport, HostReader>;
  readonly #options: HostWatchOptions;
  #held: string | null = null;
  #sameInRow = 0;
  #cancelNext = () => {};
  #cancelSoon: (() => void) | null = null;

  constructor(options: HostWatchOptions) {
    const { clock, deadlineMs } = options;
    this.#options = options;
    this.loop = new EndpointLoop<HostReport, HostReader>({
      open: options.open,
      clock,
      pace: { intervalMs: PACE_MS, deadlineMs: Math.min(deadlineMs ?? DEADLINE_MS, DEADLINE_MS) },
      connectTimeoutMs: 0,
      judge: ({ held }) => {
        const text = JSON.stringify(held);
        this.#sameInRow = text === this.#held ? this.#sameInRow + 1 : 1;
        this.#held = text;
        return { take: "accept" };
      },
      onSettled: (before) => this.#settled(before),
    });
  }

  /** Asks at once and from then on at its own pace. */
  start(): void {
    this.loop.begin(0, this.loop.reading().state === "never");
    this.#cancelNext = this.#options.clock.after(ASK_EVERY_MS, () => this.start());
  }

  observe(): FloatingHostInput {
    return { ...this.#options.host, reading: this.loop.reading(), sameInRow: this.#sameInRow };
  }

  /** Asks now, whatever the pace. */
  ask(): void {
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    this.loop.begin(0, true);
  }

  /** For what may be the moment of a move. */
  askSoon(): void {
    this.#cancelSoon ??= this.#options.clock.after(ASK_AGAIN_MS, () => this.ask());
  }

  async close(): Promise<void> {
    this.#cancelNext();
    this.#cancelSoon?.();
    await this.loop.close();
  }

  #settled(before: Reading<unknown>["state"]): void {
    const { state } = this.loop.reading();
    if (state === "failed") {
      this.#held = null;
      this.#sameInRow = 0;
    }
    if (before !== state || this.#sameInRow < 3) this.#options.onNews(this, before);
    this.#options.onSettled();
  }
}

/** Every host that could hold the address, in the form in which it can be asked, or as it is where it cannot. Null: there is no such address. */
export function createHostWatches(
  { settings, parts }: { readonly settings: ClusterSettings; readonly parts: MonitorParts },
  options: Pick<HostWatchOptions, "deadlineMs" | "onNews" | "onSettled">,
): readonly (HostWatch | FloatingHost)[] | null {
  const { openHost, clock } = parts;
  const address = settings.floatingIp;
  if (openHost === undefined || address === null) return null;
  return planFloatingHosts(settings).map((host) => {
    const first = host.way.kind === "none" ? null : openHost(host, address);
    if (first === null) return { ...host, way: { kind: "none" } };
    let reader: HostReader | null = first;
    // The first one tells whether it can be asked at all, and is used.
    const open = () => {
      const given = reader ?? openHost(host, address) ?? first;
      reader = null;
      return given;
    };
    return new HostWatch({ host, open, clock, ...options });
  });
}

export function observeHost(host: HostWatch | FloatingHost): FloatingHostInput {
  return host instanceof HostWatch
    ? host.observe()
    : { ...host, reading: { state: "never", from: host.name }, sameInRow: 0 };
}
