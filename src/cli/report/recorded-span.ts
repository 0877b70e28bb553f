/** What a recording tells of a span of time: changes, alerts with their beginning and end, and operations as the journal would have them. */
import type { Severity } from "../../model/alert.ts";
import type { ChangeEvent } from "../../model/change.ts";
import type { OperationEntry, OperationProgress, StepOutcome } from "../../model/operation.ts";
import { selectTargetName } from "../../model/plan-subject.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { buildEntry } from "../../operations/journal/entry.ts";
import type { JournalLine, JournalPhase } from "../../operations/journal/line.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";
import type { Recording } from "../../recording/file-reader.ts";
import type { Frame } from "../../recording/group-reader.ts";
import { listGaps } from "../../recording/replay/tape.ts";

/** An alert while it stood. */
export interface AlertSpan {
  readonly cluster: string;
  /** Code and what it is about. */
  readonly subject: string;
  readonly severity: Severity;
  readonly message: string;
  /** Null: it stood when the recording, or the span, began. */
  readonly raisedAt: EpochMs | null;
  /** Null: it stands still at the end. */
  readonly clearedAt: EpochMs | null;
  /** How it went where it did not just end, e.g. `not known now`. */
  readonly end: string | null;
}

export interface RecordedSpan {
  readonly path: string;
  readonly operator: string;
  readonly host: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly isCutOff: boolean;
  readonly damaged: number;
  readonly gaps: readonly { readonly from: EpochMs; readonly to: EpochMs }[];
  /** Without alerts, oldest first; what is said of the alert hook itself (nothing before it) is in it: it tells whether anybody was paged. */
  readonly changes: readonly ChangeEvent[];
  readonly alerts: readonly AlertSpan[];
  readonly operations: readonly ToldOperation[];
}

/** An operation in both forms that reports are made of. */
export interface ToldOperation {
  readonly entry: OperationEntry;
  readonly record: OperationRecord;
}

/** @param cluster null: all of them */
export async function selectSpan(
  recording: Recording,
  from: EpochMs,
  to: EpochMs,
  cluster: string | null,
): Promise<RecordedSpan> {
  const isMeant = (name: string) => cluster === null || name === cluster;
  const within = recording.notes.changes.map(({ value }) => value).filter(({ at }) => at >= from && at <= to);
  const changes = within.filter((change) => isMeant(change.cluster));
  const standing = await alertsAt(recording, from, isMeant);
  const { path, head, isCutOff } = recording;
  return {
    path,
    operator: head.operator,
    host: head.host,
    from,
    to,
    isCutOff,
    // What stood at the beginning is a part of it.
    damaged: recording.damaged + (standing === null ? 1 : 0),
    gaps: listGaps(recording).filter((gap) => gap.to >= from && gap.from <= to),
    changes: changes.filter(({ kind, before }) => kind !== "alert" || before === ""),
    alerts: followAlerts(standing ?? [], changes),
    operations: listOperations(recording, from, to).filter(({ entry }) => isMeant(entry.cluster)),
  };
}

/** Null where the picture of that time cannot be read: what stood then is not known. */
async function alertsAt(
  recording: Recording,
  at: EpochMs,
  isMeant: (cluster: string) => boolean,
): Promise<readonly AlertSpan[] | null> {
  const group = recording.groups.findLast((each) => each.from <= at) ?? recording.groups[0];
  const frames = group === undefined ? [] : await recording.readGroup(group);
  const frame = frames.findLast((each) => each.at <= at) ?? frames[0];
  const chunk = group?.chunks.findLast(({ header }) => header.from <= at) ?? group?.chunks[0];
  const clusters = frame === undefined ? null : readClusters(frame);
  // The one before a picture that cannot be read tells of another time.
  if (frame === undefined || clusters === null || frame.at < (chunk?.header.from ?? 0)) return null;
  return clusters
    .filter(({ name }) => isMeant(name))
    .flatMap(({ name, alerts }) =>
      alerts.map(({ code, subject, severity, message }): AlertSpan => {
        const about = { cluster: name, subject: `${code} ${subject}`, severity, message };
        return { ...about, raisedAt: null, clearedAt: null, end: null };
      }),
    );
}

