/** Parts of every plan panel: guards, commands, notes. */

import type { GuardVerdict, Plan, PlanStep } from "../../model/operation.ts";
import { selectTargetName } from "../../model/plan-subject.ts";
import { safeText, tailText, wrapText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, lineWidth, segment } from "../paint.ts";
import type { PlanPanel } from "../state/state.ts";
import type { Token } from "../theme.ts";
import { headingLine } from "./detail-lines.ts";

/** Wrapped text with every line indented. */
export function paragraph(text: string, width: number, indent: number, token: Token = "text"): Line[] {
  return wrapText(safeText(text), Math.max(10, width - indent)).map((part) => [
    segment(" ".repeat(indent)),
    segment(part, token),
  ]);
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

export function passedLines({ guards }: Plan, width: number, glyphs: Glyphs): Line[] {
  const passed = guards.filter(({ verdict }) => verdict === "pass").map(({ guard }) => guard);
  if (passed.length === 0) return [];
  return [[], ...paragraph(`${verdictSign("pass", glyphs)} guards passed: ${passed.join(", ")}`, width, 2, "ok")];
}

/** Asks for a word to be typed. Neither it nor the end of what was typed is ever cut. */
export function wordLines(lead: string, word: string, rest: Line, typed: string, width: number, caret: string): Line[] {
  const strong = segment(word, "strong");
  const ask: Line = [segment(`  ${lead} `), strong];
  const caught: Line = [segment("  > ", "key"), segment(tailText(typed, width - 5), "prompt"), segment(caret, "key")];
  if (lineWidth([...ask, segment(" "), ...rest]) <= width) return [[...ask, segment(" "), ...rest], caught];
  const alone = wrapText(word, Math.max(10, width - 4)).map((part): Line => [segment("    "), segment(part, "strong")]);
  const asked = lineWidth(ask) <= width ? [ask] : [[segment(`  ${lead}`)], ...alone];
  return [...asked, [segment("  "), ...rest], caught];
}

export function targetOf({ target }: Pick<PlanStep, "target">): string {
  return selectTargetName(target);
}

/** What is sent where, with how it is there now below. */
export function commandLines(step: PlanStep, below: string, width: number, glyphs: Glyphs): Line[] {
  const target = `  ${String(step.number).padStart(2)} ${safeText(targetOf(step))} ${glyphs.arrow} `;
  const [first = "", ...rest] = wrapText(safeText(step.command), Math.max(20, width - target.length));
  return [
    [segment(target, "accent"), segment(first, "strong")],
    ...rest.map((text): Line => [segment(" ".repeat(target.length)), segment(text, "strong")]),
    ...(below === "" ? [] : paragraph(below, width, 7, "dim")),
  ];
}

export function noteLines({ notes, request }: Plan, panel: PlanPanel, width: number): Line[] {
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
