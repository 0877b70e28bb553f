/** Shape of a training scenario: what happens, what is wanted, and when it is reached. All times are seconds since it began. */
import type { ShapeName } from "../world/shapes.ts";
import type { World } from "../world/state.ts";

/** Something that happens by itself, once. */
export interface Happening {
  readonly name: string;
  /** Whether it is time. */
  readonly when: (scene: Scene) => boolean;
  readonly apply: (world: World) => void;
}

/** What conditions are asked with. */
export interface Scene {
  readonly world: World;
  readonly seconds: number;
  /** Happenings so far, by name, with their time. */
  readonly happened: ReadonlyMap<string, number>;
  /** What was true at least once, see {@link Scenario.milestones}. */
  readonly reached: ReadonlySet<string>;
}

export interface Scenario {
  readonly name: string;
  /** One sentence for the list and for the line in the console. */
  readonly goal: string;
  readonly shape: ShapeName;
  /** Seconds a practised operator needs; a score counts from there. */
  readonly parSeconds: number;
  /** What to look at or do now, the longer it takes the plainer; null while nothing has happened yet. */
  readonly hint: (scene: Scene) => string | null;
  /** Makes the calm cluster the one it begins with. */
  readonly prepare: (world: World) => void;
  readonly happenings: readonly Happening[];
  /** Conditions that only have to be true once, e.g. that a server was taken out. */
  readonly milestones: Readonly<Record<string, (world: World) => boolean>>;
  /** Has to be true for `holdSeconds` without a break. */
  readonly isWon: (scene: Scene) => boolean;
  readonly holdSeconds: number;
  /** Why it cannot be won any more, in a sentence; null while it can. */
  readonly whyLost: (scene: Scene) => string | null;
}

export function neverLost(): null {
  return null;
}

export function after(seconds: number): Happening["when"] {
  return (scene) => scene.seconds >= seconds;
}

/** Hints by time, in order. */
export function timed(...hints: readonly (readonly [atSeconds: number, text: string])[]): Scenario["hint"] {
  return ({ seconds }) => hints.findLast(([atSeconds]) => seconds >= atSeconds)?.[1] ?? null;
}
