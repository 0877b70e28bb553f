/**
 * What waits to cross to a screen that may have stopped reading: a blocked terminal blocks its whole thread, and polls must go on all the
 * same without piling up snapshots. Few messages are under way at a time; behind them only the newest is kept, and no change is lost.
 */
import type { Snapshot } from "../model/snapshot.ts";
import type { EngineEvent } from "./protocol.ts";

const WINDOW: Readonly<Record<EngineEvent["type"], number>> = {
  snapshot: 2,
  sessions: 2,
  plan: 10,
  operation: 10,
  operations: 2,
  log: 100,
  recording: 1,
  replay: 1,
  stopped: 1,
};

/** Changes and log lines kept for a blocked screen; beyond that the oldest go. */
const MAX_KEPT_CHANGES = 2_000;
const MAX_KEPT_LINES = 500;

export class Outbox {
  readonly #post: (event: EngineEvent) => void;
  readonly #underWay: Record<EngineEvent["type"], number> = {
    snapshot: 0,
    sessions: 0,
    plan: 0,
    operation: 0,
    operations: 0,
    log: 0,
    recording: 0,
    replay: 0,
    stopped: 0,
  };
  #held: EngineEvent[] = [];

  constructor(post: (event: EngineEvent) => void) {
    this.#post = post;
  }

  /** Sends the event now, or keeps it until the screen has taken what is under way. */
  offer(event: EngineEvent): void {
    if (this.#underWay[event.type] < WINDOW[event.type]) {
      this.#send(event);
      return;
    }
    if (event.type === "snapshot") this.#replace(mergeChanges(this.#heldSnapshot(), event.snapshot));
    else if (event.type === "log") this.#keepLine(event);
    else this.#replace(event);
  }

  /** One event may stand for another only when both are about the same thing. */
  #isAbout(held: EngineEvent, event: EngineEvent): boolean {
    if (held.type === "operation" && event.type === "operation") return held.progress.id === event.progress.id;
    if (held.type === "plan" && event.type === "plan") return held.answer.requestId === event.answer.requestId;
    if (held.type === "operations" && event.type === "operations") return held.cluster === event.cluster;
    return held.type === event.type;
  }

  /** The screen has taken one event of this type. */
  acknowledge(type: EngineEvent["type"]): void {
    this.#underWay[type] = Math.max(0, this.#underWay[type] - 1);
    const next = this.#held.find((event) => event.type === type);
    if (next === undefined || this.#underWay[type] >= WINDOW[type]) return;
    this.#held = this.#held.filter((event) => event !== next);
    this.#send(next);
  }

  #send(event: EngineEvent): void {
    this.#underWay[event.type] += 1;
    this.#post(event);
  }

  #heldSnapshot(): Snapshot | null {
    const held = this.#held.find((event) => event.type === "snapshot");
    return held?.type === "snapshot" ? held.snapshot : null;
  }

  #replace(event: EngineEvent): void {
    this.#held = [...this.#held.filter((held) => !this.#isAbout(held, event)), event];
  }

  #keepLine(event: EngineEvent): void {
    const lines = this.#held.filter(({ type }) => type === "log");
    const oldest = lines.length >= MAX_KEPT_LINES ? lines[0] : undefined;
    this.#held = [...this.#held.filter((held) => held !== oldest), event];
  }
}

function mergeChanges(held: Snapshot | null, newer: Snapshot): EngineEvent {
  const changes = held === null ? newer.changes : [...held.changes, ...newer.changes].slice(-MAX_KEPT_CHANGES);
  return { type: "snapshot", snapshot: { ...newer, changes } };
}
