/** What a session is for: which statements it may send, how, and its settings. A reader never sees a kind that can change anything. */
import type { Dialect } from "./dialects/dialect.ts";
import { assertReadsOnly } from "./reading-only.ts";

export interface SessionKind {
  /** @throws Error when the statement must not be sent on such a session: a defect of ours */
  readonly assertMaySend: (sql: string) => void;
  /** May it send several statements in one message? Only where every text is a constant of ours, or validated. */
  readonly batches: boolean;
  /** Assignments of SET SESSION right after login. */
  readonly settingsOf: (dialect: Dialect) => readonly string[];
}

export const readingSession: SessionKind = {
  assertMaySend: assertReadsOnly,
  batches: false,
  settingsOf: ({ sessionSettings }) => sessionSettings,
};

/** Polls ask the same every second: in one message that is a fraction of the work, for both sides. */
export const pollingSession: SessionKind = { ...readingSession, batches: true };
