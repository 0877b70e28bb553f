/** XA transactions that are prepared: a server that is read-only refuses to commit them. */
import { type Asking, ask, missingPrivilege } from "../asking.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { numberOf, type Row, textOf } from "../rows.ts";
import type { GlobalGrants } from "./grants.ts";

/** What MySQL 8 says to an account without XA_RECOVER_ADMIN, instead of naming the privilege. */
const resourceManagerError = 1401;

/** A prepared one is an open transaction, of a session or (number 0) of none any more: where there is none, nothing is prepared. */
const openTransactions =
  "SELECT COUNT(*) AS open FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = 0 OR trx_rows_modified > 0";

/** True where it is certain without XA RECOVER: nobody has an open transaction that has changed anything. */
async function hasNone(asking: Asking, grants: GlobalGrants | null): Promise<boolean> {
  if (grants?.has("PROCESS") !== true) return false;
  const part = { name: "open transactions", privilege: "PROCESS ON *.*" };
  const answer = await ask({ ...asking, problems: [] }, part, [{ sql: openTransactions, columns: null }]);
  const [row] = answer?.rows ?? [];
  return row !== undefined && numberOf(row, "open") === 0;
}

/** Null, with a problem, when the account may not see them and it cannot be told in another way. */
export async function readPreparedXa(asking: Asking, grants: GlobalGrants | null): Promise<readonly string[] | null> {
  const { identity } = asking.login;
  const { xaPrivilege } = selectInspection(identity.flavor, identity.version);
  const part = { name: "prepared XA transactions", privilege: xaPrivilege === null ? null : `${xaPrivilege} ON *.*` };
  const before = asking.problems.length;
  const answer = await ask(asking, part, [{ sql: "XA RECOVER", columns: null }]);
  if (answer !== null) return answer.rows.map(describeXid);
  if (await hasNone(asking, grants)) {
    asking.problems.splice(before);
    return [];
  }
  const problem = asking.problems[before];
  if (problem?.failure.serverCode === resourceManagerError && xaPrivilege !== null) {
    const reason = missingPrivilege(asking.login, asking.target, part, `the server answers ${resourceManagerError}`);
    asking.problems[before] = { part: part.name, failure: { ...problem.failure, ...reason } };
  }
  return null;
}

/** `data` is the global id followed by the branch id; bytes that are no text are shown as hexadecimal. */
export function describeXid(row: Row): string {
  const data = textOf(row, "data") ?? "";
  const [global, branch] = [Number(row.get("gtrid_length") ?? data.length), Number(row.get("bqual_length") ?? 0)];
  if (!/^[\x20-\x7e]*$/.test(data)) return `0x${Buffer.from(data, "utf8").toString("hex")}`;
  return branch === 0 ? data : `${data.slice(0, global)},${data.slice(global, global + branch)}`;
}
