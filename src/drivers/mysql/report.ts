/** Puts the parts of one poll together. Fast parts are asked every time, slow ones when they have grown old. */
import type { GtidState, MysqlReport, ReportProblem, SemiSync } from "../../model/mysql.ts";
import type { Asking } from "./asking.ts";
import { type Asked, askTogether } from "./batch.ts";
import { readApplierTimes } from "./parts/applier-times.ts";
import { type Attached, readAttached } from "./parts/attached.ts";
import { readChannels } from "./parts/channels.ts";
import { readHeartbeats } from "./parts/heartbeat.ts";
import { readPosition } from "./parts/position.ts";
import {
  type Counters,
  type FastValues,
  readCounters,
  readFastVariables,
  readSlowVariables,
  type SlowValues,
} from "./parts/variables.ts";
import { normalizeGtid, parseFlag, parseNumber } from "./rows.ts";
import type { MysqlTarget } from "./target.ts";

/** How long settings and attached clients may be taken from an earlier poll of the same connection. */
const SETTINGS_MAX_AGE_MS = 5_000;
const attachedMaxAgeMs = 2_000;

interface Kept<T> {
  readonly value: T;
  readonly problems: readonly ReportProblem[];
  readonly asked: readonly Asked[];
  readonly at: number;
}

/** What is kept between polls of one connection; a new connection starts with an empty one. */
export interface Memory {
  settings: Kept<SlowValues> | null;
  attached: Kept<Attached> | null;
  /** What the last poll asked for the parts that are asked every time. */
  asked: readonly Asked[];
  /** May several statements be sent in one message? */
  batches: boolean;
}

export const createMemory = (): Memory => ({ settings: null, attached: null, asked: [], batches: true });

/**
 * @param now monotonic milliseconds
 * @param settingsMaxAgeMs settings as old as that may be taken from an earlier poll of the same connection
 */
export async function readReport(
  asking: Asking,
  target: MysqlTarget,
  memory: Memory,
  now: number,
  settingsMaxAgeMs = SETTINGS_MAX_AGE_MS,
): Promise<MysqlReport> {
  if (memory.batches) memory.batches = await askTogether(asking, selectDue(memory, now, settingsMaxAgeMs));
  const fast = await readFastVariables(asking);
  const channels = await readChannels(asking);
  const withTimes = channels === null ? null : await readApplierTimes(asking, channels);
  const position = await readPosition(asking, normalizeGtid(fast.gtidExecuted));
  const counters = await readCounters(asking);
  const heartbeats = await readHeartbeats(asking, target);
  memory.asked = [...asking.asked];
  memory.settings = await keep(asking, memory.settings, settingsMaxAgeMs, now, readSlowVariables);
  memory.attached = await keep(asking, memory.attached, attachedMaxAgeMs, now, (quiet) =>
    readAttached(quiet, counters.threadsConnected),
  );
  const settings = memory.settings.value;
  const { account: _, ...identity } = asking.login.identity;
  return {
    ...identity,
    ...describeSettings(settings),
    ...describeCounters(counters),
    ...memory.attached.value,
    readOnly: parseFlag(fast.readOnly),
    superReadOnly: parseFlag(fast.superReadOnly),
    position,
    gtid: describeGtid(asking, fast, settings),
    channels: withTimes,
    semiSync: describeSemiSync(settings, counters),
    applierCheckpointMs: selectCheckpoint(fast),
    heartbeats,
    problems: [...asking.problems, ...memory.settings.problems, ...memory.attached.problems],
  };
}

/** What this poll is going to ask, as far as it worked before; in the same order. */
function selectDue({ asked, settings, attached }: Memory, now: number, settingsMaxAgeMs: number): readonly Asked[] {
  return [
    ...asked,
    ...(settings === null || isFresh(settings, settingsMaxAgeMs, now) ? [] : settings.asked),
    ...(attached === null || isFresh(attached, attachedMaxAgeMs, now) ? [] : attached.asked),
  ];
}

/** A little early: polls do not come to the millisecond. */
function isFresh({ at }: Kept<unknown>, maxAgeMs: number, now: number): boolean {
  return now - at < maxAgeMs - 100;
}

/** The kept value while it is young enough, else a new one with the problems met on the way. */
async function keep<T>(
  asking: Asking,
  kept: Kept<T> | null,
  maxAgeMs: number,
  now: number,
  read: (asking: Asking) => Promise<T>,
): Promise<Kept<T>> {
  if (kept !== null && isFresh(kept, maxAgeMs, now)) return kept;
  const [problems, asked]: [ReportProblem[], Asked[]] = [[], []];
  const value = await read({ ...asking, problems, asked });
  return { value, problems, asked, at: now };
}

function describeSettings(settings: SlowValues) {
  return {
    serverUuid: settings.serverUuid,
    logBin: parseFlag(settings.logBin),
    logReplicaUpdates: parseFlag(settings.logReplicaUpdates),
    binlogFormat: settings.binlogFormat,
    autoIncrementIncrement: parseNumber(settings.autoIncrementIncrement),
    autoIncrementOffset: parseNumber(settings.autoIncrementOffset),
    maxConnections: parseNumber(settings.maxConnections),
    galera: settings.galera === null ? false : parseFlag(settings.galera),
    groupReplication: settings.groupReplication !== null && settings.groupReplication !== "",
  };
}

function describeCounters({ uptimeSeconds, threadsConnected, threadsRunning, queriesTotal }: Counters) {
  return { uptimeSeconds, threadsConnected, threadsRunning, queriesTotal };
}

function describeGtid({ login }: Asking, fast: FastValues, settings: SlowValues): GtidState {
  return {
    executed: normalizeGtid(fast.gtidExecuted),
    purged: normalizeGtid(fast.gtidPurged),
    replicaPos: normalizeGtid(fast.gtidReplicaPos),
    binlogState: normalizeGtid(fast.gtidBinlogState),
    mode: settings.gtidMode ?? login.dialect.fixedGtidMode,
    strict: parseFlag(settings.gtidStrict),
  };
}

/** One thread moves its coordinates with every transaction. */
function selectCheckpoint({ applierCheckpoint, applierWorkers }: FastValues): number | null {
  const workers = parseNumber(applierWorkers);
  return workers === null || workers === 0 ? null : parseNumber(applierCheckpoint);
}

/** Null when the server has no semi-sync plugin. */
function describeSemiSync(settings: SlowValues, counters: Counters): SemiSync | null {
  if (settings.semiSyncSource === null && settings.semiSyncReplica === null) return null;
  return {
    sourceEnabled: parseFlag(settings.semiSyncSource),
    replicaEnabled: parseFlag(settings.semiSyncReplica),
    clients: counters.semiSyncClients,
    waitSessions: counters.semiSyncWaitSessions,
  };
}
