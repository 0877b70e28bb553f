/** What a plan that moves writes says beside its steps, and what such a run leaves. */
import type { HandTask, Plan, PlanStep, PromotionPlan, StepUndo } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import { type Cell, cell, formatTable, type Paint } from "../status/table.ts";
import { formatRoles } from "./format-roles.ts";
import { targetOf } from "./target-of.ts";

const MODES: Readonly<Record<PromotionPlan["mode"], string>> = {
  switchover: "Planned switchover",
  failover: "FAILOVER, the old primary is dead",
  rejoin: "Rejoin",
};

const VARIANTS: Readonly<Record<PromotionPlan["variant"], string>> = {
  "mysql-gtid": "MySQL GTIDs",
  "mariadb-gtid": "MariaDB GTIDs",
  file: "file and position",
  pair: "active/backup pair",
  "multi-writer": "several writers",
};

/** `38.4 ms`, `12.3 s`: the length of a write stop. */
export function formatGap(gapMs: number): string {
  return gapMs < 10_000 ? `${gapMs.toFixed(1)} ms` : `${(gapMs / 1000).toFixed(1)} s`;
}

/** `30 s`, `250 ms`: a bound. */
export function formatBound(limitMs: number): string {
  return limitMs < 1000 ? `${limitMs} ms` : `${Number((limitMs / 1000).toFixed(1))} s`;
}

/** `Planned switchover (MySQL GTIDs): db1 → db2, writer backend write_nodes`. */
export function formatMove({ mode, variant, from, to, writerBackend }: PromotionPlan): string {
  const way = mode === "rejoin" ? `${from ?? "?"} follows ${to}` : `${from ?? "nobody"} → ${to}`;
  const backend = writerBackend === null ? "" : `, writer backend ${writerBackend}`;
  return printable(`${MODES[mode]} (${VARIANTS[variant]}): ${way}${backend}`);
}

/** Head of the plan: what moves where, the budget, what is lost. */
export function formatPromotionHead(plan: Plan, promotion: PromotionPlan, width: number, paint: Paint): string[] {
  const { budgetMs, knownLoss } = promotion;
  const stops = plan.steps.some(({ section }) => section === "write-stop");
  const budget = stops
    ? `Writes stop for at most ${formatBound(budgetMs)}; what takes longer is taken back up to the point of no return.`
    : "No writes are stopped.";
  const loss = knownLoss === null ? "Known loss: none." : paint(printable(`KNOWN LOSS: ${knownLoss}`), "critical");
  return [
    paint(formatMove(promotion), promotion.mode === "failover" ? "critical" : "strong"),
    ...formatRoles(promotion, width - 2).map((line) => `  ${line}`),
    budget,
    ...(promotion.mode === "rejoin" ? [] : [loss]),
  ];
}

/** In the order they are taken back: by rank, then those without one, last group first. */
function selectUndos(plan: Plan): { readonly step: PlanStep; readonly undo: StepUndo }[] {
  const found = plan.steps.flatMap((step) => (step.undo === null ? [] : [{ step, undo: step.undo }]));
  const last = Number.POSITIVE_INFINITY;
  return found.sort((a, b) => {
    const byRank = (a.undo.rank ?? last) - (b.undo.rank ?? last);
    return byRank === 0 || Number.isNaN(byRank) ? b.step.group - a.step.group : byRank;
  });
}

/** What takes the plan back, in its order. */
export function formatUndos(plan: Plan, paint: Paint): string[] {
  const undos = selectUndos(plan);
  const end = plan.steps.find(({ noReturn }) => noReturn === true);
  const until = end === undefined ? "" : `, before step ${end.number}`;
  if (undos.length === 0) return ["Taken back when it fails: nothing; no step of it can be."];
  const rows = undos.map(({ step, undo }): Cell[] => [
    cell(String(step.number), "dim"),
    cell(printable(targetOf(step))),
    cell(printable(undo.command), "strong"),
  ]);
  return [
    `Taken back when it fails${until}: what was done of these, in this order`,
    ...formatTable(["step", "on", "command"], rows, paint),
  ];
}

/** Tasks with the lines to type or to put into a file, as they are. */
export function formatByHand(tasks: readonly HandTask[]): string[] {
  if (tasks.length === 0) return [];
  return [
    "Left to do by hand",
    ...tasks.flatMap(({ subject, message, lines }) => [
      `  ${printable(`${subject}: ${message}`)}`,
      ...lines.map((line) => `      ${printable(line)}`),
    ]),
  ];
}
