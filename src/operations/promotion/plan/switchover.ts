/** The plan of a planned promotion (PROMOTION.md §2.2, §2.4, §2.6): one sheet per way to replicate, made of the same parts. */
import type { HandTask, PromotionPlan } from "../../../model/operation.ts";
import type { DraftInput, PlanDraft } from "../../commands/command.ts";
import { nameOf } from "../../view.ts";
import { configTasks, notFollowingTask, readOnlyTask, withoutSemiSyncTasks } from "../by-hand.ts";
import { isWritable } from "../move.ts";
import { rolesAfter, rolesNow } from "../roles.ts";
import { createSheet, type Sheet } from "../sheet.ts";
import { addRestoring, checkpointNotes } from "./checkpoints.ts";
import { eventNotes, eventTasks } from "./events.ts";
import { addFollowingByFile, addFollowingByGtid, addForgetting, addPersisting, routeMoves } from "./following.ts";
import { addTakingOut, takenOutTasks } from "./multi-writer.ts";
import { readerNotes } from "./readers.ts";
import { type Switch, selectSwitch } from "./switch.ts";
import { addBefore, addCatchUp, addFence, addOpening, sourceSideOf } from "./writing.ts";

/** @throws TargetError, RefusedError */
export function draftSwitchover(input: DraftInput): PlanDraft {
  const plan = selectSwitch(input);
  const sheet = createSheet();
  if (plan.variant === "multi-writer") addTakingOut(sheet, plan);
  else addSwitch(sheet, plan);
  const { from, to } = plan;
  return {
    title:
      plan.variant === "multi-writer"
        ? `Take ${from} out of the writes (${to} keeps them)`
        : `Promote ${to} (now ${from})`,
    confirmWord: to,
    steps: sheet.drafts(),
    notes: buildNotes(plan),
    watch: [],
    promotion: buildPromotion(plan),
  };
}

function addSwitch(sheet: Sheet, plan: Switch): void {
  addBefore(sheet, plan);
  addFence(sheet, plan, [isWritable(plan.to, false)]);
  addCatchUp(sheet, plan);
  addOpening(sheet, plan);
  switch (plan.variant) {
    case "pair":
      // Both follow each other already: nothing is pointed anywhere, and nothing forgotten.
      sheet.group(routeMoves(plan));
      break;
    case "file":
      addFollowingByFile(sheet, plan);
      addForgetting(sheet, plan);
      break;
    default:
      addFollowingByGtid(sheet, plan);
      addForgetting(sheet, plan);
  }
  addRestoring(sheet, plan);
  addPersisting(sheet, plan);
}

function buildPromotion(plan: Switch): PromotionPlan {
  const { view, settings, variant, from, to, servers, siblings } = plan;
  const keepsTree = variant === "pair" || variant === "multi-writer";
  const follows = keepsTree
    ? new Map([[from, to]])
    : new Map<string, string | null>([[to, null], [from, to], ...siblings.map(({ node }) => [node, to] as const)]);
  const labels = new Map([[from, variant === "multi-writer" ? "out of the writes, read-only" : "replica, read-only"]]);
  return {
    mode: "switchover",
    variant,
    from,
    to,
    writerBackend: servers.backend,
    rolesBefore: rolesNow(view, from),
    rolesAfter: rolesAfter(view, { primary: to, follows, labels }),
    budgetMs: settings.promotion.writeStopBudgetSeconds * 1000,
    knownLoss: null,
    byHand: buildTasks(plan),
  };
}

function buildTasks(plan: Switch): HandTask[] {
  const { view, preflight, variant, from, to, servers, silentSiblings } = plan;
  if (variant === "multi-writer") return takenOutTasks(plan);
  const persists = (node: string) => preflight?.nodes.get(node)?.canPersist === true;
  return [
    ...configTasks(servers, preflight?.writtenServers),
    ...(persists(from) ? [] : [readOnlyTask(view, from, true)]),
    ...(persists(to) ? [] : [readOnlyTask(view, to, false)]),
    ...(variant === "pair" ? [] : silentSiblings.map((node) => notFollowingTask(node, to, "it does not answer"))),
    ...eventTasks(plan),
    ...withoutSemiSyncTasks(sourceSideOf(plan), from, to),
  ];
}

function buildNotes(plan: Switch): string[] {
  const { view, variant, from, to, servers, siblings } = plan;
  const old = [...new Set(servers.old.map(({ server }) => nameOf(server)))];
  const others = [...new Set(servers.others.map(({ server }) => nameOf(server)))];
  const below = siblings.map(({ node }) => node).join(", ");
  return [
    ...(old.length === 0
      ? []
      : [`${old.join(", ")} stays in maintenance: ready, it would pull the writes back to ${from}.`]),
    ...(others.length === 0
      ? []
      : [`${others.join(", ")} stays in maintenance too, so that ${to} is the only one that can get writes.`]),
    ...(variant === "pair" && siblings.length > 0
      ? [
          `${below} keeps following ${from}, which follows ${to}: point it to ${to} afterwards with \`signalbox rejoin\`.`,
        ]
      : []),
    ...checkpointNotes(plan),
    ...eventNotes(plan),
    ...(variant !== "multi-writer" && sourceSideOf(plan) === "on"
      ? [
          `Commits on ${to} wait for semi-sync acknowledgements from the first one on: they get them once a node follows it.`,
        ]
      : []),
    ...readerNotes(view, from, to),
  ];
}