function readClusters(frame: Frame): Snapshot["clusters"] | null {
  try {
    return frame.snapshot().clusters;
  } catch {
    return null;
  }
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** The words of a change of an alert are those of model/diff/alert-diff.ts: `clear` before or after, else severities. */
function followAlerts(standing: readonly AlertSpan[], changes: readonly ChangeEvent[]): readonly AlertSpan[] {
  const open = new Map(standing.map((alert) => [JSON.stringify([alert.cluster, alert.subject]), alert]));
  const ended: AlertSpan[] = [];
  for (const { kind, cluster, subject, severity, before, after, at } of changes) {
    if (kind !== "alert") continue;
    const key = JSON.stringify([cluster, subject]);
    const known = open.get(key);
    if (before === "clear") {
      // It may stand in the first picture already, which is of the same moment.
      const alert = { cluster, subject, severity, message: after, clearedAt: null, end: null };
      open.set(key, { ...alert, raisedAt: at });
    } else if (known !== undefined && (after === "clear" || after === "not known now")) {
      ended.push({ ...known, clearedAt: at, end: after === "clear" ? null : after });
      open.delete(key);
    } else if (known !== undefined && RANK[severity] > RANK[known.severity]) open.set(key, { ...known, severity });
  }
  const all = [...ended, ...open.values()];
  return all.sort((a, b) => (a.raisedAt ?? 0) - (b.raisedAt ?? 0));
}

/** Each once, oldest first: with every step where it was followed live, else as the journal told it. */
function listOperations({ notes }: Recording, from: EpochMs, to: EpochMs): readonly ToldOperation[] {
  const told = new Map<string, ToldOperation>();
  for (const { at, value } of notes.journals) {
    if (at <= to) for (const entry of value.entries) told.set(entry.id, { entry, record: recordOfEntry(entry) });
  }
  for (const { at, value } of notes.operations) {
    if (at > to) continue;
    const record = { ...recordOfProgress(value), undoneBy: told.get(value.id)?.entry.undoneBy ?? null };
    told.set(value.id, { entry: buildEntry(record), record });
  }
  return [...told.values()]
    .filter(({ entry: { startedAt, endedAt } }) => startedAt <= to && (endedAt ?? to) >= from)
    .sort((a, b) => a.entry.startedAt - b.entry.startedAt);
}

function recordOfEntry(entry: OperationEntry): OperationRecord {
  const { steps, gapMs = null, byHand = [], positions = {} } = entry;
  const { id, cluster, kind, operator, host, startedAt, endedAt, title, reason, state, summary, undoneBy } = entry;
  const about = { id, cluster, kind, operator, host, startedAt, endedAt, title, reason, state, summary, undoneBy };
  const phases = new Map(steps.flatMap(({ number, phase }) => (phase === null ? [] : [[number, phase] as const])));
  return { ...about, gapMs, byHand, positions, plan: null, phases, lines: [] };
}

const PHASES: Readonly<Record<StepOutcome, JournalPhase | null>> = {
  pending: null,
  skipped: null,
  running: "intent",
  unknown: "intent",
  done: "done",
  failed: "failed",
  undone: "undone",
};

function recordOfProgress(progress: OperationProgress): OperationRecord {
  const { id, plan, state, steps, operator, host, startedAt, endedAt, summary, promotion } = progress;
  const { cluster, title, request } = plan;
  const phases = new Map<number, JournalPhase>();
  for (const { number, outcome } of steps) {
    const phase = PHASES[outcome];
    if (phase !== null) phases.set(number, phase);
  }
  const about = { id, cluster, kind: request.command, operator, host, startedAt, endedAt, title };
  return {
    ...about,
    reason: request.reason,
    state,
    summary,
    plan,
    phases,
    positions: {},
    gapMs: promotion?.gapMs ?? null,
    byHand: endedAt === null ? [] : (promotion?.byHand ?? []),
    undoneBy: null,
    lines: listLines(progress),
  };
}

/** As the journal would have them: when each step was begun, and how it ended. */
function listLines({ id, plan, operator, host, steps }: OperationProgress): readonly JournalLine[] {
  const common = { operation: id, cluster: plan.cluster, operator, host, kind: plan.request.command };
  return plan.steps.flatMap((step): JournalLine[] => {
    const progress = steps.find(({ number }) => number === step.number);
    const phase = progress === undefined ? null : PHASES[progress.outcome];
    if (progress === undefined || phase === null || progress.startedAt === null) return [];
    const about = { ...common, step: step.number, target: selectTargetName(step.target), command: step.command };
    const begun = { ...about, before: [], after: [], error: null };
    const at = (time: number) => new Date(time).toISOString();
    const intent: JournalLine = { ...begun, at: at(progress.startedAt), phase: "intent" };
    if (phase === "intent" || progress.endedAt === null) return [intent];
    const { message, failure } = progress;
    const told = message === null ? {} : { message };
    return [intent, { ...begun, at: at(progress.endedAt), phase, error: failure?.message ?? null, ...told }];
  });
}
