/** Keys of the plan panel: what confirms, what leaves. */
import type { EpochMs } from "../../model/reading.ts";
import { hasWork, isRefused } from "../act/plan-standing.ts";
import { selectOffers } from "../act/promotion-offers.ts";
import type { KeyEvent } from "../input/events.ts";
import { HELD_WAIT_MS, isPainted, judgeKey, WHY_NOT } from "./confirm.ts";
import { copyCommands } from "./copy.ts";
import { moveBy } from "./move.ts";
import { openOperation, requestPlan } from "./panels.ts";
import { editText } from "./prompt-input.ts";
import type { ConsoleState, PlanPanel } from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

/** A plan older than this is made again, ms; the engine keeps the same limit. */
const MAX_AGE_MS = 30_000;

const leave = (state: ConsoleState): Update => only({ ...state, overlay: null });

export function reducePlanKey(state: ConsoleState, shown: PlanPanel, event: KeyEvent, together: number): Update {
  const panel = { ...shown, pendingSince: null };
  const { plan } = panel;
  if (event.key === "esc") return leave(state);
  const isDead = plan === null || isRefused(plan) || !hasWork(plan);
  const word = isDead || plan.danger === "reversible" ? null : plan.confirmWord;
  const beside = isLetterOf(word, panel.typed, event.key) ? null : reduceBeside(state, panel, event);
  if (beside !== null) return beside;
  if (isDead) return reduceDeadKey(state, panel, event);
  return plan.danger === "reversible"
    ? reduceYes(state, panel, event, together)
    : reduceWord(state, panel, plan.confirmWord, event, together);
}

/** True when the key belongs to the word that is typed, or begins it. */
function isLetterOf(word: string | null, typed: string, key: string): boolean {
  return word !== null && (typed !== "" || word.startsWith(key));
}

/** Keys that confirm nothing: another plan, a copy. Null for all others. */
function reduceBeside(state: ConsoleState, panel: PlanPanel, event: KeyEvent): Update | null {
  if (event.key === "c" && panel.plan !== null) return copyCommands(state, panel.plan);
  const offer = selectOffers(panel).find(({ key }) => key === event.key);
  if (offer === undefined) return null;
  if (!isPainted(state, event.at)) return only(withMessage(state, WHY_NOT.early, "warning"));
  return requestPlan(state, offer.request, offer.notice);
}

/** Nothing can be confirmed: any key that would says so. */
function reduceDeadKey(state: ConsoleState, panel: PlanPanel, event: KeyEvent): Update {
  if (event.key === "n" || event.key === "q") return leave(state);
  if (event.key === "j" || event.key === "k") return only(moveBy(state, event.key === "j" ? 1 : -1));
  if (event.key !== "y" && event.key !== "enter") return only(state);
  const { plan, refusal } = panel;
  if (refusal !== null) return only(withMessage(state, "there is no plan to run: Esc leaves", "warning"));
  if (plan === null) return only(withMessage(state, WHY_NOT.early, "warning"));
  if (!isRefused(plan)) return leave(state);
  return only(withMessage(state, "guards refuse this: nothing can be confirmed here", "critical"));
}

function reduceYes(state: ConsoleState, panel: PlanPanel, event: KeyEvent, together: number): Update {
  if (event.key === "n" || event.key === "q") return leave(state);
  if (event.key === "j" || event.key === "k") return only(moveBy(state, event.key === "j" ? 1 : -1));
  if (event.key !== "y") return only({ ...state, overlay: panel });
  return confirm(state, panel, event, together);
}

function reduceWord(state: ConsoleState, panel: PlanPanel, word: string, event: KeyEvent, together: number): Update {
  if (event.key === "n" && !isLetterOf(word, panel.typed, "n")) return leave(state);
  if (event.key === "enter") {
    if (panel.typed === word) return confirm(state, panel, event, together);
    return only(withMessage(state, `type ${word} and press Enter; Esc leaves`, "warning"));
  }
  const typed = editText(panel.typed, event);
  if (typed === null) return only(state);
  if (!isPainted(state, event.at)) return only(withMessage(state, WHY_NOT.early, "warning"));
  return only({ ...state, overlay: { ...panel, typed: typed.slice(0, 200) } });
}

function confirm(state: ConsoleState, panel: PlanPanel, event: KeyEvent, together: number): Update {
  const judgement = judgeKey(state, event, together);
  if (judgement === "counts") return run(state, panel);
  if (judgement !== "held") return only(withMessage({ ...state, overlay: panel }, WHY_NOT[judgement], "warning"));
  // The second press of a hand looks like the first repeat of a held key, but no third follows it at once.
  const waiting = { ...state, overlay: { ...panel, pendingSince: event.at } };
  return only(waiting, { type: "wake", afterMs: HELD_WAIT_MS });
}

/** The wait for a repeat is over. */
export function confirmHeld(state: ConsoleState, now: EpochMs): Update {
  const { overlay } = state;
  if (overlay?.kind !== "plan" || overlay.pendingSince === null) return only(state);
  if (now - overlay.pendingSince < HELD_WAIT_MS - 1) return only(state);
  return run(state, { ...overlay, pendingSince: null });
}

function run(state: ConsoleState, panel: PlanPanel): Update {
  const { plan } = panel;
  if (plan === null) return only(state);
  if (state.now - plan.at > MAX_AGE_MS)
    return requestPlan(
      state,
      panel.request,
      "The plan was older than 30 s, so it was made again: nothing was done yet.",
    );
  return only(openOperation(state, plan, panel.requestId), {
    type: "engine",
    request: { type: "run", planId: plan.id },
  });
}
