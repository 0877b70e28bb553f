/** A replay: moves over a recording and tells what there was to see at each moment. Connects to nothing. */
import type { Engine, EngineEvent, EngineRequest } from "../../engine/protocol.ts";
import type { EpochMs } from "../../model/reading.ts";
import {
  REPLAY_SPEEDS,
  type ReplayAbout,
  type ReplayAction,
  type ReplayMoment,
  type ReplaySpeed,
} from "../../model/replay.ts";
import type { Recording } from "../file-reader.ts";
import { Histories } from "./histories.ts";
import { countUpTo, listMarks, NoteCursor } from "./moments.ts";
import { listGaps, Tape } from "./tape.ts";

/** While it plays it moves this often; the screen takes no more. */
const TICK_MS = 100;
const MAX_TICK_MS = 30;
/** A machine that was busy makes it slow, never jump. */
const LONGEST_TICK_MS = 500;
/** Of a gap this much is played, then it is left out: ages are seen to grow. */
const GAP_SHOWN_MS = 5_000;

export interface PlayerClock {
  /** Milliseconds that only ever rise. */
  readonly monotonicMs: () => number;
  /** Calls back later; the returned function takes it back. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

export interface ReplayEngine extends Engine {
  /** The clock of what is shown. */
  readonly now: () => EpochMs;
}

export function createReplayEngine(recording: Recording, clock: PlayerClock): ReplayEngine {
  const player = new Player(recording, clock);
  return {
    now: () => player.at,
    send: (request) => player.obey(request),
    subscribe: (listener) => player.subscribe(listener),
    stop: () => player.stop(),
  };
}

class Player {
  readonly #recording: Recording;
  readonly #clock: PlayerClock;
  readonly #tape: Tape;
  readonly #notes: NoteCursor;
  readonly #histories: Histories;
  readonly #about: ReplayAbout;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #at: EpochMs;
  #moment: ReplayMoment | null = null;
  #isPlaying = false;
  #speed: ReplaySpeed = 1;
  #note: string | null = null;
  #queue: Promise<void> = Promise.resolve();
  #lastTickMs = 0;
  #cancelTick = (): void => {};
  #isStopped = false;

  constructor(recording: Recording, clock: PlayerClock) {
    this.#recording = recording;
    this.#clock = clock;
    this.#tape = new Tape(recording);
    this.#notes = new NoteCursor(recording.notes);
    this.#histories = new Histories(this.#tape);
    this.#about = describe(recording);
    this.#at = recording.from;
    this.#note = introduce(this.#about);
    this.#enqueue(() => this.#tell());
  }

