/** The wall screen without a terminal: events in, frames out. A defect of ours is told on the screen and ends nothing. */
import type { EngineEvent } from "../../engine/protocol.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { formatClock } from "../format/duration.ts";
import type { ScreenSize } from "../layout.ts";
import { fitLine, type Line, segment } from "../paint.ts";
import { type AnnounceOptions, Announcer } from "./announce.ts";
import { chooseField, countSteps } from "./drift.ts";
import { takeSnapshot, takeTime } from "./reduce.ts";
import { selectWallScreen } from "./screen.ts";
import { createWallState, type WallOptions, type WallState } from "./state.ts";
import { elapsedMs, type WallTime } from "./time.ts";
import { WorseningWatch } from "./worsening.ts";

export interface WallEffects {
  readonly clock: () => WallTime;
  /** There is something new to see that cannot wait for the next second. */
  readonly onNews: () => void;
  readonly onDefect: (error: unknown) => void;
}

export class WallScreen {
  readonly #effects: WallEffects;
  readonly #announcer: Announcer;
  readonly #worsening = new WorseningWatch();
  #state: WallState;

  constructor(options: WallOptions & AnnounceOptions, size: ScreenSize, effects: WallEffects) {
    this.#effects = effects;
    this.#announcer = new Announcer(options);
    this.#state = createWallState(options, effects.clock(), size);
  }

  onEngine(event: EngineEvent): void {
    if (event.type === "snapshot") this.#attempt(() => this.#takeSnapshot(event.snapshot));
  }

  onTick(): void {
    this.#attempt(() => {
      this.#state = takeTime(this.#state, this.#effects.clock());
    });
  }

  onResize(size: ScreenSize): void {
    this.#state = { ...this.#state, size, now: this.#effects.clock() };
  }

  /** A key that does nothing here. */
  onKey(): void {
    const now = this.#effects.clock();
    this.#state = { ...this.#state, now, keyTold: now };
  }

  onDefect(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#state = {
      ...this.#state,
      defects: { count: (this.#state.defects?.count ?? 0) + 1, at: this.#effects.clock(), text },
    };
    this.#effects.onDefect(error);
  }

  /** Number of the place the picture stands at: with a new one everything is drawn anew. */
  get step(): number {
    return countSteps(elapsedMs(this.#state.started, this.#state.now));
  }

  /** What to send to the terminal besides the picture. */
  takeAnnouncement(): string {
    return this.#announcer.take(this.#effects.clock().monotonicMs);
  }

  draw(): readonly Line[] {
    try {
      return selectWallScreen(this.#state);
    } catch (error) {
      this.onDefect(error);
      return this.#drawDefect();
    }
  }

  #takeSnapshot(snapshot: Snapshot): void {
    const now = this.#effects.clock();
    const worsenings = this.#worsening.see(snapshot, now.monotonicMs);
    this.#announcer.add(worsenings);
    const worsened = [...new Set(worsenings.map(({ cluster }) => cluster))];
    const before = this.#state;
    this.#state = takeSnapshot(before, snapshot, worsened, now);
    if (isNews(before, this.#state)) this.#effects.onNews();
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.onDefect(error);
    }
  }

  /** Nothing can be shown, and that is said: never an old picture. */
  #drawDefect(): readonly Line[] {
    const { size, now, defects } = this.#state;
    const texts = [
      `${formatClock(now.epochMs)}  UNKNOWN`,
      "signalbox cannot draw this picture, a defect of its own:",
      defects?.text ?? "",
      "signalbox status and signalbox console still work.",
    ];
    const field = chooseField(size);
    const lines = texts.map((text) => fitLine([segment(text, "unknown")], size.columns - field.columns, "left", ""));
    return Array.from({ length: size.rows }, (_, row) => lines[row] ?? []);
  }
}

function isNews(before: WallState, after: WallState): boolean {
  if (before.snapshot === null || before.rotation?.shown !== after.rotation?.shown) return true;
  if (before.engine !== after.engine) return true;
  return Object.entries(after.memories).some(([name, { told }]) => {
    const old = before.memories[name]?.told ?? null;
    return told?.health !== old?.health || told?.writer !== old?.writer || told?.lag !== old?.lag;
  });
}
