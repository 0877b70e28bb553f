/** `rejoin NODE`: a returned old primary becomes a replica (PROMOTION.md §2.7), or, where both sides take writes, the second writer again. */
import type { HandTask } from "../../../model/operation.ts";
import type { DraftInput, PlanDraft } from "../../commands/command.ts";
import { RefusedError } from "../../errors.ts";
import { readOnlyTask } from "../by-hand.ts";
import { rolesAfter, rolesNow } from "../roles.ts";
import { createSheet } from "../sheet.ts";
import { addFollowing, addMutual } from "./following.ts";
import { isHealthy, mustServeAgain, needsFence } from "./needs.ts";
import { type RejoinScene, selectRejoin } from "./scene.ts";
import { addCatchUp, addFence, addOpening, addPersisting, addReaders } from "./sides.ts";

/** What no step of a plan can mend. */
function assertMendable({ view, node, primary, channel, back, by, preflight }: RejoinScene): void {
  const failed = [
    { name: node, error: channel?.sqlError ?? null },
    { name: primary, error: back?.sqlError ?? null },
  ].find(({ error }) => error !== null && error.code !== 0);
  if (failed !== undefined) {
    throw new RefusedError(
      `The applier of ${failed.name} has stopped with error ${failed.error?.code}: ${failed.error?.message}.`,
      `Mend it, or rebuild ${node} from ${primary}.`,
    );
  }
  if (channel !== null || by !== "file") return;
  const last = preflight?.lastPromotion ?? null;
  if (last?.from === node && last.to === primary && (last.positions.open?.file ?? null) !== null) return;
  throw new RefusedError(
    `From where in the log of ${primary} ${node} has to follow is not in the journal of this machine, and there are no GTIDs.`,
    `Rebuild ${node} from ${primary}${view.report(node)?.flavor === "mariadb" ? "" : ", or switch GTIDs on"}.`,
  );
}

function collectTasks({ view, node, preflight, isMultiWriter }: RejoinScene): HandTask[] {
  if (isMultiWriter || preflight?.nodes.get(node)?.canPersist === true) return [];
  return [readOnlyTask(view, node, true)];
}

function buildNotes(scene: RejoinScene, steps: number): string[] {
  const { node, primary, isMultiWriter, readerServers } = scene;
  if (steps === 0) return [`${node} follows ${primary} already and is where it belongs: nothing is to be done.`];
  return [
    isMultiWriter
      ? `${node} takes writes beside ${primary} again once each has everything of the other.`
      : `${node} stays read-only and out of the writes, also when this is taken back.`,
    ...(readerServers.length === 0 ? [] : [`${node} serves reads again only when it has caught up.`]),
  ];
}

/** By coordinates: where the log of the node ended when it was judged. */
function judgedPosition({ view, node, by, channel }: RejoinScene): Pick<PlanDraft, "positions"> {
  const position = view.report(node)?.position ?? null;
  return by === "file" && channel === null && position !== null ? { positions: { stop: position } } : {};
}

/** @throws TargetError, RefusedError */
export function draftRejoin(input: DraftInput): PlanDraft {
  const scene = selectRejoin(input);
  assertMendable(scene);
  const { view, settings, node, primary, variant, isMultiWriter } = scene;
  const sheet = createSheet();
  if (needsFence(scene)) addFence(sheet, scene);
  if (scene.channel === null || scene.stale.length > 0) addFollowing(sheet, scene);
  if (scene.channel !== null) addMutual(sheet, scene);
  if (!isHealthy(scene) || mustServeAgain(scene)) {
    const caughtUp = addCatchUp(sheet, scene);
    if (isMultiWriter) addOpening(sheet, scene, caughtUp);
    addReaders(sheet, scene, caughtUp);
  }
  if (!isHealthy(scene)) addPersisting(sheet, scene);
  const steps = sheet.drafts();
  const label = isMultiWriter ? "primary, writable" : "replica, read-only";
  const keepsTree = scene.channel !== null;
  const follows = new Map<string, string | null>(keepsTree ? [] : [[node, primary]]);
  return {
    title: isMultiWriter
      ? `Give writes back to ${node} beside ${primary}`
      : `Rejoin ${node} as a replica of ${primary}`,
    confirmWord: node,
    steps,
    notes: buildNotes(scene, steps.length),
    watch: [],
    ...judgedPosition(scene),
    promotion: {
      mode: "rejoin",
      variant,
      from: node,
      to: primary,
      writerBackend: view.cluster.writer?.backend ?? null,
      rolesBefore: rolesNow(view, primary),
      rolesAfter: rolesAfter(view, { primary, follows, labels: new Map([[node, label]]) }),
      budgetMs: settings.promotion.writeStopBudgetSeconds * 1000,
      knownLoss: null,
      byHand: steps.length === 0 ? [] : collectTasks(scene),
    },
  };
}
