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

export interface Hint {
  readonly text: string;
  /** It says what to do, which costs points; else it only says how things are. */
  readonly isHelp: boolean;
}

export interface Scenario {
  readonly name: string;
  /** One sentence for the list and for the line in the console. */
  readonly goal: string;
  readonly shape: ShapeName;
  /** Seconds a practised operator needs; a score counts from there. */
  readonly parSeconds: number;
  /** What to look at or do now, by what was done and how long it takes; null while nothing has happened yet. */
  readonly hint: (scene: Scene) => Hint | null;
  /** Makes the calm cluster the one it begins with. */
  readonly prepare: (world: World) => void;
  readonly happenings: readonly Happening[];
  /** Conditions that only have to be true once, e.g. that a server was taken out. */
  readonly milestones: Readonly<Record<string, (world: World) => boolean>>;
  /** Wrong ways, in a sentence that says what was wrong: each counts once. */
  readonly mistakes: Readonly<Record<string, (scene: Scene) => boolean>>;
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

/** How things are. */
export function tell(text: string): Hint {
  return { text, isHelp: false };
}

/** How things are at first, and what to do the longer it takes. */
export function timed(...texts: readonly (readonly [atSeconds: number, text: string])[]): Scenario["hint"] {
  return ({ seconds }) => {
    const index = texts.findLastIndex(([atSeconds]) => seconds >= atSeconds);
    const found = texts[index];
    return found === undefined ? null : { text: found[1], isHelp: index > 0 };
  };
}
