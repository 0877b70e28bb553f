/** Keys of the panel that follows an operation: stop, leave, and the answers to its questions. */
import type { OperationChoice, OperationQuestion } from "../../model/operation.ts";
import { CHOICE_KEYS } from "../act/choices.ts";
import type { KeyEvent } from "../input/events.ts";
import { isPainted, judgeKey, WHY_NOT } from "./confirm.ts";
import { copyPanel } from "./copy.ts";
import { moveBy } from "./move.ts";
import { editText } from "./prompt-input.ts";
import { type ConsoleState, isRunning, type LiveOperation, type OperationPanel, PANES } from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

export function reduceOperationKey(
  state: ConsoleState,
  panel: OperationPanel,
  event: KeyEvent,
  together: number,
): Update {
  const live = state.live.find(({ progress }) => progress.id === panel.plan.id);
  const question = live?.progress.question ?? null;
  if (panel.cutWord !== null && question !== null) return reduceCutWord(state, panel, panel.cutWord, event, together);
  if (event.key === "esc") return stopOrLeave(state, panel, live);
  const pane = PANES[Number(event.key) - 1];
  if (pane !== undefined) return only({ ...state, pane, overlay: null });
  if (event.key === "j" || event.key === "k") return only(moveBy(state, event.key === "j" ? 1 : -1));
  if (event.key === "c") return copyPanel(state, panel);
  if (question !== null) return answer(state, panel, question, event, together);
  if (live !== undefined && !isRunning(live) && (event.key === "q" || event.key === "n" || event.key === "enter"))
    return only({ ...state, overlay: null });
  return only(state);
}

/** The first asks for a safe point, or tells that there is none any more; the second leaves the panel. */
function stopOrLeave(state: ConsoleState, panel: OperationPanel, live: LiveOperation | undefined): Update {
  const running = live === undefined || isRunning(live);
  if (!running || panel.stopAsked || panel.goesOnTold) return only({ ...state, overlay: null });
  if (live?.progress.promotion?.pastNoReturn === true)
    return only({ ...state, overlay: { ...panel, goesOnTold: true } });
  return only(
    { ...state, overlay: { ...panel, stopAsked: true } },
    { type: "engine", request: { type: "stop-operation", operationId: panel.plan.id } },
  );
}

function answer(
  state: ConsoleState,
  panel: OperationPanel,
  question: OperationQuestion,
  event: KeyEvent,
  together: number,
): Update {
  const choice = question.choices.find((each) => CHOICE_KEYS[each].key === event.key);
  if (choice === undefined) return only(state);
  const judgement = judgeKey(state, event, together);
  if (judgement !== "counts") return only(withMessage(state, WHY_NOT[judgement], "warning"));
  // It cannot be taken back: as X, it wants the name.
  if (choice === "shutdown-sessions") return only({ ...state, overlay: { ...panel, cutWord: "" } });
  return choose(state, panel, choice);
}

function choose(state: ConsoleState, panel: OperationPanel, choice: OperationChoice): Update {
  return only(
    { ...state, overlay: { ...panel, cutWord: null } },
    { type: "engine", request: { type: "choose", operationId: panel.plan.id, choice } },
  );
}

function reduceCutWord(
  state: ConsoleState,
  panel: OperationPanel,
  typed: string,
  event: KeyEvent,
  together: number,
): Update {
  const word = panel.plan.confirmWord;
  if (event.key === "esc") return only({ ...state, overlay: { ...panel, cutWord: null } });
  if (event.key === "enter") {
    if (typed !== word) return only(withMessage(state, `type ${word} and press Enter; Esc goes back`, "warning"));
    const judgement = judgeKey(state, event, together);
    if (judgement !== "counts") return only(withMessage(state, WHY_NOT[judgement], "warning"));
    return choose(state, panel, "shutdown-sessions");
  }
  const next = editText(typed, event);
  if (next === null) return only(state);
  if (!isPainted(state, event.at)) return only(withMessage(state, WHY_NOT.early, "warning"));
  return only({ ...state, overlay: { ...panel, cutWord: next.slice(0, 200) } });
}
