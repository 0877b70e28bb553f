/** One line of the journal: the fields of the contract in every line, and what a plan's first and last line carry besides. */
import type { Change, CommandId, Fact, HandTask, OperationState, Plan } from "../../model/operation.ts";
import type { PositionRole, SourcePosition } from "../../model/source-position.ts";

export type JournalPhase = "intent" | "done" | "failed" | "undone";

export interface JournalLine {
  /** ISO 8601 with milliseconds, UTC. */
  readonly at: string;
  readonly operation: string;
  readonly cluster: string;
  readonly operator: string;
  readonly host: string;
  readonly kind: CommandId;
  /** Number of the step; 0 for a line about the whole operation. */
  readonly step: number;
  readonly phase: JournalPhase;
  /** HAProxy or node the step goes to; the cluster for step 0. */
  readonly target: string;
  /** Exactly what is sent; for step 0 the title of the plan. */
  readonly command: string;
  /** Facts that held right before. */
  readonly before: readonly Fact[];
  /** Facts that must hold, or held, after it. */
  readonly after: readonly Fact[];
  readonly error: string | null;
  /** What was read back, or how the operation ended, in words. */
  readonly message?: string;
  /** First line of an operation, and again when it is carried on: everything that is going to be done. */
  readonly plan?: Plan;
  /** First line: the process that runs it, to tell an operation that runs from one that was cut short. */
  readonly process?: { readonly pid: number; readonly startedTicks: string | null; readonly thread?: number };
  /** Last line. */
  readonly state?: OperationState;
  /** Outcome of a step that read coordinates. */
  readonly value?: { readonly role: PositionRole; readonly position: SourcePosition };
  /** What was sent because a step had failed for good; the number of the line is 0. */
  readonly rescue?: Change;
  /** Last line of an operation that moved writes: how long they stood still, in milliseconds; null = not known. */
  readonly gapMs?: number | null;
  /** Last line: what is left to people. */
  readonly byHand?: readonly HandTask[];
  /** In a line added later: the operation that took this one back. */
  readonly by?: string;
}

const PHASES: readonly JournalPhase[] = ["intent", "done", "failed", "undone"];

/** The line, or null for anything else: a half-written last line after a crash, or a line of a later version. */
export function parseJournalLine(text: string): JournalLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const line = value as Partial<Record<keyof JournalLine, unknown>>;
  const isWhole =
    typeof line.at === "string" &&
    typeof line.operation === "string" &&
    typeof line.cluster === "string" &&
    typeof line.operator === "string" &&
    typeof line.host === "string" &&
    typeof line.kind === "string" &&
    typeof line.step === "number" &&
    PHASES.some((phase) => phase === line.phase) &&
    typeof line.command === "string";
  return isWhole ? (value as JournalLine) : null;
}

export function formatJournalLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}
