/** What `demo` can be given, with what it is about. Loaded only when it is asked for: the simulator's tables are no small thing. */
import { scenarios } from "../../simulator/training/scenarios.ts";
import { shapeNames } from "../../simulator/world/shapes.ts";
import { productNames } from "../../simulator/world/state.ts";
import { type Candidate, plain } from "./candidate.ts";

export const DEMO_VALUES: Readonly<Record<string, readonly Candidate[]>> = {
  "--scenario": scenarios.map(({ name, goal }) => ({ word: name, about: goal })),
  "--cluster-shape": plain(shapeNames),
  "--server": plain(productNames),
};
