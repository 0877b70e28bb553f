/** What the journal tells about an operation that moved the writes. */
import type { HandTask, OperationEntry, PromotionPlan } from "../../model/operation.ts";
import { formatGap } from "../../model/promotion-words.ts";
import type { PositionRole, SourcePosition } from "../../model/source-position.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";

/** That of the old primary before its writes were stopped is worth nothing afterwards, and is not shown. */
const ROLES: Readonly<Record<Exclude<PositionRole, "flowing">, string>> = {
  stop: "old primary after its writes were stopped",
  open: "new primary before it was opened",
  applied: "dead primary, applied up to there",
  ahead: "replica that had received most",
};

export function selectPromotion({ plan }: OperationRecord): PromotionPlan | null {
  return plan?.promotion ?? null;
}

/** What was left to people when it ended. */
export function selectByHand({ byHand }: OperationEntry): readonly HandTask[] {
  return byHand ?? [];
}

/** True when a node may have taken writes that no other has: what was sent is not taken back then. */
function isPastNoReturn({ plan, phases }: OperationRecord): boolean {
  const steps = plan?.steps ?? [];
  const opening = steps.find(({ noReturn }) => noReturn === true);
  return opening !== undefined && steps.some(({ number }) => number >= opening.number && phases.get(number) === "done");
}

/** `38.4 ms`; null for what stopped no writes. */
export function describeGap({ gapMs }: OperationEntry, { plan }: OperationRecord): string | null {
  if (gapMs !== undefined && gapMs !== null) return formatGap(gapMs);
  return (plan?.steps ?? []).some(({ section }) => section === "write-stop") ? "not known" : null;
}

/** Each with what it is the position of. */
export function describePositions({
  positions = {},
}: OperationEntry): { readonly what: string; readonly at: string }[] {
  return (Object.keys(ROLES) as (keyof typeof ROLES)[]).flatMap((role) => {
    const position: SourcePosition | undefined = positions[role];
    if (position === undefined) return [];
    const { gtid, file, pos } = position;
    const place = file === null || pos === null ? null : `${file}:${pos}`;
    const at = [gtid === "" ? "no GTID yet" : gtid, place].filter((each) => each !== null).join(", ");
    return [{ what: ROLES[role], at: at === "" ? "unknown" : at }];
  });
}

/** What can be done about it now, as sentences; empty when nothing has to be. */
export function describeWaysOn({ id, open, undoable }: OperationEntry, record: OperationRecord): string[] {
  const isPast = isPastNoReturn(record);
  const promotion = selectPromotion(record);
  if (open && isPast) {
    return [`signalbox resume ${id} finishes it. It is past the point of no return: nothing of it can be taken back.`];
  }
  if (open) return [`signalbox resume ${id} finishes it, signalbox undo ${id} takes it back.`];
  if (!undoable) return [];
  if (!isPast) return [`signalbox undo ${id} takes it back.`];
  // Back to a primary that was dead there is no way, and one that rejoined has nothing to be given back.
  const from = promotion?.mode === "switchover" ? promotion.from : null;
  return from === null ? [] : [`signalbox undo ${id} moves the writes back to ${from}.`];
}
