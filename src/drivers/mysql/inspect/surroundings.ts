/** Short questions about who else steers this node and what it can keep. */
import { type Asking, ask } from "../asking.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { numberOf, parseFlag, type Row, textOf } from "../rows.ts";
import type { Account } from "./accounts.ts";
import { findRefusedKinds, type Settings } from "./settings.ts";

/** Locks that MaxScale takes on every server, and on the primary, when several of it work together. */
const rivalLocks = ["maxscale_mariadbmonitor", "maxscale_mariadbmonitor_master"];
const rivalStatement = `SELECT ${rivalLocks.map((name, at) => `IS_USED_LOCK('${name}') AS lock${at}`).join(", ")}`;

const inspectionOf = ({ login }: Asking) => selectInspection(login.identity.flavor, login.identity.version);

export async function readRivals(asking: Asking): Promise<readonly string[] | null> {
  const answer = await ask(asking, { name: "locks of other tools", privilege: null }, [
    { sql: rivalStatement, columns: null },
  ]);
  const [row] = answer?.rows ?? [];
  if (row === undefined) return null;
  return rivalLocks.flatMap((name, at) => {
    const holder = textOf(row, `lock${at}`);
    return holder === null ? [] : [`lock ${name} is held by connection ${holder}`];
  });
}

/** False also where the account may not read it: then it cannot be handed on. The password itself is never asked for. */
export async function readHasStoredPassword(asking: Asking): Promise<boolean> {
  const { storedPasswords } = inspectionOf(asking);
  if (storedPasswords === null) return false;
  const part = { name: "stored replication password", privilege: "SELECT ON mysql.slave_master_info" };
  const answer = await ask({ ...asking, problems: [] }, part, [{ sql: storedPasswords, columns: null }]);
  const [row] = answer?.rows ?? [];
  return row !== undefined && (numberOf(row, "n") ?? 0) > 0;
}

/** Null where nothing is persisted, and where nothing can be. */
export async function readPersistedReadOnly(asking: Asking): Promise<boolean | null> {
  const { persisted } = inspectionOf(asking);
  if (persisted === null) return null;
  const part = { name: "persisted settings", privilege: "SELECT ON performance_schema.*" };
  const answer = await ask(asking, part, [{ sql: persisted, columns: null }]);
  return answer === null ? null : parsePersisted(answer.rows);
}

export function parsePersisted(rows: readonly Row[]): boolean | null {
  const flags = rows.map((row) => parseFlag(textOf(row, "value"))).filter((flag) => flag !== null);
  return flags.length === 0 ? null : flags.includes(true);
}

export const canPersist = (asking: Asking): boolean => inspectionOf(asking).persisted !== null;

/** @param accounts null when they may not be seen: settings tell most of it */
export async function readRefusedKinds(
  asking: Asking,
  settings: Settings | null,
  accounts: readonly Account[] | null,
): Promise<readonly string[] | null> {
  if (settings === null) return null;
  const kinds = [...findRefusedKinds(settings)];
  if (kinds.length === 0 && accounts?.some(({ user }) => user === "rdsadmin") === true)
    kinds.push("Amazon RDS (it has an account rdsadmin)");
  const { groupMember } = inspectionOf(asking);
  const group = settings.get("group_replication_group_name") ?? "";
  if (groupMember === null) return kinds;
  const part = { name: "group replication", privilege: "SELECT ON performance_schema.*" };
  const answer = await ask(asking, part, [{ sql: groupMember, columns: null }]);
  if (answer === null) return group === "" ? kinds : null;
  const [member] = answer.rows;
  return member === undefined ? kinds : [...kinds, `Group Replication (this node is ${textOf(member, "state")})`];
}
