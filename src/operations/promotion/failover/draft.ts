/** `promote NODE --failover`: the primary is dead. Fence first, then everything that was received, then the writes (PROMOTION.md §2.5). */
import type { PromotionPlan } from "../../../model/operation.ts";
import type { DraftInput, PlanDraft } from "../../commands/command.ts";
import { nameOf } from "../../view.ts";
import { BOUNDS, inSection, isWritable, type Move, UNDO_RANK } from "../move.ts";
import { rolesAfter, rolesNow } from "../roles.ts";
import { routeServer, serverState } from "../server-steps.ts";
import { createSheet, type Sheet } from "../sheet.ts";
import { freezeNode, openNode, readPosition, semiSync, stopReplication } from "../steps.ts";
import { addAfterwards, selectFollowers, sourceSideOf } from "./afterwards.ts";
import { collectTasks } from "./by-hand.ts";
import { addNodeFence, addRouteFence } from "./fence.ts";
import { assertFurthest, measureLoss, selectMostAdvanced } from "./loss.ts";
import { addFetch, addProof, addRelayLogs } from "./relay.ts";
import { type FailoverScene, type Survivor, selectScene } from "./scene.ts";

/**
 * Its receiver was stopped before, and has a way back of its own, unless it runs again to fetch from another replica. No part of what may take
 * `budgetMs`: it may wait for the rest of a transaction that never comes.
 */
function leaveSource({ view, to, candidate, isOpen }: FailoverScene, source: Survivor | null): Move {
  const { name } = candidate.channel;
  const before = isOpen ? [] : [isWritable(to, false)];
  const stop = stopReplication(view, to, name, { before });
  const thread = source === null ? "sql" : "both";
  return {
    ...inSection("before", stop),
    limitMs: BOUNDS.leave,
    undo: {
      change: { kind: "replication", node: to, action: "start", thread, channel: name },
      after: [{ kind: "replication", node: to, channel: name, io: source === null ? null : "running", sql: "running" }],
      before,
      rank: UNDO_RANK.replication,
    },
  };
}

/** The candidate leaves its source, tells its coordinates, is opened and gets the writes. Returns the number of the step that reads them. */
function addOpening(sheet: Sheet, scene: FailoverScene, source: Survivor | null): readonly number[] {
  const { view, to, candidate, isOpen, isPair, servers } = scene;
  const { name } = candidate.channel;
  sheet.group(isPair ? [] : [leaveSource(scene, source)]);
  const byFile = scene.by === "file" && !isPair && !isOpen;
  const [, openRead] = sheet.group(byFile ? [readPosition(to, "applied", name), readPosition(to, "open")] : []);
  if (isOpen) {
    const route = { section: "write-stop", undoRank: null } as const;
    sheet.group(
      servers.candidate.flatMap((server) =>
        serverState(view, server, "ready", { ...route, title: `route writes to ${nameOf(server.server)}` }),
      ),
    );
    return [];
  }
  sheet.group(sourceSideOf(scene) === "on" ? [semiSync(to, true, "undo")] : []);
  sheet.group([openNode(view, to, [])]);
  sheet.group(servers.candidate.map((server) => routeServer(view, server)));
  return openRead === undefined ? [] : [openRead];
}

/** By coordinates the log of the candidate has to stand still until it is read, privileged accounts included. */
function addStandstill(sheet: Sheet, { view, settings, to, by, isOpen }: FailoverScene): void {
  if (by !== "file" || isOpen || view.report(to)?.superReadOnly !== false) return;
  const { lockWaitSeconds } = settings.promotion;
  const freeze = freezeNode(view, to, { lockWaitSeconds, undoBefore: [], undoRank: UNDO_RANK.foundWritable });
  sheet.group([inSection("before", freeze)]);
}

function describeRoles(scene: FailoverScene): Pick<PromotionPlan, "rolesBefore" | "rolesAfter"> {
  const { view, from, to, isPair } = scene;
  const followers = selectFollowers(scene).map(({ node }) => [node, to] as const);
  const follows = new Map<string, string | null>([[to, null], ...followers]);
  // A dead partner of a pair keeps its channel to the other side.
  if (!isPair) follows.set(from, null);
  const labels = new Map([[from, "dead"]]);
  return { rolesBefore: rolesNow(view, from), rolesAfter: rolesAfter(view, { primary: to, follows, labels }) };
}

/** Nodes whose relay logs the promotion cannot do without, unless what only they have is given up. */
function selectNeeded(scene: FailoverScene, source: Survivor | null, acceptLoss: boolean): readonly string[] {
  return [scene.to, ...(source === null || acceptLoss ? [] : [source.node])];
}

/** @throws TargetError, RefusedError */
export function draftFailover(input: DraftInput): PlanDraft {
  const { request, settings, preflight } = input;
  const scene = selectScene(input);
  assertFurthest(scene);
  const { from, to, variant, servers, isPair } = scene;
  const source = isPair ? null : selectMostAdvanced(scene);
  const loss = measureLoss(scene, source);
  const sheet = createSheet();
  addRouteFence(sheet, scene);
  if (preflight?.death?.verdict === "hanging") addNodeFence(sheet, scene);
  addRelayLogs(sheet, scene, selectNeeded(scene, source, request.promotion?.acceptLoss === true));
  if (source !== null) addFetch(sheet, scene, source);
  addProof(sheet, scene);
  addStandstill(sheet, scene);
  const openRead = addOpening(sheet, scene, source);
  addAfterwards(sheet, scene, input, openRead);
  return {
    title: `Promote ${to}: failover from ${from}`,
    confirmWord: to,
    steps: sheet.drafts(),
    notes: [
      ...loss.notes,
      ...(scene.isOpen ? [`${to} is writable already and keeps taking writes while the rest is done.`] : []),
      ...scene.silent.map((node) => `${node} does not answer and is left out.`),
    ],
    watch: [],
    promotion: {
      mode: "failover",
      variant,
      from,
      to,
      writerBackend: servers.backend,
      ...describeRoles(scene),
      budgetMs: settings.promotion.writeStopBudgetSeconds * 1000,
      knownLoss: loss.known,
      byHand: collectTasks(scene, preflight),
    },
  };
}
