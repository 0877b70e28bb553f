/** Who may write to a server that is read-only (MariaDB, MySQL before super_read_only), told as the inspector tells it before. */
import { selectInspection } from "../dialects/inspecting.ts";
import { type Account, belongsToPrivileged, readAccounts } from "../inspect/accounts.ts";
import type { OtherSession } from "./other-sessions.ts";
import { buildAsking } from "./status.ts";
import type { Work } from "./work.ts";

export interface Privileged {
  mayWrite(session: OtherSession): boolean;
}

const nobody: Privileged = { mayWrite: () => false };

/** Null when our account may not read the grants of others: nobody is known to be privileged then, and nobody known not to be. */
export async function readPrivileged(work: Work): Promise<Privileged | null> {
  const { dialect, identity } = work.login;
  if (dialect.fastVariables.superReadOnly !== null) return nobody;
  const { bypass } = selectInspection(identity.flavor, identity.version);
  const accounts = await readAccounts(buildAsking(work), bypass);
  return accounts === null ? null : { mayWrite: (session) => isPrivileged(session, accounts, identity.account) };
}

function isPrivileged(session: OtherSession, accounts: readonly Account[], own: string): boolean {
  return belongsToPrivileged({ ...session, database: null, state: null, system: false }, accounts, own);
}
