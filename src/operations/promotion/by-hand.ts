/** What a plan leaves to people: what does not outlive a restart or a reload, and what nobody but them can do. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import type { HandTask } from "../../model/operation.ts";
import type { PreflightFacts } from "../../model/preflight.ts";
import type { ClusterView } from "../view.ts";
import { describeEdit, type ServerRole } from "./config-edit.ts";
import { describeWithout, type SourceSide, WITHOUT_ADVICE } from "./semi-sync.ts";
import type { WriterServers } from "./writer-servers.ts";

/** True when a reload would make the candidate the only one with writes: an active server, and no other active one that is not disabled. */
function isConfigured(candidate: readonly HaproxyServer[], all: readonly HaproxyServer[]): boolean {
  const active = all.filter(({ backup, adminReasons }) => !backup && adminReasons?.includes("maint-config") !== true);
  return active.length > 0 && active.every((server) => candidate.includes(server));
}

/**
 * One task per HAProxy whose configuration does not make the new primary the only writer: the server lines as they have to become. A reload
 * before that is done sends writes to a node that is read-only, or puts others back into rotation.
 * @param written by HAProxy whose file was read: its lines as they are and as they have to become
 * @param oldWord what the line of the old primary needs: `backup` where it follows the new one, `disabled` where it must stay out
 */
export function configTasks(
  servers: WriterServers,
  written: PreflightFacts["writtenServers"],
  oldWord: "backup" | "disabled" = "backup",
): HandTask[] {
  const { backend, candidate, old, all } = servers;
  const haproxies = [...new Set(candidate.map(({ haproxy }) => haproxy))];
  return haproxies.flatMap((haproxy): HandTask[] => {
    const here = (list: WriterServers["all"]) =>
      list.filter((each) => each.haproxy === haproxy).map(({ server }) => server);
    if (isConfigured(here(candidate), here(all))) return [];
    const [next] = here(candidate);
    const others = all.filter((each) => !candidate.includes(each) && !old.includes(each));
    const file = written?.get(haproxy) ?? [];
    const edits: readonly (readonly [HaproxyServer, ServerRole])[] = [
      ...here(candidate).map((server) => [server, "active"] as const),
      ...here(old).map((server) => [server, oldWord] as const),
      // A backup gets nothing while the active server is up.
      ...here(others).flatMap((server) => (server.backup ? [] : [[server, "disabled"] as const])),
    ];
    const lines = [
      `# haproxy.cfg of ${haproxy}, backend ${backend}`,
      ...edits.flatMap(([server, role]) => describeEdit(server, role, file)),
    ];
    return [
      {
        code: "config-names-old-primary",
        subject: haproxy,
        message: `A reload of ${haproxy} takes every state back that was set at run time: its configuration has to name ${next?.server ?? "the new primary"} as the writer of ${backend}.`,
        lines,
        until: { kind: "configured-out", haproxy, backend, servers: here(old).map(({ server }) => server) },
      },
    ];
  });
}

/** Where the server cannot keep the flag itself. */
export function readOnlyTask(view: ClusterView, node: string, on: boolean): HandTask {
  const hasSuper = (view.report(node)?.superReadOnly ?? null) !== null;
  const word = on ? "ON" : "OFF";
  return {
    code: "read-only-not-persisted",
    subject: node,
    message: on
      ? `A restart of ${node} makes it writable again unless its configuration says otherwise.`
      : `A restart of ${node} makes it read-only again if its configuration says so.`,
    lines: [
      `# my.cnf of ${node}`,
      "[mysqld]",
      `read_only = ${word}`,
      ...(hasSuper ? [`super_read_only = ${word}`] : []),
    ],
    until: { kind: "restarted", node, readOnly: on },
  };
}

export function notFollowingTask(node: string, source: string, why: string): HandTask {
  return {
    code: "node-not-following",
    subject: node,
    message: `${node} does not follow ${source}: ${why}.`,
    lines: [`signalbox rejoin ${node}`],
    until: { kind: "follows", node, source },
  };
}

export function withoutSemiSyncTasks(side: SourceSide, from: string, to: string): HandTask[] {
  const why = describeWithout(side, from, to);
  return why === null ? [] : [otherTask(to, why, [`# ${WITHOUT_ADVICE}`])];
}

export function otherTask(subject: string, message: string, lines: readonly string[] = []): HandTask {
  return { code: "other", subject, message, lines };
}