  get at(): EpochMs {
    return this.#at;
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    if (this.#moment !== null) listener({ type: "replay", moment: this.#moment });
    return () => this.#listeners.delete(listener);
  }

  obey(request: EngineRequest): void {
    // What would ask or change a server has nobody to ask here.
    if (request.type === "replay") this.#enqueue(() => this.#act(request.action));
    else if (request.type === "stop") void this.stop();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancelTick();
    await this.#queue;
    await this.#recording.close();
  }

  /** One after the other: each needs to know where the one before has ended. */
  #enqueue(task: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      if (!this.#isStopped) await task();
    });
  }

  async #act(action: ReplayAction): Promise<void> {
    this.#note = null;
    switch (action.kind) {
      case "toggle":
        if (this.#isPlaying) this.#pause();
        else this.#play();
        break;
      case "speed":
        this.#changeSpeed(action.by);
        break;
      case "step":
        this.#pause();
        await this.#step(action.by);
        break;
      case "change":
        this.#pause();
        this.#jump(action.by);
        break;
      case "skip":
        this.#move(this.#at + action.ms);
        break;
      case "seek":
        this.#move(action.at);
        break;
      case "start":
        this.#pause();
        this.#move(this.#recording.from);
        break;
      case "end":
        this.#pause();
        this.#move(this.#recording.to);
        break;
    }
    await this.#tell();
  }

  #play(): void {
    if (this.#at >= this.#recording.to) this.#at = this.#recording.from;
    this.#isPlaying = true;
    this.#lastTickMs = this.#clock.monotonicMs();
    this.#armTick();
  }

  #pause(): void {
    this.#isPlaying = false;
    this.#cancelTick();
  }

  #changeSpeed(by: 1 | -1): void {
    const place = REPLAY_SPEEDS.indexOf(this.#speed) + by;
    this.#speed = REPLAY_SPEEDS[Math.max(0, Math.min(place, REPLAY_SPEEDS.length - 1))] ?? 1;
  }

  /** Never beyond what there is. */
  #move(at: EpochMs): void {
    this.#at = Math.max(this.#recording.from, Math.min(at, this.#recording.to));
  }

  async #step(by: 1 | -1): Promise<void> {
    const next = by === 1 ? await this.#nextStop() : await this.#lastStop();
    if (next === null) this.#note = by === 1 ? "this is the end" : "this is the beginning";
    else this.#move(next);
  }

  /** Of a picture, or of a step of an operation between two. */
  async #nextStop(): Promise<EpochMs | null> {
    const { operations } = this.#recording.notes;
    const note = operations[countUpTo(operations, this.#at)]?.at ?? Number.POSITIVE_INFINITY;
    const picture = (await this.#tape.nextAfter(this.#at)) ?? Number.POSITIVE_INFINITY;
    const next = Math.min(note, picture);
    return next <= this.#recording.to ? next : null;
  }

  async #lastStop(): Promise<EpochMs | null> {
    const { operations } = this.#recording.notes;
    const before = operations.slice(0, countUpTo(operations, this.#at)).findLast(({ at }) => at < this.#at);
    const picture = await this.#tape.lastBefore(this.#at);
    const last = Math.max(before?.at ?? 0, picture ?? 0);
    return last >= this.#recording.from ? last : null;
  }

  #jump(by: 1 | -1): void {
    const { marks } = this.#about;
    const target =
      by === 1
        ? marks[countUpTo(marks, this.#at)]
        : marks.findLast(({ at }) => at < this.#at && at >= this.#recording.from);
    if (target === undefined) this.#note = by === 1 ? "nothing changes after this" : "nothing changed before this";
    else this.#move(target.at);
  }

  #armTick(): void {
    this.#cancelTick();
    const waitMs = this.#speed === "max" ? MAX_TICK_MS : TICK_MS;
    this.#cancelTick = this.#clock.after(waitMs, () => this.#enqueue(() => this.#tick()));
  }

  async #tick(): Promise<void> {
    if (!this.#isPlaying) return;
    const now = this.#clock.monotonicMs();
    const passedMs = Math.min(now - this.#lastTickMs, LONGEST_TICK_MS);
    this.#lastTickMs = now;
    await this.#advance(passedMs);
    if (this.#at >= this.#recording.to) this.#isPlaying = false;
    else this.#armTick();
    if (this.#isNews()) await this.#tell();
  }

  async #advance(passedMs: number): Promise<void> {
    this.#note = null;
    if (this.#speed === "max") {
      this.#move((await this.#nextStop()) ?? this.#recording.to);
      return;
    }
    const wanted = this.#at + passedMs * this.#speed;
    const gap = this.#about.gaps.find(({ from, to }) => wanted > from + GAP_SHOWN_MS && this.#at < to);
    if (gap === undefined || wanted >= gap.to) this.#move(wanted);
    else {
      this.#note = `nothing was recorded for ${Math.round((gap.to - gap.from) / 1_000)} s before this`;
      this.#move(gap.to);
    }
  }

  /** Between two pictures only the clock moves, which shows seconds. */
  #isNews(): boolean {
    const shown = this.#moment;
    if (shown === null || shown.isPlaying !== this.#isPlaying || shown.note !== this.#note) return true;
    return Math.floor(shown.at / 1_000) !== Math.floor(this.#at / 1_000) || this.#speed === "max";
  }

  async #tell(): Promise<void> {
    const found = await this.#tape.frameAt(this.#at);
    const snapshot = found === null ? null : await this.#histories.complete(found.snapshot, found.frame.at);
    const moment: ReplayMoment = {
      ...this.#notes.moveTo(this.#at),
      at: this.#at,
      isPlaying: this.#isPlaying,
      speed: this.#speed,
      note: this.#note,
      snapshot,
      sessions: found?.frame.sessions ?? null,
      about: this.#about,
    };
    this.#moment = moment;
    for (const listener of [...this.#listeners]) listener({ type: "replay", moment });
  }
}

function describe(recording: Recording): ReplayAbout {
  const { path, head, from, to, isCutOff, damaged, notes } = recording;
  const { kind, program, operator, host } = head;
  const about = { path, kind, program, operator, host, from, to, isCutOff, damaged };
  return { ...about, marks: listMarks(notes), gaps: listGaps(recording), changeCount: notes.changes.length };
}

/** What is to be said of the recording itself, until the first key. */
function introduce({ kind, operator, host, isCutOff, damaged, from, to }: ReplayAbout): string {
  const what = { recording: "a recording", memory: "the last minutes", crash: "a crash report" }[kind];
  const seconds = Math.round((to - from) / 1_000);
  const length = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  const parts = [`${what} by ${operator}@${host}, ${length}; Space plays, n goes to the next change, ? lists the keys`];
  if (isCutOff) parts.unshift("cut off: it was not ended on purpose");
  if (damaged > 0) parts.unshift(`${damaged} damaged ${damaged === 1 ? "part is" : "parts are"} left out`);
  return parts.join("; ");
}
