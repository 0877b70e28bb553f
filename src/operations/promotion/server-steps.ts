/** Single steps on one HAProxy: who may get writes, and who is cut off. */
import type { AdminState, Change, Fact, PlanSection } from "../../model/operation.ts";
import { describeServer, selectAdminState } from "../admin-state.ts";
import { pidFact } from "../commands/server-steps.ts";
import { type ClusterView, nameOf, type ServerView } from "../view.ts";
import { BOUNDS, goOn, isWritable, type Move, UNDO_RANK } from "./move.ts";

interface StateOptions {
  readonly section: PlanSection;
  readonly title: string;
  /** Null: it stays so. */
  readonly undoRank: number | null;
  readonly undoBefore?: readonly Fact[];
}

/** One server on one HAProxy to a state; [] when it is in it. */
export function serverState(view: ClusterView, server: ServerView, to: AdminState, options: StateOptions): Move[] {
  const found = selectAdminState(server.server);
  if (found === to) return [];
  const name = { haproxy: server.haproxy, backend: server.server.backend, server: server.server.server };
  const change = (state: AdminState): Change => ({ kind: "server-state", ...name, state });
  const fact = (state: AdminState): Fact => ({ kind: "admin-state", ...name, state });
  const { undoRank, undoBefore = [] } = options;
  return [
    {
      title: options.title,
      target: { kind: "haproxy", haproxy: server.haproxy },
      change: change(to),
      before: [...pidFact(view, server.haproxy), ...(found === null ? [] : [fact(found)])],
      after: [fact(to)],
      undo:
        undoRank === null || found === null
          ? null
          : { change: change(found), after: [fact(found)], before: undoBefore, rank: undoRank },
      found: describeServer(server.server),
      section: options.section,
    },
  ];
}

/** Keeps new sessions from a server of the writer backend before writes stop: the candidate's, and everybody's who could get them. */
export function gateServer(view: ClusterView, server: ServerView): Move[] {
  return serverState(view, server, "maint", {
    section: "before",
    title: `keep writes from ${nameOf(server.server)}`,
    undoRank: UNDO_RANK.otherServers,
  });
}

/** The old primary's server, once the node itself is fenced. Comes back only while the candidate cannot be written to. */
export function cutServer(view: ClusterView, server: ServerView, candidate: string): Move[] {
  return serverState(view, server, "maint", {
    section: "write-stop",
    title: `take ${nameOf(server.server)} out`,
    undoRank: UNDO_RANK.oldServer,
    undoBefore: [isWritable(candidate, false)],
  }).map(goOn);
}

/** The candidate's server, in maintenance by then, gets the writes. */
export function routeServer(view: ClusterView, server: ServerView): Move {
  const name = { haproxy: server.haproxy, backend: server.server.backend, server: server.server.server };
  return {
    title: `route writes to ${nameOf(server.server)}`,
    target: { kind: "haproxy", haproxy: server.haproxy },
    change: { kind: "server-state", ...name, state: "ready" },
    before: [...pidFact(view, server.haproxy), { kind: "admin-state", ...name, state: "maint" }],
    after: [{ kind: "admin-state", ...name, state: "ready" }],
    undo: null,
    found: describeServer(server.server),
    section: "write-stop",
    onFailure: "go-on",
  };
}

/** A server that is out of rotation is cut from its sessions. */
export function shutdownSessions(view: ClusterView, server: ServerView): Move {
  const name = { haproxy: server.haproxy, backend: server.server.backend, server: server.server.server };
  return {
    title: `shut down the sessions of ${nameOf(server.server)}`,
    target: { kind: "haproxy", haproxy: server.haproxy },
    change: { kind: "shutdown-sessions", ...name },
    before: pidFact(view, server.haproxy),
    after: [{ kind: "no-sessions", ...name }],
    undo: null,
    found: describeServer(server.server),
    section: "write-stop",
    onFailure: "go-on",
    limitMs: BOUNDS.cut,
  };
}
