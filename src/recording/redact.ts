/** What is left out of a recording unless it was asked for: texts of statements that clients sent. Passwords are in nothing the engine tells. */
import type { SessionsReport } from "../engine/protocol.ts";
import type { OperationProgress } from "../model/operation.ts";

/** Servers quote the statement that failed at the end of the error of an applier. */
const QUOTED = /Query: '(?:[^"\\]|\\.)*/g;
/** The guard `long-work` names what would hold up the write stop; its sentence is repeated in summaries and in the journal. */
const LONG_WORK =
  /( for (?:an unknown time|\d+ s)(?: \(\d+ rows not committed\))?: )(?!no statement now)(?:[^"\\]|\\.)*/g;

/** Takes statements out of JSON, each up to the end of the text it stands in. */
export function redactJson(json: string): string {
  const text = json.includes("Query: '") ? json.replace(QUOTED, "Query: (left out)") : json;
  return text.includes(" for ") ? text.replace(LONG_WORK, "$1(statement left out)") : text;
}

export function redactSessions(report: SessionsReport): SessionsReport {
  const { reading } = report;
  const clear = (sessions: readonly SessionOf[]) => sessions.map((session) => ({ ...session, query: null }));
  if (reading.state === "never") return report;
  if (reading.state !== "failed") return { ...report, reading: { ...reading, value: clear(reading.value) } };
  const { last } = reading;
  return last === null ? report : { ...report, reading: { ...reading, last: { ...last, value: clear(last.value) } } };
}

type SessionOf = Extract<SessionsReport["reading"], { state: "fresh" | "stale" }>["value"][number];

export function redactProgress(progress: OperationProgress): OperationProgress {
  const { promotion } = progress;
  if (promotion === undefined || promotion.blockers.length === 0) return progress;
  const blockers = promotion.blockers.map((blocker) => ({ ...blocker, query: null }));
  return { ...progress, promotion: { ...promotion, blockers } };
}
