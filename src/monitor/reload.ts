/**
 * Reload of an HAProxy and what it took back. Runtime changes (drain, maintenance, weight, address) live in the process and are lost with
 * it unless a state file was written just before. Server states of a young process are not compared: they begin as UP before any check.
 */
import type { AdminReason, HaproxyProcess, HaproxyReport, HaproxyServer } from "../model/haproxy.ts";
import type { EpochMs } from "../model/reading.ts";
import type { HaproxyReload } from "../model/snapshot.ts";

/** A reload is worth telling for this long, unless everything it lost has been restored before. */
const RELOAD_SHOWN_MS = 10 * 60_000;

/** Reasons set at run time; the others follow from the configuration or from other servers. */
const RUNTIME_REASONS: readonly AdminReason[] = ["maint-forced", "drain-forced"];

/** A reload under observation: what it took back, with the server as it was before. */
export interface ReloadWatch {
  readonly reload: HaproxyReload;
  readonly sinceMs: number;
  readonly before: readonly HaproxyServer[];
  readonly hadLosses: boolean;
}

/** True when the second report comes from another process, or from the same one started anew (in a container the Pid stays). */
export function isReloaded(before: HaproxyProcess | null, after: HaproxyProcess | null): boolean {
  if (before === null || after === null) return false;
  // With nbproc > 1 the processes answer in turn.
  if (before.processNumber !== after.processNumber) return false;
  return (
    differs(before.pid, after.pid) ||
    differs(before.startTimeSeconds, after.startTimeSeconds) ||
    isLess(after.uptimeSeconds, before.uptimeSeconds)
  );
}

/** Follows reloads from one good report to the next; returns null when there is nothing (any more) to tell. `nowMs` is monotonic. */
export function watchReload(
  watch: ReloadWatch | null,
  previous: HaproxyReport | null,
  current: HaproxyReport,
  now: { readonly epochMs: EpochMs; readonly monotonicMs: number },
): ReloadWatch | null {
  if (previous !== null && isReloaded(previous.process, current.process)) {
    // Losses of an earlier reload that nobody restored are still losses.
    const earlier = watch?.before ?? [];
    const names = new Set(earlier.map(nameOf));
    const before = [...earlier, ...previous.servers.filter((server) => !names.has(nameOf(server)))];
    const reload = { at: now.epochMs, previousPid: previous.process?.pid ?? null, pid: current.process?.pid ?? null };
    return compare({ reload: { ...reload, lost: [] }, sinceMs: now.monotonicMs, before, hadLosses: false }, current);
  }
  if (watch === null || now.monotonicMs - watch.sinceMs >= RELOAD_SHOWN_MS) return null;
  const compared = compare(watch, current);
  return compared.hadLosses && compared.reload.lost.length === 0 ? null : compared;
}

function compare(watch: ReloadWatch, current: HaproxyReport): ReloadWatch {
  const now = new Map(current.servers.map((server) => [nameOf(server), server]));
  const found = watch.before.flatMap((before) => {
    const after = now.get(nameOf(before));
    const sentences = after === undefined ? [] : losses(before, after);
    return after === undefined || sentences.length === 0 ? [] : [{ before, after, sentences }];
  });
  const lost = found.flatMap(({ sentences }) => sentences);
  const restore = found.map(({ before, after }) => selectRestore(before, after));
  return {
    ...watch,
    reload: { ...watch.reload, lost, restore },
    before: found.map(({ before }) => before),
    hadLosses: watch.hadLosses || lost.length > 0,
  };
}

function losses(before: HaproxyServer, after: HaproxyServer): string[] {
  const name = nameOf(before);
  const had = runtimeWord(before);
  const has = runtimeWord(after);
  if (had !== null && has !== null && had !== "ready" && had !== has) return [`${name} was ${had}, now ${has}`];
  const found: string[] = [];
  if (differs(before.weight, before.initialWeight) && differs(before.weight, after.weight) && isPlain(before, after)) {
    found.push(`${name} had weight ${before.weight}, now ${after.weight}`);
  }
  if (differs(before.host, after.host) || differs(before.port, after.port)) {
    found.push(`${name} was at ${before.host}:${before.port}, now ${after.host}:${after.port}`);
  }
  return found;
}

/** What has to be set to have the server as it was; a changed address is told and not set again. */
function selectRestore(before: HaproxyServer, after: HaproxyServer) {
  const had = runtimeWord(before);
  const state = had !== null && had !== "ready" && had !== runtimeWord(after) ? had : null;
  const weight = before.assignedWeight ?? (isPlain(before, after) ? before.weight : null);
  const now = after.assignedWeight ?? after.weight;
  const lostWeight = weight !== null && weight !== before.initialWeight && weight !== now ? weight : null;
  return { backend: before.backend, server: before.server, state, weight: lostWeight };
}

/** Effective weights mean something only while the server takes part: drain and maintenance show zero. */
function isPlain(before: HaproxyServer, after: HaproxyServer): boolean {
  return [before, after].every((server) => server.state === "up" || server.state === "unchecked");
}

/** Administrative word as set at run time; null where the source does not tell. */
function runtimeWord(server: HaproxyServer): "maint" | "drain" | "ready" | null {
  if (server.adminReasons === null) return null;
  const reason = RUNTIME_REASONS.find((candidate) => server.adminReasons?.includes(candidate));
  if (reason === undefined) return "ready";
  return reason === "maint-forced" ? "maint" : "drain";
}

function nameOf(server: HaproxyServer): string {
  return `${server.backend}/${server.server}`;
}

function differs<T>(before: T | null, after: T | null): boolean {
  return before !== null && after !== null && before !== after;
}

function isLess(after: number | null, before: number | null): boolean {
  return after !== null && before !== null && after < before;
}
