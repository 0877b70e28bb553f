/** Accounts that could write in spite of the strongest read-only this server has, and their sessions now. */
import type { ClientSession } from "../../../model/mysql.ts";
import type { PrivilegedAccount } from "../../../model/preflight.ts";
import { DriverError, describeFailure } from "../../errors.ts";
import { type Asking, ask, missingPrivilege } from "../asking.ts";
import { type BypassPrivilege, type Inspection, selectInspection } from "../dialects/inspecting.ts";
import { readSessions } from "../parts/sessions.ts";
import { numberOf, type Row, textOf } from "../rows.ts";
import { type AccountName, findAccount, formatAccount, isInternal, parseGrantee } from "./account-names.ts";
import { findRoleHolders } from "./roles.ts";
import type { Settings } from "./settings.ts";

export interface Account extends AccountName {
  /** What lets it write, in words; null when nothing does. */
  readonly bypass: string | null;
}

const part = { name: "privileged accounts", privilege: "SELECT ON mysql.*" };
const statement =
  "SELECT GRANTEE AS grantee, MAX(PRIVILEGE_TYPE = 'SUPER') AS super_priv," +
  " MAX(PRIVILEGE_TYPE = 'READ_ONLY ADMIN') AS read_only_priv FROM information_schema.user_privileges GROUP BY GRANTEE";

/** What lets an account write here in spite of read-only; nothing does where there is super_read_only. */
export function selectBypass({ login }: Asking, settings: Settings): readonly BypassPrivilege[] {
  if (settings.has("super_read_only")) return [];
  return selectInspection(login.identity.flavor, login.identity.version).bypass;
}

/** Every account; null, with a problem, when ours is shown its own row only, which servers do without a word. */
export async function readAccounts(
  asking: Asking,
  bypass: readonly BypassPrivilege[],
): Promise<readonly Account[] | null> {
  const { identity } = asking.login;
  const inspection = selectInspection(identity.flavor, identity.version);
  const answer = await ask(asking, part, [{ sql: statement, columns: null }]);
  if (answer === null) return null;
  const accounts = answer.rows.map((row) => parseAccount(row, bypass));
  if (accounts.every((account) => formatAccount(account) === identity.account)) {
    const reason = missingPrivilege(asking.login, asking.target, part, "it is shown its own privileges only");
    asking.problems.push({
      part: part.name,
      failure: { target: asking.target, operation: part.name, serverCode: null, ...reason },
    });
    return null;
  }
  return bypass.length === 0 ? accounts : addRoles(asking, accounts, bypass, inspection);
}

export function parseAccount(row: Row, bypass: readonly BypassPrivilege[]): Account {
  const has: Readonly<Record<BypassPrivilege, boolean>> = {
    SUPER: numberOf(row, "super_priv") === 1,
    "READ_ONLY ADMIN": numberOf(row, "read_only_priv") === 1,
  };
  return {
    ...parseGrantee(textOf(row, "grantee") ?? ""),
    bypass: bypass.find((privilege) => has[privilege]) ?? null,
  };
}

/** A role can be switched on by whoever holds it. */
async function addRoles(
  asking: Asking,
  accounts: readonly Account[],
  bypass: readonly BypassPrivilege[],
  { roles }: Inspection,
): Promise<readonly Account[] | null> {
  if (roles === null) return accounts;
  const answer = await ask(asking, part, [{ sql: roles, columns: null }]);
  if (answer === null) return null;
  const holders = findRoleHolders(answer.rows, bypass);
  return accounts.map((account) => {
    const through = holders.get(formatAccount(account));
    return account.bypass !== null || through === undefined ? account : { ...account, bypass: through };
  });
}

/** Ours and the server's own left out. */
export function selectPrivileged(accounts: readonly Account[], own: string): readonly PrivilegedAccount[] {
  return accounts.flatMap((each) =>
    each.bypass === null || isInternal(each) || formatAccount(each) === own
      ? []
      : [{ account: formatAccount(each), privilege: each.bypass }],
  );
}

/** Sessions of privileged accounts now; without asking when there are none. Null, with a problem, when sessions may not be seen. */
export async function readPrivilegedSessions(
  asking: Asking,
  accounts: readonly Account[],
): Promise<readonly ClientSession[] | null> {
  const own = asking.login.identity.account;
  if (selectPrivileged(accounts, own).length === 0) return [];
  try {
    const sessions = await readSessions(asking);
    return sessions.filter((session) => !session.system && belongsToPrivileged(session, accounts, own));
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    asking.problems.push({
      part: "sessions of privileged accounts",
      failure: describeFailure(error, asking.target, "sessions of privileged accounts"),
    });
    return null;
  }
}

/** When the account cannot be told for certain (names against addresses), a session counts as privileged if one of its user's accounts is. */
export function belongsToPrivileged(session: ClientSession, accounts: readonly Account[], own: string): boolean {
  const account = findAccount(accounts, session.user, session.host);
  if (account !== null) return account.bypass !== null && formatAccount(account) !== own;
  return accounts.some((each) => each.user === session.user && each.bypass !== null && formatAccount(each) !== own);
}
