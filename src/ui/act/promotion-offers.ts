/** What the panel of a promotion offers beside running it: the failover that a refusal names, and giving up transactions that are known to be lost. */
import type { CommandRequest } from "../../model/operation.ts";
import type { PlanPanel } from "../state/state.ts";
import { selectBlocking } from "./plan-standing.ts";

export interface Offer {
  readonly key: "f" | "l";
  /** Goes on behind the key. */
  readonly text: string;
  /** For the footer. */
  readonly word: string;
  /** What is planned instead. */
  readonly request: CommandRequest;
  readonly notice: string;
}

type Shown = Pick<PlanPanel, "request" | "plan" | "refusal">;

/** Everything that speaks against it, in the words of the engine. */
function selectReasons({ plan, refusal }: Shown): readonly string[] {
  if (refusal !== null) return [refusal.message];
  return plan === null ? [] : selectBlocking(plan).flatMap(({ message, advice }) => [message, advice]);
}

function offerFailover(shown: Shown, node: string): Offer[] {
  if (!selectReasons(shown).some((text) => text.includes("--failover"))) return [];
  return [
    {
      key: "f",
      text: `plans a failover to ${node} instead; its guards ask first whether the primary is really dead`,
      word: "failover",
      request: { ...shown.request, promotion: { failover: true, acceptLoss: false } },
      notice: "A failover instead of the planned promotion.",
    },
  ];
}

function offerLoss(shown: Shown, acceptLoss: boolean): Offer[] {
  const { plan, request } = shown;
  const isAsked = selectReasons(shown).some((text) => text.includes("--accept-loss"));
  if (!acceptLoss && !isAsked && (plan?.promotion?.knownLoss ?? null) === null) return [];
  return [
    {
      key: "l",
      text: acceptLoss
        ? "takes back that the known loss is accepted"
        : "accepts the known loss: those transactions are given up for good",
      word: acceptLoss ? "do not accept the loss" : "accept the loss",
      request: { ...request, promotion: { failover: true, acceptLoss: !acceptLoss } },
      notice: acceptLoss ? "The known loss is not accepted any more." : "THE KNOWN LOSS IS ACCEPTED.",
    },
  ];
}

/** Empty for all but promote. */
export function selectOffers(shown: Shown): readonly Offer[] {
  const { command, promotion, targets } = shown.request;
  const [node] = targets;
  if (command !== "promote" || node === undefined || (shown.plan === null && shown.refusal === null)) return [];
  return promotion?.failover === true ? offerLoss(shown, promotion.acceptLoss) : offerFailover(shown, node);
}
