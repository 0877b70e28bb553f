/** How the writes stand: a bar of the time they may stand still, what is waited for, and who is in the way. */
import type { Blocker, OperationProgress, PromotionProgress } from "../../model/operation.ts";
import { formatBound, formatGap } from "../../model/promotion-words.ts";
import type { EpochMs } from "../../model/reading.ts";
import { safeText, truncateText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import type { Token } from "../theme.ts";
import { paragraph } from "./plan-parts.ts";

const BAR_CELLS = 30;
const WARNING_SHARE = 0.5;
const CRITICAL_SHARE = 0.8;
const MOST_BLOCKERS = 4;
const LABEL = "  writes  ";

/** The figures stand beside the bar: it is read without colour too. */
function barLine(soFarMs: number, budgetMs: number, width: number, glyphs: Glyphs): Line {
  const share = budgetMs <= 0 ? 1 : Math.min(1, soFarMs / budgetMs);
  const token: Token = share >= CRITICAL_SHARE ? "critical" : share >= WARNING_SHARE ? "warning" : "ok";
  const cells = Math.max(5, Math.min(BAR_CELLS, width - 50));
  const filled = Math.ceil(share * cells);
  return [
    segment(LABEL, "dim"),
    segment("STOPPED ", token),
    segment(`[${glyphs.filled.repeat(filled)}`, token),
    segment(`${glyphs.unfilled.repeat(cells - filled)}]`, "dim"),
    segment(` ${(soFarMs / 1_000).toFixed(1)} s of ${formatBound(budgetMs)} (${Math.floor(share * 100)} %)`, token),
  ];
}

function before({ plan }: OperationProgress, { budgetMs }: PromotionProgress): { text: string; token: Token } {
  const { promotion, steps, doneBefore, carriesOn } = plan;
  if (promotion?.mode === "failover")
    return { text: `none: ${promotion.from ?? "the old primary"} is dead`, token: "critical" };
  const isBehind = steps.some(({ section, number }) => section === "write-stop" && doneBefore.includes(number));
  if (carriesOn && isBehind)
    return { text: "not known to this run: an earlier one has stopped them", token: "unknown" };
  return { text: `flow; they will stop for at most ${formatBound(budgetMs)}`, token: "ok" };
}

/** Empty for plans that stop no writes. */
export function writesLines(
  progress: OperationProgress,
  promotion: PromotionProgress,
  running: boolean,
  now: EpochMs,
  width: number,
  glyphs: Glyphs,
): Line[] {
  const { stoppedAt, openedAt, gapMs, budgetMs } = promotion;
  const say = (text: string, token: Token): Line[] => [[segment(LABEL, "dim"), segment(text, token)]];
  const { promotion: plan } = progress.plan;
  if (gapMs !== null && plan?.mode === "failover")
    return say(
      `flow again after the death of ${plan.from ?? "the old primary"}; opening ${plan.to} took ${formatGap(gapMs)}`,
      "ok",
    );
  if (gapMs !== null)
    return say(`flow again; they stood still for ${formatGap(gapMs)} of ${formatBound(budgetMs)}`, "ok");
  if (openedAt !== null) return say("flow again; for how long they stood still is not known", "warning");
  if (stoppedAt !== null) {
    if (running) return [barLine(Math.max(0, now - stoppedAt), budgetMs, width, glyphs)];
    return say("STILL STOPPED as far as is known", "critical");
  }
  if (!running || !progress.plan.steps.some(({ section }) => section === "write-stop")) return [];
  const { text, token } = before(progress, promotion);
  return say(text, token);
}

function blockerLines({ node, sessionId, account, seconds, query }: Blocker, width: number, glyphs: Glyphs): Line[] {
  const since = seconds === null ? "for an unknown time" : `for ${seconds} s`;
  const text = query === null ? "runs nothing that is told" : safeText(query);
  return [
    [segment(`    ${safeText(`${node} session ${sessionId} of ${account}, ${since}`)}`, "strong")],
    [segment(`      ${truncateText(text, Math.max(10, width - 6), glyphs.ellipsis)}`, "accent")],
  ];
}

/** What is waited for and who blocks it; empty when nothing is waited for. */
export function waitingLines({ waitingFor, blockers }: PromotionProgress, width: number, glyphs: Glyphs): Line[] {
  if (waitingFor === null && blockers.length === 0) return [];
  const more = blockers.length - MOST_BLOCKERS;
  return [
    ...paragraph(`waits for ${waitingFor ?? "sessions to end"}`, width, 2, "info"),
    ...(blockers.length === 0 ? [] : [[segment("  in the way:", "warning")] satisfies Line]),
    ...blockers.slice(0, MOST_BLOCKERS).flatMap((each) => blockerLines(each, width, glyphs)),
    ...(more > 0 ? [[segment(`    and ${more} more`, "warning")] satisfies Line] : []),
  ];
}
