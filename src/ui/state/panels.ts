/** Panels of actions: how they open, and what the engine's answers make of them. */
import type { PlanAnswer } from "../../engine/protocol.ts";
import type { CommandRequest, OperationProgress, Plan } from "../../model/operation.ts";
import { type ActionId, buildAction } from "../act/actions.ts";
import {
  type ConsoleState,
  isRunning,
  LIVE_LIMIT,
  type LiveOperation,
  type OperationPanel,
  type PlanPanel,
} from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

/** The plan is asked for; the weight is asked for first. */
export function openAction(state: ConsoleState, id: ActionId): Update {
  const built = buildAction(id, state);
  if ("whyNot" in built) return only(withMessage(state, built.whyNot, "warning"));
  if (built.command !== "weight") return requestPlan(state, built, null);
  const serial = state.serial + 1;
  return only({ ...state, serial, overlay: { kind: "weight", serial, request: built, text: "", top: 0 } });
}

/** @param notice why it is asked for again; null for the first time */
export function requestPlan(state: ConsoleState, request: CommandRequest, notice: string | null): Update {
  const serial = state.serial + 1;
  const requestId = `screen-${serial}`;
  const overlay: PlanPanel = {
    kind: "plan",
    serial,
    requestId,
    request,
    plan: null,
    refusal: null,
    notice,
    typed: "",
    pendingSince: null,
    top: 0,
  };
  return only({ ...state, serial, overlay }, { type: "engine", request: { type: "plan", requestId, request } });
}

export function openOperation(state: ConsoleState, plan: Plan, requestId: string | null): ConsoleState {
  const serial = state.serial + 1;
  const overlay: OperationPanel = {
    kind: "operation",
    serial,
    requestId,
    plan,
    stopAsked: false,
    goesOnTold: false,
    cutWord: null,
    top: 0,
  };
  return { ...state, serial, overlay };
}

export function openQuit(state: ConsoleState): ConsoleState {
  const serial = state.serial + 1;
  return { ...state, serial, overlay: { kind: "quit", serial, top: 0 } };
}

/** Shown when the panel that asked is open still: nobody wants a panel that comes back. */
export function takePlan(state: ConsoleState, answer: PlanAnswer): ConsoleState {
  const { overlay } = state;
  if ((overlay?.kind !== "plan" && overlay?.kind !== "operation") || overlay.requestId !== answer.requestId)
    return tellElsewhere(state, answer);
  const serial = state.serial + 1;
  const before = overlay.kind === "plan" ? overlay : null;
  const request = before?.request ?? overlay.plan?.request;
  if (request === undefined) return state;
  const { plan, refusal, replaces, requestId } = answer;
  const notice = replaces?.why ?? before?.notice ?? null;
  const panel: PlanPanel = {
    kind: "plan",
    serial,
    requestId,
    request,
    plan,
    refusal,
    notice,
    typed: "",
    pendingSince: null,
    top: 0,
  };
  return { ...state, serial, overlay: panel };
}

/** A confirmed plan whose panel was left must not fail in silence. */
function tellElsewhere(state: ConsoleState, { refusal, replaces }: PlanAnswer): ConsoleState {
  if (replaces !== null) return withMessage(state, replaces.why, "warning");
  return refusal === null || state.overlay?.kind === "plan" ? state : withMessage(state, refusal.message, "warning");
}

export function takeProgress(state: ConsoleState, progress: OperationProgress): ConsoleState {
  const others = state.live.filter((each) => each.progress.id !== progress.id);
  const live: LiveOperation = { progress, heardAt: state.now };
  const next = { ...state, live: [live, ...others].slice(0, LIVE_LIMIT) };
  const { overlay } = state;
  if (overlay?.kind === "operation" && overlay.plan.id === progress.id) return next;
  if (progress.question !== null)
    return withMessage(next, `${progress.plan.title} asks what to do: 5, then Enter`, "warning");
  if (isRunning(live)) return next;
  return withMessage(next, progress.summary, progress.state === "done" ? "ok" : "warning");
}
