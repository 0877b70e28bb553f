/** `hooks.alert`: runs the configured program for every worsening and every recovery, and never lets it disturb anything. */
import type { ChangeEvent } from "../../model/change.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { Settings } from "../../model/settings.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { viewAlert } from "../../model/status-view.ts";
import type { Clock } from "../../monitor/clock.ts";
import { settledWithin } from "../../monitor/within.ts";
import { type HookChange, HookRules } from "./rules.ts";
import { runHook } from "./run.ts";

const RUN_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 500;
/** At the end of signalbox: what is being told may be finished within this. */
const FINISH_WITHIN_MS = 1_500;

export interface AlertHook {
  /** Takes in a picture; returns it with what there is to say of the hook among its changes. */
  see(snapshot: Snapshot): Snapshot;
  close(): Promise<void>;
}

type Run = typeof runHook;

/** Null where no cluster has a hook. */
export function createAlertHook(
  settings: Settings,
  clock: Clock,
  log: (at: EpochMs, line: string) => void,
  run: Run = runHook,
): AlertHook | null {
  const hooks = settings.clusters.flatMap(({ name, alertHook }) =>
    alertHook === null ? [] : [new ClusterHook(name, alertHook, clock, log, run)],
  );
  if (hooks.length === 0) return null;
  return {
    see(snapshot) {
      for (const hook of hooks) hook.see(snapshot);
      const said = hooks.flatMap((hook) => hook.takeSaid());
      return said.length === 0 ? snapshot : { ...snapshot, changes: [...snapshot.changes, ...said] };
    },
    close: async () => void (await Promise.all(hooks.map((hook) => hook.close()))),
  };
}

class ClusterHook {
  readonly #cluster: string;
  readonly #command: string;
  readonly #clock: Clock;
  readonly #log: (at: EpochMs, line: string) => void;
  readonly #run: Run;
  readonly #rules = new HookRules();
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #said: ChangeEvent[] = [];
  #fails = false;
  #closed = false;
  #cancelLook: (() => void) | null = null;

  constructor(cluster: string, command: string, clock: Clock, log: (at: EpochMs, line: string) => void, run: Run) {
    this.#cluster = cluster;
    this.#command = command;
    this.#clock = clock;
    this.#log = log;
    this.#run = run;
  }

  see(snapshot: Snapshot): void {
    const cluster = snapshot.clusters.find(({ name }) => name === this.#cluster);
    if (cluster === undefined || this.#closed) return;
    this.#rules.see(cluster, snapshot.at, this.#clock.monotonicMs());
    this.#look();
  }

  takeSaid(): readonly ChangeEvent[] {
    return this.#said.splice(0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLook?.();
    await settledWithin(this.#clock, FINISH_WITHIN_MS, Promise.all(this.#running));
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  #look(): void {
    if (this.#closed) return;
    this.#cancelLook?.();
    this.#cancelLook = null;
    for (const change of this.#rules.take(this.#clock.monotonicMs())) this.#tell(change);
    for (const note of this.#rules.takeNotes()) this.#say("info", note);
    if (this.#rules.waiting) this.#cancelLook = this.#clock.after(LOOK_AGAIN_MS, () => this.#look());
  }

  #tell({ key, at, change, alert }: HookChange): void {
    const said = { at: new Date(at).toISOString(), cluster: this.#cluster, change, alert: viewAlert(alert) };
    const what = `${key} ${change}`;
    const ended = this.#run(this.#command, `${JSON.stringify(said)}\n`, RUN_WITHIN_MS, this.#abort.signal)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
      .then((problem) => {
        this.#running.delete(ended);
        this.#rules.finished(key);
        this.#judge(what, problem);
        this.#look();
      });
    this.#running.add(ended);
  }

  /** Every failure is logged; on screen the first of a row is enough. */
  #judge(what: string, problem: string | null): void {
    if (problem === null) {
      this.#logLine(`told ${what}`);
      if (this.#fails) this.#say("info", "works again");
      this.#fails = false;
      return;
    }
    const text = `${what} was not told: the program ${problem}`;
    if (this.#fails) this.#logLine(text);
    else this.#say("info", text);
    this.#fails = true;
  }

  #say(severity: "info", after: string): void {
    this.#logLine(after);
    const at = this.#clock.epochMs();
    this.#said.push({ at, cluster: this.#cluster, kind: "alert", severity, subject: "alert hook", before: "", after });
  }

  #logLine(text: string): void {
    this.#log(this.#clock.epochMs(), `alert hook of ${this.#cluster}: ${text}`);
  }
}
