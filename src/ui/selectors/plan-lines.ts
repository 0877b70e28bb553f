/** The plan panel: what would be sent where, how it is there now, what guards say, and what confirms. */
import type { GuardVerdict, Plan, PlanStep } from "../../model/operation.ts";
import { hasWork, selectBlocking } from "../act/plan-standing.ts";
import { safeText, wrapText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import type { ConsoleState, PlanPanel } from "../state/state.ts";
import type { Token } from "../theme.ts";
import { headingLine } from "./detail-lines.ts";
import { selectGlyphs } from "./tables.ts";

export function selectPlanLines(state: ConsoleState, panel: PlanPanel, width: number): Line[] {
  const glyphs = selectGlyphs(state);
  const notice = panel.notice === null ? [] : paragraph(panel.notice, width, 2, "warning");
  if (panel.refusal !== null) return [...notice, ...refusalLines(panel, width)];
  const { plan } = panel;
  if (plan === null) return [...notice, [segment("  looking at the servers and asking the guards...", "dim")]];
  return [
    ...notice,
    ...confirmLines(panel, plan, width, glyphs),
    ...guardLines(
      plan.guards.filter(({ verdict }) => verdict !== "pass"),
      width,
      glyphs,
    ),
    [],
    ...stepsLines(plan, width, glyphs),
    ...noteLines(plan, panel, width),
    ...passedLines(plan, width, glyphs),
  ];
}

/** Wrapped text with every line indented. */
export function paragraph(text: string, width: number, indent: number, token: Token = "text"): Line[] {
  return wrapText(safeText(text), Math.max(10, width - indent)).map((part) => [
    segment(" ".repeat(indent)),
    segment(part, token),
  ]);
}

function refusalLines({ refusal }: PlanPanel, width: number): Line[] {
  if (refusal === null) return [];
  const near =
    refusal.candidates.length === 0 ? [] : paragraph(`meant: ${refusal.candidates.join(", ")}`, width, 2, "info");
  return [
    [segment("  There is no plan. Nothing was changed.", "critical")],
    ...paragraph(refusal.message, width, 2),
    ...near,
    [],
    [segment("  Esc", "key"), segment(" leaves", "dim")],
  ];
}

function confirmLines(panel: PlanPanel, plan: Plan, width: number, glyphs: Glyphs): Line[] {
  if (selectBlocking(plan).length > 0) {
    const force = selectBlocking(plan).every(({ forceable }) => forceable)
      ? " Only `signalbox ... --force` on the command line overrides it."
      : "";
    return [
      ...paragraph(`Refused by guards: nothing can be confirmed here.${force}`, width, 2, "critical"),
      [segment("  Esc", "key"), segment(" leaves", "dim")],
    ];
  }
  if (!hasWork(plan)) {
    const nothing: Line = [segment("  Nothing to do: everything is as wanted already.", "ok")];
    return [nothing, [segment("  Esc", "key"), segment(" leaves", "dim")]];
  }
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
    [
      segment("  Disruptive. Type "),
      segment(safeText(plan.confirmWord), "strong"),
      segment(" and press "),
      segment("Enter", "key"),
      segment(" to run it; "),
      segment("Esc", "key"),
      segment(" leaves"),
    ],
    [segment("  > ", "key"), segment(safeText(panel.typed), "prompt"), segment(glyphs.caret, "key")],
  ];
}

const VERDICTS: Readonly<Record<GuardVerdict["verdict"], { readonly word: string; readonly token: Token }>> = {
  pass: { word: "pass", token: "ok" },
  warn: { word: "WARN", token: "warning" },
  block: { word: "BLOCKED", token: "critical" },
  unknown: { word: "NOT KNOWN", token: "unknown" },
};

function verdictSign(verdict: GuardVerdict["verdict"], glyphs: Glyphs): string {
  const health = { pass: "ok", warn: "warning", block: "critical", unknown: "unknown" } as const;
  return glyphs.health[health[verdict]];
}

export function guardLines(guards: readonly GuardVerdict[], width: number, glyphs: Glyphs): Line[] {
  return guards.flatMap((guard) => {
    const { word, token } = VERDICTS[guard.verdict];
    const head: Line = [
      segment(`  ${verdictSign(guard.verdict, glyphs)} ${word} `, token),
      segment(guard.guard, "strong"),
      segment(guard.subject === "" ? "" : `  ${safeText(guard.subject)}`, "accent"),
    ];
    const advice = guard.advice === "" ? [] : paragraph(`${glyphs.arrow} ${guard.advice}`, width, 6, "info");
    return [head, ...paragraph(guard.message, width, 6), ...advice];
  });
}

function passedLines({ guards }: Plan, width: number, glyphs: Glyphs): Line[] {
  const passed = guards.filter(({ verdict }) => verdict === "pass").map(({ guard }) => guard);
  if (passed.length === 0) return [];
  return [[], ...paragraph(`${verdictSign("pass", glyphs)} guards passed: ${passed.join(", ")}`, width, 2, "ok")];
}

export function targetOf({ target }: Pick<PlanStep, "target">): string {
  return target.kind === "haproxy" ? target.haproxy : target.node;
}

/** Steps by group: those of one group are sent at the same time. */
function stepsLines(plan: Plan, width: number, glyphs: Glyphs): Line[] {
  const pending = plan.steps.filter(({ number }) => !plan.doneBefore.includes(number));
  const done = plan.steps.length - pending.length;
  const would = selectBlocking(plan).length > 0 ? "Would be sent" : "Will be sent";
  const lines: Line[] = [headingLine(pending.length === 0 ? "No command has to be sent" : would)];
  let group: number | null = null;
  for (const step of pending) {
    const mates = pending.filter((each) => each.group === step.group).length;
    if (step.group !== group && mates > 1) lines.push([segment(`  ${mates} at the same time:`, "dim")]);
    group = step.group;
    lines.push(...stepLines(step, width, glyphs));
  }
  if (done > 0) lines.push([segment(`  ${done} of ${plan.steps.length} steps were done before and still hold`, "dim")]);
  return lines;
}

function stepLines(step: PlanStep, width: number, glyphs: Glyphs): Line[] {
  const target = `  ${String(step.number).padStart(2)} ${safeText(targetOf(step))} ${glyphs.arrow} `;
  const [first = "", ...rest] = wrapText(safeText(step.command), Math.max(20, width - target.length));
  return [
    [segment(target, "accent"), segment(first, "strong")],
    ...rest.map((text): Line => [segment(" ".repeat(target.length)), segment(text, "strong")]),
    ...paragraph(`found: ${step.found}`, width, 7, "dim"),
  ];
}

function noteLines({ notes, request }: Plan, panel: PlanPanel, width: number): Line[] {
  const own = panel.request.targets.some((target) => target.includes("/"))
    ? ["BACKEND/SERVER means that server on every HAProxy that has it."]
    : [];
  const waits =
    request.waitMs === null
      ? []
      : [`Then its sessions are followed until none is left, for ${request.waitMs / 1_000} s.`];
  const all = [...own, ...notes, ...waits];
  return all.length === 0 ? [] : [[], headingLine("Notes"), ...all.flatMap((note) => paragraph(note, width, 2))];
}
