/** The rims of a rejoin: the fence before anything is changed, and what the node serves once it has caught up. */
import { selectAdminState } from "../../admin-state.ts";
import { pidFact } from "../../commands/server-steps.ts";
import { type ClusterView, nameOf, type ServerView } from "../../view.ts";
import { goOn, isWritable, type Move, UNDO_RANK } from "../move.ts";
import { serverState, shutdownSessions } from "../server-steps.ts";
import type { Sheet } from "../sheet.ts";
import {
  clearSessions,
  eventScheduler,
  freezeNode,
  openNode,
  persistReadOnly,
  readPosition,
  semiSync,
  waitPosition,
} from "../steps.ts";
import { selectWaitBy } from "../variant.ts";
import { isReadOnly } from "./needs.ts";
import type { RejoinScene } from "./scene.ts";

const CATCH_UP_SECONDS = 60;

/** No step of a rejoin stops the writes of the cluster, so none belongs to a section. */
export function plain(move: Move): Move {
  const { section: _section, onFailure: _onFailure, ...rest } = move;
  return rest;
}

/** The fence stays when the plan is taken back: this node is not the primary. */
const stays = (move: Move): Move => ({ ...move, undo: null });

function outOfReaders(scene: RejoinScene, server: ServerView): Move[] {
  return serverState(scene.view, server, "maint", {
    section: "before",
    title: `keep reads from ${nameOf(server.server)} until it has caught up`,
    undoRank: UNDO_RANK.otherServers,
  }).map(plain);
}

function runsEvents({ preflight, node }: RejoinScene): boolean {
  const known = preflight?.nodes.get(node) ?? null;
  return known?.eventScheduler === "on" && (known.events ?? []).some(({ status }) => status === "enabled");
}

/** Left on from its time as primary: its applier would wait for acknowledgements that nobody gives. A pair acknowledges both ways. */
function waitsForReplicas({ view, node, back, isMultiWriter }: RejoinScene): boolean {
  return !isMultiWriter && back === null && view.report(node)?.semiSync?.sourceEnabled === true;
}

/** Out of HAProxy first, then read-only, then nothing of its own that could write. */
export function addFence(sheet: Sheet, scene: RejoinScene): void {
  const { view, settings, node, writerServers, readerServers } = scene;
  const { lockWaitSeconds } = settings.promotion;
  sheet.group([
    ...writerServers.flatMap((server) =>
      serverState(view, server, "maint", {
        section: "before",
        title: `keep writes from ${nameOf(server.server)}`,
        undoRank: null,
      }).map(plain),
    ),
    ...readerServers.flatMap((server) => outOfReaders(scene, server)),
  ]);
  const isWide = !isReadOnly(scene);
  sheet.group(isWide ? [stays(plain(freezeNode(view, node, { lockWaitSeconds, undoBefore: [] })))] : []);
  const busy = writerServers.filter(({ server }) => server.sessions !== 0);
  sheet.group([
    ...busy.map((server) => goOn(plain(shutdownSessions(view, server)))),
    ...(isWide ? [goOn(plain(clearSessions(node)))] : []),
  ]);
  sheet.group([
    ...(runsEvents(scene) ? [plain(eventScheduler(node, false, null))] : []),
    ...(waitsForReplicas(scene) ? [plain(semiSync(node, false, null))] : []),
  ]);
}

/** Up to where the primary was when it was asked. Returns the number of the step that waits. */
export function addCatchUp(
  sheet: Sheet,
  { view, node, primary, channel, isMultiWriter, by }: RejoinScene,
): readonly number[] {
  const [read] = sheet.group([plain(readPosition(primary, "flowing"))]);
  const wait = plain(
    waitPosition({
      node,
      channel: channel?.name ?? "",
      position: { kind: "role", role: "flowing", node: primary },
      of: primary,
      by: channel === null ? (by === "file" ? "file" : "gtid") : selectWaitBy(view, node, primary),
      timeoutSeconds: CATCH_UP_SECONDS,
    }),
  );
  return sheet.group([{ ...(isMultiWriter ? wait : goOn(wait)), ...(read === undefined ? {} : { needs: [read] }) }]);
}

/** Beside the other writer, and only while each follows the other without error. Taken back in reverse: no writes first, then read-only. */
export function addOpening(sheet: Sheet, scene: RejoinScene, caughtUp: readonly number[]): void {
  const { view, node, primary, channel, back, writerServers } = scene;
  if (channel === null || back === null) return;
  const superToo = (view.report(node)?.superReadOnly ?? null) !== null;
  const runs = { io: "running", sql: "running" } as const;
  const { noReturn: _noReturn, ...open } = plain(openNode(view, node, []));
  sheet.group([
    {
      ...open,
      before: [
        isWritable(node, false),
        { kind: "follows", node, channel: channel.name, host: channel.sourceHost, port: channel.sourcePort, ...runs },
        {
          kind: "follows",
          node: primary,
          channel: back.name,
          host: back.sourceHost,
          port: back.sourcePort,
          ...runs,
        },
      ],
      needs: caughtUp,
      undo: {
        change: { kind: "read-only", node, on: true, superToo },
        after: [{ kind: "read-only", node, on: true, superToo }],
        rank: UNDO_RANK.readOnly,
      },
    },
  ]);
  const events = scene.preflight?.nodes.get(node) ?? null;
  const wantsEvents =
    events?.eventScheduler === "off" && (events.events ?? []).some(({ status }) => status === "enabled");
  sheet.group(wantsEvents ? [goOn(plain(eventScheduler(node, true, "undo")))] : []);
  sheet.group(
    writerServers.map((server) => backIn(view, server, `route writes to ${nameOf(server.server)} too`, [], 1)),
  );
}

/** In maintenance by then, whatever it was when the plan was made. */
function backIn(
  view: ClusterView,
  { haproxy, server }: ServerView,
  title: string,
  needs: readonly number[],
  rank: number,
): Move {
  const name = { haproxy, backend: server.backend, server: server.server };
  const fact = (state: "ready" | "maint") => ({ kind: "admin-state", ...name, state }) as const;
  return {
    title,
    target: { kind: "haproxy", haproxy },
    change: { kind: "server-state", ...name, state: "ready" },
    before: [...pidFact(view, haproxy), fact("maint")],
    after: [fact("ready")],
    undo: { change: { kind: "server-state", ...name, state: "maint" }, after: [fact("maint")], rank },
    found: selectAdminState(server) ?? "",
    ...(needs.length === 0 ? {} : { needs }),
  };
}

export function addReaders(sheet: Sheet, { view, readerServers }: RejoinScene, caughtUp: readonly number[]): void {
  sheet.group(
    readerServers.map((server) =>
      goOn(backIn(view, server, `let ${nameOf(server.server)} serve reads again`, caughtUp, 1)),
    ),
  );
}

export function addPersisting(sheet: Sheet, { preflight, node, isMultiWriter }: RejoinScene): void {
  const can = preflight?.nodes.get(node)?.canPersist === true;
  sheet.group(can ? [goOn(plain(persistReadOnly(node, !isMultiWriter)))] : []);
}
