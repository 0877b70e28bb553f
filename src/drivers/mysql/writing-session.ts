/** The session of a writer: the statements of command.ts and lock.ts, and what is read around them. Nothing else passes. */
import { assertReadsOnly } from "./reading-only.ts";
import type { SessionKind } from "./session-kind.ts";

const quoted = "'(?:[^'\\\\]|'')*'";
const changes: readonly RegExp[] = [
  new RegExp(`^(START|STOP) (SLAVE|REPLICA)( ${quoted})?( (IO|SQL)_THREAD)?( FOR CHANNEL ${quoted})?$`),
  /^SET GLOBAL (super_)?read_only=[01](, GLOBAL (super_)?read_only=[01])?$/,
  /^KILL [1-9]\d*$/,
  // By name here, because a cluster may be called "into".
  /^SELECT (GET_LOCK\('[A-Za-z0-9_.:-]+', \d+\)|RELEASE_LOCK\('[A-Za-z0-9_.:-]+'\)|IS_USED_LOCK\('[A-Za-z0-9_.:-]+'\)) AS /,
];

export const writingSession: SessionKind = {
  batches: false,
  assertMaySend: (sql) => {
    if (!changes.some((form) => form.test(sql))) assertReadsOnly(sql);
  },
  settingsOf: ({ writing }) => writing.sessionSettings,
};
