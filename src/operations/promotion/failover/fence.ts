/** First of all the dead primary is kept from coming back: on every HAProxy, and on the node itself where it still takes connections. */
import { lastKnown } from "../../../model/reading.ts";
import { nameOf, type ServerView } from "../../view.ts";
import { goOn, inSection, isWritable, type Move, UNDO_RANK } from "../move.ts";
import { serverState, shutdownSessions } from "../server-steps.ts";
import type { Sheet } from "../sheet.ts";
import type { FailoverScene } from "./scene.ts";

const FENCE_MS = 2000;

function takeOut(scene: FailoverScene, server: ServerView, undoRank: number): Move[] {
  const { view, servers, to, variant, isOpen } = scene;
  // A candidate that takes writes by now has some that the dead primary lacks: beside it that comes back only where both are meant to write.
  const mayReturn = isOpen && (variant === "multi-writer" || !servers.old.includes(server));
  return serverState(view, server, "maint", {
    section: "before",
    title: `keep writes from ${nameOf(server.server)}`,
    undoRank,
    undoBefore: mayReturn ? [] : [isWritable(to, false)],
  });
}

/** A candidate that takes writes already keeps its server: everybody else leaves. */
export function addRouteFence(sheet: Sheet, scene: FailoverScene): void {
  const { view, servers, isOpen } = scene;
  const leaving = [...servers.old, ...servers.others];
  sheet.group([
    ...servers.old.flatMap((server) => takeOut(scene, server, UNDO_RANK.oldServer)),
    ...[...servers.others, ...(isOpen ? [] : servers.candidate)].flatMap((server) =>
      takeOut(scene, server, UNDO_RANK.otherServers),
    ),
  ]);
  sheet.group(leaving.map((server) => inSection("before", shutdownSessions(view, server))));
}

/** Tried for two seconds on a primary that takes connections and says nothing; a dead one gets no statement. */
export function addNodeFence(sheet: Sheet, scene: FailoverScene): void {
  const { view, from, to } = scene;
  const node = view.node(from);
  const last = node === null ? null : lastKnown(node.reading);
  const hasSuper = (last?.value.superReadOnly ?? null) !== null;
  sheet.group([
    goOn({
      title: `stop writes on ${from}, should it still answer`,
      target: { kind: "node", node: from },
      change: { kind: "read-only", node: from, on: true, superToo: hasSuper },
      before: [],
      after: [{ kind: "read-only", node: from, on: true, superToo: hasSuper }],
      undo:
        last?.value.readOnly === false
          ? {
              change: { kind: "read-only", node: from, on: false, superToo: hasSuper },
              after: [{ kind: "read-only", node: from, on: false, superToo: false }],
              before: [isWritable(to, false)],
              rank: UNDO_RANK.readOnly,
            }
          : null,
      found: "does not answer",
      section: "before",
      limitMs: FENCE_MS,
    }),
  ]);
}
