/**
 * Servers of one HAProxy as they cross: what rarely changes stays one object per server, the same as long as nothing of it changes; the
 * figures that move with nearly every poll, ages above all, go as one block of numbers.
 */
import type { HaproxyServer } from "../../model/haproxy.ts";

const FIGURES_PER_SERVER = 12;

type Figure =
  | "sessions"
  | "queued"
  | "sessionsTotal"
  | "bytesIn"
  | "bytesOut"
  | "sessionRate"
  | "checkDurationMs"
  | "checkFailures"
  | "downTransitions"
  | "lastChangeSeconds"
  | "downtimeSeconds"
  | "lastSessionSeconds";

/** A server without its moving figures. */
export type StillServer = Omit<HaproxyServer, Figure>;

export interface ServerColumns {
  readonly still: readonly StillServer[];
  /** The figures of each server in turn; NaN where one is not known. */
  readonly figures: Float64Array;
}

/** `before`: the columns this HAProxy had last, whose objects are used again where they still hold. */
export function splitServers(servers: readonly HaproxyServer[], before: ServerColumns | null): ServerColumns {
  const figures = new Float64Array(servers.length * FIGURES_PER_SERVER);
  const old = before?.still ?? [];
  let allKept = old.length === servers.length;
  const still = servers.map((server, index) => {
    writeFigures(server, figures, index * FIGURES_PER_SERVER);
    const known = old[index];
    if (known !== undefined && isStill(known, server)) return known;
    allKept = false;
    return selectStill(server);
  });
  return { still: allKept ? old : still, figures };
}

export function joinServers({ still, figures }: ServerColumns): HaproxyServer[] {
  if (figures.length !== still.length * FIGURES_PER_SERVER) throw new Error("server columns: figures are missing");
  return still.map((server, index) => buildServer(server, figures, index * FIGURES_PER_SERVER));
}

function writeFigures(server: HaproxyServer, to: Float64Array, at: number): void {
  to[at] = server.sessions ?? Number.NaN;
  to[at + 1] = server.queued ?? Number.NaN;
  to[at + 2] = server.sessionsTotal ?? Number.NaN;
  to[at + 3] = server.bytesIn ?? Number.NaN;
  to[at + 4] = server.bytesOut ?? Number.NaN;
  to[at + 5] = server.sessionRate ?? Number.NaN;
  to[at + 6] = server.checkDurationMs ?? Number.NaN;
  to[at + 7] = server.checkFailures ?? Number.NaN;
  to[at + 8] = server.downTransitions ?? Number.NaN;
  to[at + 9] = server.lastChangeSeconds ?? Number.NaN;
  to[at + 10] = server.downtimeSeconds ?? Number.NaN;
  to[at + 11] = server.lastSessionSeconds ?? Number.NaN;
}

function figureAt(figures: Float64Array, at: number): number | null {
  const figure = figures[at] ?? Number.NaN;
  return Number.isNaN(figure) ? null : figure;
}

// Written out field by field here and below: over 1,000 servers a loop over names takes ten times as long.
function selectStill(server: HaproxyServer): StillServer {
  return {
    backend: server.backend,
    server: server.server,
    backendId: server.backendId,
    serverId: server.serverId,
    host: server.host,
    port: server.port,
    status: server.status,
    state: server.state,
    active: server.active,
    backup: server.backup,
    weight: server.weight,
    initialWeight: server.initialWeight,
    ...(server.assignedWeight === undefined ? {} : { assignedWeight: server.assignedWeight }),
    adminReasons: server.adminReasons,
    check: server.check,
    checkCode: server.checkCode,
    checkInfo: server.checkInfo,
    inTransition: server.inTransition,
    tracks: server.tracks,
    agentEnabled: server.agentEnabled,
    rise: server.rise,
    fall: server.fall,
  };
}

/** Compares every field of selectStill, names last: they differ least often. */
function isStill(known: StillServer, server: HaproxyServer): boolean {
  return (
    known.status === server.status &&
    known.state === server.state &&
    known.weight === server.weight &&
    known.check === server.check &&
    known.checkCode === server.checkCode &&
    known.checkInfo === server.checkInfo &&
    known.inTransition === server.inTransition &&
    known.active === server.active &&
    known.backup === server.backup &&
    known.initialWeight === server.initialWeight &&
    known.assignedWeight === server.assignedWeight &&
    known.backendId === server.backendId &&
    known.serverId === server.serverId &&
    known.port === server.port &&
    known.agentEnabled === server.agentEnabled &&
    known.rise === server.rise &&
    known.fall === server.fall &&
    known.tracks === server.tracks &&
    known.host === server.host &&
    known.server === server.server &&
    known.backend === server.backend &&
    areSameReasons(known.adminReasons, server.adminReasons)
  );
}

function areSameReasons(a: HaproxyServer["adminReasons"], b: HaproxyServer["adminReasons"]): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.length !== b.length) return false;
  return a.every((reason, index) => reason === b[index]);
}

function buildServer(still: StillServer, figures: Float64Array, at: number): HaproxyServer {
  const server: { -readonly [Key in keyof HaproxyServer]: HaproxyServer[Key] } = {
    backend: still.backend,
    server: still.server,
    backendId: still.backendId,
    serverId: still.serverId,
    host: still.host,
    port: still.port,
    status: still.status,
    state: still.state,
    active: still.active,
    backup: still.backup,
    weight: still.weight,
    initialWeight: still.initialWeight,
    sessions: figureAt(figures, at),
    queued: figureAt(figures, at + 1),
    sessionsTotal: figureAt(figures, at + 2),
    bytesIn: figureAt(figures, at + 3),
    bytesOut: figureAt(figures, at + 4),
    sessionRate: figureAt(figures, at + 5),
    adminReasons: still.adminReasons,
    check: still.check,
    checkCode: still.checkCode,
    checkInfo: still.checkInfo,
    checkDurationMs: figureAt(figures, at + 6),
    inTransition: still.inTransition,
    checkFailures: figureAt(figures, at + 7),
    downTransitions: figureAt(figures, at + 8),
    lastChangeSeconds: figureAt(figures, at + 9),
    downtimeSeconds: figureAt(figures, at + 10),
    lastSessionSeconds: figureAt(figures, at + 11),
    tracks: still.tracks,
    agentEnabled: still.agentEnabled,
    rise: still.rise,
    fall: still.fall,
  };
  // Not as a spread, which costs more than all the rest.
  if (still.assignedWeight !== undefined) server.assignedWeight = still.assignedWeight;
  return server;
}
