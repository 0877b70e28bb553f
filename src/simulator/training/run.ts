/** One run of a scenario on a world: it lets happen what is due, watches for the end, and keeps the score. */
import { countLostWrites } from "../world/ledger.ts";
import type { World } from "../world/state.ts";
import { findWriter } from "./look.ts";
import type { Scenario, Scene } from "./scenario.ts";

export interface Score {
  /** 0 … 100; 0 for one that was not won. */
  readonly points: number;
  readonly seconds: number;
  /** Acknowledged writes that the node that takes writes now does not have. */
  readonly writesLost: number;
  /** Writes that clients wanted and did not get. */
  readonly writesRefused: number;
  readonly writesAcknowledged: number;
  /** Longest time without an acknowledged write, in seconds. */
  readonly longestGapSeconds: number;
  /** Changing statements and commands that the cluster took. */
  readonly commands: number;
  /** What was done wrong, in sentences. */
  readonly mistakes: readonly string[];
  /** Hints that said what to do. */
  readonly hintsUsed: number;
}

export interface TrainingState {
  readonly status: "running" | "won" | "lost";
  /** Why it was lost. */
  readonly reason: string | null;
  readonly hint: string | null;
  readonly score: Score;
}

export interface TrainingRun {
  readonly scenario: Scenario;
  /** To be called about once a second, after the world was brought up to date. */
  step(): TrainingState;
}

const secondsPerPoint = 5;
const refusedPerPoint = 50;
const pointsPerMistake = 10;
const pointsPerHint = 3;

function countPoints(scenario: Scenario, score: Omit<Score, "points">): number {
  const late = Math.floor(Math.max(0, score.seconds - scenario.parSeconds) / secondsPerPoint);
  const lost = Math.min(50, score.writesLost * 5);
  const refused = Math.min(20, Math.floor(score.writesRefused / refusedPerPoint));
  const wrong = score.mistakes.length * pointsPerMistake + score.hintsUsed * pointsPerHint;
  return Math.max(1, 100 - late - lost - refused - wrong);
}

/** On the node that takes the writes; while there is none, on the one that has most of them. */
function countLost(world: World): number {
  const writer = findWriter(world);
  const nodes = writer === null ? world.nodes : [writer];
  return Math.min(...nodes.map((node) => countLostWrites(world, node)));
}

class Run implements TrainingRun {
  readonly scenario: Scenario;
  readonly #world: World;
  readonly #beganAtMs: number;
  readonly #refusedBefore: number;
  readonly #acknowledgedBefore: number;
  readonly #lostBefore: number;
  readonly #happened = new Map<string, number>();
  readonly #reached = new Set<string>();
  readonly #mistakes = new Set<string>();
  readonly #helped = new Set<string>();
  #wonSinceMs: number | null = null;
  #end: TrainingState | null = null;

  constructor(world: World, scenario: Scenario) {
    this.scenario = scenario;
    this.#world = world;
    scenario.prepare(world);
    const { ledger } = world;
    this.#beganAtMs = world.nowMs;
    this.#refusedBefore = ledger.refused;
    this.#acknowledgedBefore = ledger.acknowledged;
    this.#lostBefore = countLost(world);
    ledger.commands = 0;
    ledger.longestGapMs = 0;
  }

  step(): TrainingState {
    if (this.#end !== null) return this.#end;
    const scene = this.#look();
    const hint = this.scenario.hint(scene);
    if (hint?.isHelp === true) this.#helped.add(hint.text);
    const state: TrainingState = {
      status: "running",
      reason: null,
      hint: hint?.text ?? null,
      score: this.#score(0),
    };
    const reason = this.scenario.whyLost(scene);
    if (reason !== null) this.#end = { ...state, status: "lost", reason };
    else if (this.#isHeld(scene)) {
      const score = this.#score(0);
      this.#end = { ...state, status: "won", score: { ...score, points: countPoints(this.scenario, score) } };
    }
    return this.#end ?? state;
  }

  #look(): Scene {
    const seconds = (this.#world.nowMs - this.#beganAtMs) / 1000;
    const scene = { world: this.#world, seconds, happened: this.#happened, reached: this.#reached };
    for (const { name, when, apply } of this.scenario.happenings) {
      if (this.#happened.has(name) || !when(scene)) continue;
      apply(this.#world);
      this.#happened.set(name, seconds);
    }
    for (const [name, isReached] of Object.entries(this.scenario.milestones))
      if (isReached(this.#world)) this.#reached.add(name);
    for (const [text, isMade] of Object.entries(this.scenario.mistakes)) if (isMade(scene)) this.#mistakes.add(text);
    return scene;
  }

  #isHeld(scene: Scene): boolean {
    if (!this.scenario.isWon(scene)) {
      this.#wonSinceMs = null;
      return false;
    }
    this.#wonSinceMs ??= this.#world.nowMs;
    return this.#world.nowMs - this.#wonSinceMs >= this.scenario.holdSeconds * 1000;
  }

  #score(points: number): Score {
    const { ledger, nowMs } = this.#world;
    return {
      points,
      seconds: Math.round((nowMs - this.#beganAtMs) / 1000),
      writesLost: Math.max(0, countLost(this.#world) - this.#lostBefore),
      writesRefused: ledger.refused - this.#refusedBefore,
      writesAcknowledged: ledger.acknowledged - this.#acknowledgedBefore,
      longestGapSeconds: Math.round(ledger.longestGapMs / 100) / 10,
      commands: ledger.commands,
      mistakes: [...this.#mistakes],
      hintsUsed: this.#helped.size,
    };
  }
}

/** Prepares the world and begins; the time of the scenario is that of the world. */
export function startTrainingRun(world: World, scenario: Scenario): TrainingRun {
  return new Run(world, scenario);
}
