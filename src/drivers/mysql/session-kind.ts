/** What a session is for: which statements it may send, and its settings. A reader never sees any kind but this one. */
import type { Dialect } from "./dialects/dialect.ts";
import { assertReadsOnly } from "./reading-only.ts";

export interface SessionKind {
  /** @throws Error when the statement must not be sent on such a session: a defect of ours */
  readonly assertMaySend: (sql: string) => void;
  /** Assignments of SET SESSION right after login. */
  readonly settingsOf: (dialect: Dialect) => readonly string[];
}

export const readingSession: SessionKind = {
  assertMaySend: assertReadsOnly,
  settingsOf: ({ sessionSettings }) => sessionSettings,
};
