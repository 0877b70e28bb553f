/** The part of a plan in which writes change hands: everything before the stop, the fence, the proof, the opening and the route. */
import type { Fact } from "../../../model/operation.ts";
import { selectAdminState, selectWeight } from "../../admin-state.ts";
import { pidFact } from "../../commands/server-steps.ts";
import { RefusedError } from "../../errors.ts";
import { nameOf, type ServerView } from "../../view.ts";
import { goOn, inSection, isWritable, type Move, UNDO_RANK } from "../move.ts";
import { type SourceSide, selectSourceSide } from "../semi-sync.ts";
import { cutServer, gateServer, routeServer, shutdownSessions } from "../server-steps.ts";
import type { Sheet } from "../sheet.ts";
import {
  clearSessions,
  confirmPosition,
  eventScheduler,
  freezeNode,
  openNode,
  readPosition,
  semiSync,
  stopReplication,
  waitPosition,
} from "../steps.ts";
import { channelTo, selectWaitBy } from "../variant.ts";
import { addQuickening } from "./checkpoints.ts";
import { runsEvents } from "./events.ts";
import type { Switch } from "./switch.ts";

/** Seconds: PROMOTION.md §2.2, "Default bounds". */
const PRE_SYNC_SECONDS = 30;
const CATCH_UP_SECONDS = 10;
const SIBLING_SECONDS = 2;

const isPair = ({ variant }: Switch) => variant === "pair";

/** True when the candidate takes, or could take, writes that it must not have before it is opened. */
function mustBeFrozen({ view, to, variant }: Switch): boolean {
  const report = view.report(to);
  if (report?.readOnly !== true) return true;
  // Its coordinates have to stand still from the end of replication until it is opened, privileged accounts included.
  return variant === "file" && report.superReadOnly === false;
}

function adminStateAsFound({ haproxy, server }: ServerView): Fact[] {
  const state = selectAdminState(server);
  if (state === null) return [];
  return [{ kind: "admin-state", haproxy, backend: server.backend, server: server.server, state }];
}

/** The candidate is brought near while writes still flow: the wait inside the stop is then short. */
export function addPreSync(sheet: Sheet, plan: Switch): void {
  const { from, to, channel, by } = plan;
  sheet.group([inSection("before", readPosition(from, "flowing"))]);
  const position = { kind: "role", role: "flowing", node: from } as const;
  const wait = { node: to, channel: channel.name, position, of: from, by, timeoutSeconds: PRE_SYNC_SECONDS };
  sheet.group([inSection("before", waitPosition(wait))]);
}

/** What the passive side of a pair has written, and its partner must hold before anything is decided, and again before it is opened. */
function waitForPassive(plan: Switch, timeoutSeconds: number): Move[] {
  const { view, from, to } = plan;
  const channel = channelTo(view, from, to);
  if (!isPair(plan) || channel === null) return [];
  const position = { kind: "role", role: "open", node: to } as const;
  const by = selectWaitBy(view, from, to);
  return [waitPosition({ node: from, channel: channel.name, position, of: to, by, timeoutSeconds })];
}

/** A weight of 0 would keep every write away, however ready the server is. */
function restoreWeight(plan: Switch, server: ServerView): Move[] {
  if (selectWeight(server.server) !== 0) return [];
  const weight = server.server.initialWeight ?? 0;
  if (weight === 0) {
    throw new RefusedError(
      `${nameOf(server.server)} has weight 0 on ${server.haproxy}: no write would reach ${plan.to}.`,
      `Set one: \`signalbox weight ${nameOf(server.server)} 1\`.`,
    );
  }
  const name = { haproxy: server.haproxy, backend: server.server.backend, server: server.server.server };
  const fact = (is: number): Fact => ({ kind: "weight", ...name, weight: is });
  return [
    {
      title: `weight ${weight} for ${nameOf(server.server)}`,
      target: { kind: "haproxy", haproxy: server.haproxy },
      change: { kind: "server-weight", ...name, weight },
      before: [...pidFact(plan.view, server.haproxy), fact(0)],
      after: [fact(weight)],
      undo: { change: { kind: "server-weight", ...name, weight: 0 }, after: [fact(0)], rank: UNDO_RANK.otherServers },
      found: "weight 0",
      section: "before",
    },
  ];
}

