/** Texts of training scenarios: the list, the line in the console, the score at the end. */
import type { Alert } from "../../model/alert.ts";
import type { TrainingState } from "../../simulator/training/run.ts";
import type { Scenario } from "../../simulator/training/scenario.ts";

export function formatScenarioList(scenarios: readonly Scenario[]): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  const lines = scenarios.map(({ name, shape, goal }) => `${name.padEnd(width)}  ${shape}  ${goal}\n`);
  return lines.join("");
}

/** What became of the writes, and what was done. */
function formatFigures({ score }: TrainingState): readonly [string, string] {
  const { seconds, writesLost, writesRefused, longestGapSeconds, commands, mistakes, hintsUsed } = score;
  return [
    `time ${seconds} s, acknowledged writes lost: ${writesLost}, writes refused: ${writesRefused}, longest pause in the writes ${longestGapSeconds} s`,
    `changes sent: ${commands}, hints used: ${hintsUsed}, mistakes: ${mistakes.length}`,
  ];
}

/** In the console: an alert that says what is wanted, and next to it what to do. */
export function buildScenarioAlert(scenario: Scenario, state: TrainingState): Alert {
  const about = { code: "scenario", severity: "info", node: null, subject: scenario.name } as const;
  if (state.status === "won") {
    const message = `${scenario.name} is won: ${state.score.points} of 100 points. ${formatFigures(state).join(", ")}.`;
    return { ...about, message, advice: "Look around as long as you like; q ends it." };
  }
  if (state.status === "lost") {
    const message = `${scenario.name} is lost: ${state.reason ?? ""}`;
    return { ...about, message, advice: "q ends it; begin again when you like." };
  }
  if (state.hint === null)
    return { ...about, message: scenario.goal, advice: "Nothing has happened yet: look at a calm cluster." };
  // Where there is room for one line only, the hint is what helps.
  return { ...about, message: state.hint, advice: `Wanted: ${scenario.goal}` };
}

/** What stands on the terminal when the console is gone. */
export function formatScore(scenario: Scenario, state: TrainingState): string {
  const ends = {
    won: `won, ${state.score.points} of 100 points`,
    lost: `lost: ${state.reason ?? ""}`,
    running: "not finished",
  };
  const mistakes = state.score.mistakes.map((text) => `  mistake: ${text}\n`).join("");
  return `Scenario ${scenario.name}: ${ends[state.status]}\n  ${formatFigures(state).join("\n  ")}\n${mistakes}`;
}
