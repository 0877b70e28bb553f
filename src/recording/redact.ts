/** What is left out of a recording unless it was asked for: texts of statements that clients sent, and values of their rows. Passwords are in nothing the engine tells. */
import type { SessionsReport } from "../engine/protocol.ts";
import type { OperationProgress } from "../model/operation.ts";

/** Servers quote the statement that failed at the end of the error of an applier. */
const QUOTED = /Query: '(?:[^"\\]|\\.)*/g;
/** The guard `long-work` names what would hold up the write stop; its sentence is repeated in summaries and in the journal. */
const LONG_WORK =
  /( for (?:an unknown time|\d+ s)(?: \(\d+ rows not committed\))?: )(?!no statement now)(?:[^"\\]|\\.)*/g;

/**
 * Where servers quote a value, or a piece of a statement, in an error: what stands before it, and what may stand behind it, the surest first.
 * The value itself may hold quotes. What else they quote are names: of tables, columns, keys.
 */
const VALUES: readonly { readonly before: string; readonly behind: readonly string[] }[] = [
  { before: "Duplicate entry '", behind: ["' for key"] },
  { before: " value: '", behind: ["' for column", "' for function", "'' on query.", "', Error_code:"] },
  { before: " near '", behind: ["' at line"] },
  { before: " out of range in '", behind: ["'' on query.", "', Error_code:"] },
  { before: " to the value of '", behind: ["'' on query.", "', Error_code:"] },
  { before: " convert string '", behind: ["' from "] },
  { before: ", record '", behind: ["' would lead to"] },
  { before: " no partition for value ", behind: ["' on query.", ", Error_code:"] },
];
const REST = String.raw`((?:[^"\\]|\\.)*)`;
const FIND_VALUES = VALUES.map(({ before, behind }) => ({
  before,
  behind,
  pattern: new RegExp(`${before}${REST}`, "g"),
}));

/** Takes statements and values of rows out of JSON, each up to the end of the text it stands in at most. */
export function redactJson(json: string): string {
  let text = json.includes("Query: '") ? json.replace(QUOTED, "Query: (left out)") : json;
  for (const { before, behind, pattern } of FIND_VALUES) {
    if (text.includes(before))
      text = text.replace(pattern, (_, rest: string) => `${before}(left out)${keepEnd(rest, behind)}`);
  }
  return text.includes(" for ") ? text.replace(LONG_WORK, "$1(statement left out)") : text;
}

/** What comes after the value. Its end is the last place that can be it: a value may look like one. Without any, nothing is kept. */
function keepEnd(rest: string, behind: readonly string[]): string {
  const end = behind.map((words) => rest.lastIndexOf(words)).find((at) => at >= 0);
  return end === undefined ? "" : rest.slice(end);
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
