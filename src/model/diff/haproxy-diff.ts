import type { Severity } from "../alert.ts";
import type { HaproxyReport, HaproxyServer } from "../haproxy.ts";
import { freshValue, lastKnown } from "../reading.ts";
import type { HaproxySnapshot } from "../snapshot.ts";
import { type Change, diffSight } from "./change.ts";

/** A server in one word or two, as short as the status column: `UP`, `DRAIN`, `UP weight 0`. */
function describeServer(server: HaproxyServer): string {
  return server.weight === 0 && server.state === "up" ? "UP weight 0" : server.state.toUpperCase();
}

const SEVERITY: Readonly<Partial<Record<HaproxyServer["state"], Severity>>> = {
  down: "critical",
  maint: "warning",
  drain: "warning",
};

/** True when nothing differs that diffServer could tell: so it is of nearly every server, with every poll. */
function isUnchanged(before: HaproxyServer, after: HaproxyServer): boolean {
  return (
    before.state === after.state &&
    before.weight === after.weight &&
    before.port === after.port &&
    before.host === after.host &&
    before.adminReasons === after.adminReasons
  );
}

function diffServer(haproxy: string, before: HaproxyServer, after: HaproxyServer): Change[] {
  const about = { kind: "server", subject: `${haproxy} ${after.backend}/${after.server}` } as const;
  const changes: Change[] = [];
  const was = describeServer(before);
  const is = describeServer(after);
  if (was !== is) changes.push({ ...about, severity: SEVERITY[after.state] ?? "info", before: was, after: is });
  else if (before.weight !== after.weight && before.weight !== null && after.weight !== null) {
    changes.push({ ...about, severity: "info", before: `weight ${before.weight}`, after: `weight ${after.weight}` });
  }
  const moved =
    before.host !== null && after.host !== null && (before.host !== after.host || before.port !== after.port);
  if (moved) {
    const [from, to] = [`${before.host}:${before.port}`, `${after.host}:${after.port}`];
    changes.push({ ...about, severity: "warning", before: from, after: to });
  }
  // The effective state of a DOWN server hides a drain set or taken back meanwhile; the bits tell it.
  const reasons = (server: HaproxyServer) =>
    server.adminReasons?.filter((reason) => reason !== "maint-config").join(" ") ?? null;
  const [oldReasons, newReasons] = [reasons(before), reasons(after)];
  if (was === is && oldReasons !== null && newReasons !== null && oldReasons !== newReasons) {
    changes.push({ ...about, severity: "info", before: oldReasons || "ready", after: newReasons || "ready" });
  }
  return changes;
}

/** True when both list the same servers in the same order, as they do from one reload to the next. */
function areSameServers(before: readonly HaproxyServer[], after: readonly HaproxyServer[]): boolean {
  return (
    before.length === after.length &&
    before.every((old, index) => old.server === after[index]?.server && old.backend === after[index]?.backend)
  );
}

function diffServers(haproxy: string, before: HaproxyReport, after: HaproxyReport): Change[] {
  if (areSameServers(before.servers, after.servers)) {
    return before.servers.flatMap((old, index) => {
      const now = after.servers[index];
      return now === undefined || isUnchanged(old, now) ? [] : diffServer(haproxy, old, now);
    });
  }
  const key = (server: HaproxyServer) => `${server.backend}/${server.server}`;
  const old = new Map(before.servers.map((server) => [key(server), server]));
  const changes: Change[] = [];
  for (const server of after.servers) {
    const known = old.get(key(server));
    old.delete(key(server));
    if (known !== undefined) changes.push(...diffServer(haproxy, known, server));
    else
      changes.push({
        kind: "server",
        severity: "info",
        subject: `${haproxy} ${key(server)}`,
        before: "absent",
        after: describeServer(server),
      });
  }
  for (const [name, server] of old) {
    changes.push({
      kind: "server",
      severity: "warning",
      subject: `${haproxy} ${name}`,
      before: describeServer(server),
      after: "absent",
    });
  }
  return changes;
}

function diffProcess(name: string, before: HaproxySnapshot, after: HaproxySnapshot): Change[] {
  const about = { kind: "haproxy", subject: name } as const;
  const changes: Change[] = [];
  if (after.reload !== null && after.reload.at !== before.reload?.at) {
    const { previousPid, pid, lost } = after.reload;
    const what = lost.length === 0 ? `pid ${pid ?? "unknown"}` : `pid ${pid ?? "unknown"}; lost: ${lost.join("; ")}`;
    const severity = lost.length === 0 ? "info" : "warning";
    changes.push({ ...about, severity, before: `pid ${previousPid ?? "unknown"}`, after: `reloaded, ${what}` });
  }
  const was = lastKnown(before.reading)?.value.process?.version ?? null;
  const is = freshValue(after.reading)?.process?.version ?? null;
  if (was !== null && is !== null && was !== is) {
    changes.push({ ...about, severity: "info", before: `version ${was}`, after: `version ${is}` });
  }
  return changes;
}

export function diffHaproxies(before: readonly HaproxySnapshot[], after: readonly HaproxySnapshot[]): Change[] {
  const old = new Map(before.map((haproxy) => [haproxy.name, haproxy]));
  return after.flatMap((haproxy): Change[] => {
    const known = old.get(haproxy.name);
    if (known === undefined || known.reading === haproxy.reading) return [];
    const sight = diffSight(known.reading, haproxy.reading, { kind: "haproxy", subject: haproxy.name });
    const changes = sight === null ? [] : [sight];
    const was = lastKnown(known.reading)?.value;
    const is = freshValue(haproxy.reading);
    if (was === undefined || is === null || was === is) return changes;
    return [...changes, ...diffProcess(haproxy.name, known, haproxy), ...diffServers(haproxy.name, was, is)];
  });
}
