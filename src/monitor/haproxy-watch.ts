/** One HAProxy over time: its loop, reloads, and answers of workers that are on their way out. */
import type { HaproxyReader } from "../drivers/contract.ts";
import type { HaproxyReport } from "../model/haproxy.ts";
import type { HaproxyInput } from "../model/join.ts";
import { lastKnown, type Reading } from "../model/reading.ts";
import type { HaproxySettings } from "../model/settings.ts";
import type { Clock } from "./clock.ts";
import { EndpointLoop, type Verdict } from "./endpoint-loop.ts";
import type { Pace } from "./parts.ts";
import { type ReloadWatch, watchReload } from "./reload.ts";

type ReadingState = Reading<unknown>["state"];

export interface HaproxyWatchOptions {
  readonly settings: HaproxySettings;
  readonly open: (settings: HaproxySettings) => HaproxyReader;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly onSettled: (watch: HaproxyWatch, before: ReadingState) => void;
}

export class HaproxyWatch {
  readonly loop: EndpointLoop<HaproxyReport, HaproxyReader>;
  readonly #settings: HaproxySettings;
  #reload: ReloadWatch | null = null;

  constructor(options: HaproxyWatchOptions) {
    const { settings, clock, pace } = options;
    this.#settings = settings;
    this.loop = new EndpointLoop<HaproxyReport, HaproxyReader>({
      open: () => options.open(settings),
      clock,
      pace,
      connectTimeoutMs: 0,
      judge: (report, reading) => this.#judge(report, reading, clock),
      onSettled: (before) => options.onSettled(this, before),
    });
  }

  observe(): HaproxyInput {
    const { name } = this.#settings;
    // Readers name themselves `lb1 unix:///path`; the name is told separately here.
    const url = this.loop.target.startsWith(`${name} `) ? this.loop.target.slice(name.length + 1) : this.loop.target;
    return { name, url, reading: this.loop.reading(), reload: this.#reload?.reload ?? null };
  }

  /**
   * A stopping worker tells the past: while the last good value still counts, its answer is passed over, and the next poll most likely
   * meets the new worker. When nothing else answers any more, that is a failure to be shown.
   */
  #judge(report: HaproxyReport, reading: Reading<HaproxyReport>, clock: Clock): Verdict {
    if (report.process?.stopping === true) {
      if (reading.state === "fresh") return { take: "ignore" };
      return { take: "fail", failure: stoppingFailure(this.loop.target, report.process.pid) };
    }
    const now = { epochMs: clock.epochMs(), monotonicMs: clock.monotonicMs() };
    this.#reload = watchReload(this.#reload, lastKnown(reading)?.value ?? null, report, now);
    return { take: "accept" };
  }
}

function stoppingFailure(target: string, pid: number | null) {
  return {
    kind: "unreachable",
    target,
    operation: "show info",
    message: `only an old worker${pid === null ? "" : ` (pid ${pid})`} answers, which is stopping and takes no new connections`,
    advice: "See whether HAProxy is being stopped, or whether its reload failed: journalctl -u haproxy.",
    serverCode: null,
  } as const;
}