/** Everything that can be done while writes flow. */
export function addBefore(sheet: Sheet, plan: Switch): void {
  const { view, settings, from, to, servers } = plan;
  const { lockWaitSeconds } = settings.promotion;
  if (mustBeFrozen(plan)) {
    // Open again while a HAProxy still lacks the old primary, it could not be told from a candidate that was opened.
    const undoBefore = servers.old.flatMap(adminStateAsFound);
    const freeze = freezeNode(view, to, { lockWaitSeconds, undoBefore, undoRank: UNDO_RANK.foundWritable });
    sheet.group([inSection("before", freeze)]);
  }
  if (isPair(plan)) {
    sheet.group([inSection("before", readPosition(to, "open"))]);
    sheet.group(waitForPassive(plan, PRE_SYNC_SECONDS).map((move) => inSection("before", move)));
  }
  addQuickening(sheet, plan);
  addPreSync(sheet, plan);
  sheet.group([...servers.candidate, ...servers.others].flatMap((server) => gateServer(view, server)));
  sheet.group(servers.candidate.flatMap((server) => restoreWeight(plan, server)));
  sheet.group(runsEvents(plan) ? [eventScheduler(from, false, "undo")] : []);
}

/** The fence on the database comes first; HAProxy only routes. Ends with a position after which the old primary has no write. */
export function addFence(sheet: Sheet, plan: Switch, undoBefore: readonly Fact[]): void {
  const { view, settings, from, to, servers } = plan;
  const { lockWaitSeconds } = settings.promotion;
  sheet.group([freezeNode(view, from, { lockWaitSeconds, undoBefore })]);
  const cut = servers.old.flatMap((server) => cutServer(view, server, to));
  const guarded = cut.map((move) =>
    move.undo === null ? move : { ...move, undo: { ...move.undo, before: undoBefore } },
  );
  sheet.group([...guarded, clearSessions(from)]);
  sheet.group([
    ...servers.old.map((server) => shutdownSessions(view, server)),
    readPosition(from, "stop"),
    ...(isPair(plan) ? [readPosition(to, "open")] : []),
  ]);
}

/** The candidate has applied everything, and nobody has written since it was read. */
export function addCatchUp(sheet: Sheet, plan: Switch): void {
  const { from, to, channel, by, variant, siblings } = plan;
  const position = { kind: "role", role: "stop", node: from } as const;
  const wait = { position, of: from, by };
  sheet.group([
    waitPosition({ ...wait, node: to, channel: channel.name, timeoutSeconds: CATCH_UP_SECONDS }),
    ...waitForPassive(plan, CATCH_UP_SECONDS),
    ...(variant === "file" ? siblings : []).map((sibling) =>
      goOn(
        waitPosition({
          ...wait,
          node: sibling.node,
          channel: sibling.channel.name,
          timeoutSeconds: SIBLING_SECONDS,
        }),
      ),
    ),
  ]);
}

export function addOpening(sheet: Sheet, plan: Switch): void {
  const { view, from, to, channel, variant, servers } = plan;
  const undo = { before: [isWritable(to, false)] };
  sheet.group([
    confirmPosition(from, "stop"),
    ...(isPair(plan) ? [] : [stopReplication(view, to, channel.name, undo)]),
  ]);
  sheet.group(variant === "file" ? [readPosition(to, "open")] : []);
  sheet.group(sourceSideOf(plan) === "on" ? [semiSync(to, true, "undo")] : []);
  sheet.group([openNode(view, to, [from])]);
  sheet.group(servers.candidate.map((server) => routeServer(view, server)));
}

/** The siblings of a pair go on following the old primary. */
export function sourceSideOf({ view, variant, from, to, siblings }: Switch): SourceSide {
  const moved = variant === "pair" ? [] : siblings.map(({ node }) => node);
  return selectSourceSide(view, from, to, [from, ...moved]);
}
