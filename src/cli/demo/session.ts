/** A scenario while the console is open: a step a second, and what there is to say of it. */
import type { Alert } from "../../model/alert.ts";
import type { Simulator } from "../../simulator/index.ts";
import { startTrainingRun } from "../../simulator/training/run.ts";
import type { Scenario } from "../../simulator/training/scenario.ts";
import { buildScenarioAlert, formatScore } from "./format.ts";

export interface TrainingSession {
  currentLine(): Alert;
  /** Ends it; the score as text. */
  finish(): string;
}

const stepMs = 1_000;

export function startTrainingSession(simulator: Simulator, scenario: Scenario): TrainingSession {
  const run = startTrainingRun(simulator.world, scenario);
  const step = () => {
    simulator.settle();
    const state = run.step();
    // What has just happened, e.g. a process that died, shows at its sockets at once.
    simulator.settle();
    return state;
  };
  let state = step();
  const timer = setInterval(() => {
    state = step();
  }, stepMs);
  timer.unref();
  return {
    currentLine: () => buildScenarioAlert(scenario, state),
    finish: () => {
      clearInterval(timer);
      return formatScore(scenario, step());
    },
  };
}
