/** The plan panel: what would be sent where, how it is there now, what guards say, and what confirms. */
import type { GuardVerdict, Plan } from "../../model/operation.ts";
import { hasWork, isRefused, selectBlocking } from "../act/plan-standing.ts";
import { selectOffers } from "../act/promotion-offers.ts";
import { safeText, wrapText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import type { ConsoleState, PlanPanel } from "../state/state.ts";
import { headingLine } from "./detail-lines.ts";
import { commandLines, guardLines, noteLines, paragraph, passedLines, wordLines } from "./plan-parts.ts";
import { guardSummary, movesWrites, promotionHead, promotionTail, sectionsLines } from "./promotion-plan-lines.ts";
import { selectGlyphs } from "./tables.ts";

export function selectPlanLines(state: ConsoleState, panel: PlanPanel, width: number): Line[] {
  const glyphs = selectGlyphs(state);
  const notice = panel.notice === null ? [] : paragraph(panel.notice, width, 2, "warning");
  if (panel.refusal !== null) return [...notice, ...refusalLines(panel, width)];
  const { plan } = panel;
  if (plan === null) return [...notice, [segment("  looking at the servers and asking the guards...", "dim")]];
  const head = [...notice, ...confirmLines(panel, plan, width, glyphs)];
  if (!movesWrites(plan))
    return [
      ...head,
      ...guardLines(selectTold(plan), width, glyphs),
      [],
      ...stepsLines(plan, width, glyphs),
      ...noteLines(plan, panel, width),
      ...passedLines(plan, width, glyphs),
    ];
  return [
    ...head,
    ...promotionHead(plan, width, glyphs),
    ...guardSummary(plan, glyphs),
    [],
    ...guardLines(selectTold(plan), width, glyphs),
    ...sectionsLines(plan, width, glyphs),
    ...promotionTail(plan, width, glyphs),
    ...noteLines(plan, panel, width),
    ...passedLines(plan, width, glyphs),
  ];
}

const RANKS: Readonly<Record<GuardVerdict["verdict"], number>> = { block: 0, unknown: 1, warn: 2, pass: 3 };

/** What guards have to tell, that which refuses first. */
function selectTold({ guards }: Plan): readonly GuardVerdict[] {
  return guards.filter(({ verdict }) => verdict !== "pass").sort((a, b) => RANKS[a.verdict] - RANKS[b.verdict]);
}

function offerLines(panel: PlanPanel, width: number): Line[] {
  return selectOffers(panel).flatMap(({ key, text }) => {
    const [first = "", ...rest] = wrapText(safeText(text), Math.max(10, width - 4));
    return [
      [segment(`  ${key}`, "key"), segment(` ${first}`)],
      ...rest.map((part): Line => [segment("    "), segment(part)]),
    ];
  });
}

const LEAVES: Line = [segment("  Esc", "key"), segment(" leaves", "dim")];

function refusalLines(panel: PlanPanel, width: number): Line[] {
  const { refusal } = panel;
  if (refusal === null) return [];
  const near =
    refusal.candidates.length === 0 ? [] : paragraph(`meant: ${refusal.candidates.join(", ")}`, width, 2, "info");
  const head = refusal.kind === "refused" ? "Refused. Nothing was changed." : "There is no plan. Nothing was changed.";
  return [
    [segment(`  ${head}`, "critical")],
    ...paragraph(refusal.message, width, 2),
    ...near,
    [],
    ...offerLines(panel, width),
    LEAVES,
  ];
}

/** Why nothing can be confirmed: the guards by name, so that they are in sight however long their reasons are. */
function refusedLines(panel: PlanPanel, plan: Plan, width: number): Line[] {
  const blocking = selectBlocking(plan);
  if (blocking.length === 0) {
    const why = "Transactions would be lost, and nobody has accepted that: nothing can be confirmed here.";
    return [...paragraph(why, width, 2, "critical"), ...offerLines(panel, width), LEAVES];
  }
  const force = blocking.every(({ forceable }) => forceable)
    ? " Only `signalbox ... --force` on the command line overrides it."
    : "";
  const names = movesWrites(plan) ? ` (${[...new Set(blocking.map(({ guard }) => guard))].join(", ")})` : "";
  const why = `Refused by guards${names}: nothing can be confirmed here.${force}`;
  return [...paragraph(why, width, 2, "critical"), ...offerLines(panel, width), LEAVES];
}

function confirmLines(panel: PlanPanel, plan: Plan, width: number, glyphs: Glyphs): Line[] {
  if (isRefused(plan)) return refusedLines(panel, plan, width);
  if (!hasWork(plan)) return [[segment("  Nothing to do: everything is as wanted already.", "ok")], LEAVES];
  if (plan.danger === "reversible")
    return [
      [
        segment("  y", "key"),
        segment(" runs it   "),
        segment("n", "key"),
        segment(" or "),
        segment("Esc", "key"),
        segment(" leaves"),
      ],
    ];
  return [
    ...wordLines(
      "Disruptive. Type",
      safeText(plan.confirmWord),
      [
        segment("and press "),
        segment("Enter", "key"),
        segment(" to run it; "),
        segment("Esc", "key"),
        segment(" leaves"),
      ],
      safeText(panel.typed),
      width,
      glyphs.caret,
    ),
    ...offerLines(panel, width),
  ];
}

/** Steps by group: those of one group are sent at the same time. */
function stepsLines(plan: Plan, width: number, glyphs: Glyphs): Line[] {
  const pending = plan.steps.filter(({ number }) => !plan.doneBefore.includes(number));
  const done = plan.steps.length - pending.length;
  const would = isRefused(plan) ? "Would be sent" : "Will be sent";
  const lines: Line[] = [headingLine(pending.length === 0 ? "No command has to be sent" : would)];
  let group: number | null = null;
  for (const step of pending) {
    const mates = pending.filter((each) => each.group === step.group).length;
    if (step.group !== group && mates > 1) lines.push([segment(`  ${mates} at the same time:`, "dim")]);
    group = step.group;
    lines.push(...commandLines(step, `found: ${step.found}`, width, glyphs));
  }
  if (done > 0) lines.push([segment(`  ${done} of ${plan.steps.length} steps were done before and still hold`, "dim")]);
  return lines;
}
