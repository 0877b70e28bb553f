/** Privileges that accounts of MariaDB hold through roles; information_schema shows those of accounts only. */
import type { BypassPrivilege } from "../dialects/inspecting.ts";
import { numberOf, type Row, textOf } from "../rows.ts";
import { formatAccount } from "./account-names.ts";

const superBit = 1n << 15n;
const readOnlyBit = 1n << 33n;
/** READ_ONLY ADMIN is apart from SUPER since 10.11: what an older server wrote means both. */
const apartSince = 101_100;

/**
 * Account to what lets it write, e.g. `READ_ONLY ADMIN by role dba`.
 * @param rows one per role and holder; a holder without host is a role itself
 */
export function findRoleHolders(rows: readonly Row[], bypass: readonly BypassPrivilege[]): ReadonlyMap<string, string> {
  const passing = new Map<string, BypassPrivilege>();
  for (const row of rows) {
    const found = findBypass(row, bypass);
    if (found !== null) passing.set(textOf(row, "role") ?? "", found);
  }
  const holders = new Map<string, string>();
  // Roles hold roles: what one inherits goes up one level per round.
  for (let size = -1; size !== passing.size; ) {
    size = passing.size;
    for (const row of rows) {
      const [user, host, role] = [textOf(row, "user") ?? "", textOf(row, "host") ?? "", textOf(row, "role") ?? ""];
      const privilege = passing.get(role);
      if (privilege === undefined) continue;
      if (host === "" && user !== "") passing.set(user, passing.get(user) ?? privilege);
      else holders.set(formatAccount({ user, host }), `${privilege} by role ${role}`);
    }
  }
  return holders;
}

function findBypass(row: Row, bypass: readonly BypassPrivilege[]): BypassPrivilege | null {
  const text = row.get("access") ?? "";
  const access = /^\d+$/.test(text) ? BigInt(text) : 0n;
  const hasSuper = (access & superBit) !== 0n;
  const writtenBefore = (numberOf(row, "version_id") ?? 0) < apartSince;
  const hasReadOnly = (access & readOnlyBit) !== 0n || (hasSuper && writtenBefore);
  const has: Readonly<Record<BypassPrivilege, boolean>> = { SUPER: hasSuper, "READ_ONLY ADMIN": hasReadOnly };
  return bypass.find((privilege) => has[privilege]) ?? null;
}
