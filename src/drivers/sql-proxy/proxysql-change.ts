/**
 * UPDATE of one row of `mysql_servers`, then LOAD. LOAD pushes the whole table, so it is compared with what runs before, and again after the
 * UPDATE: with anything else in it than this change, nothing is loaded. All on one connection, which is the same process from start to end.
 */
import { formatAddress } from "../../model/address.ts";
import type { HaproxyChangeResult, HaproxyServerAfter } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { buildProxysqlUpdate, buildUpdate, LOAD } from "./command.ts";
import { formatHostgroup, isSameServer } from "./names.ts";
import { assertExpected, buildResult, buildUnknownOutcome, type ChangeRequest, refuse } from "./outcome.ts";
import { UNTOLD_PROCESS } from "./process.ts";
import { readStateWord, selectSetState } from "./products.ts";
import {
  comparePending,
  describeChanged,
  EDITED_SERVERS,
  nameOf,
  RUNTIME_SERVERS,
  readTable,
  type ServerRow,
} from "./proxysql-tables.ts";
import type { AdminSession } from "./session.ts";

const PENDING_ADVICE =
  "Look at both tables, then either LOAD MYSQL SERVERS TO RUNTIME (the edits are meant) or SAVE MYSQL SERVERS TO MEMORY (what runs is right), and plan again.";

/** @throws DriverError */
export async function changeProxysql(session: AdminSession, request: ChangeRequest): Promise<HaproxyChangeResult> {
  const { change } = request;
  const runtime = await readTable(session, RUNTIME_SERVERS);
  const edited = await readTable(session, EDITED_SERVERS);
  const row = findRow(edited, request);
  findRow(runtime, request);
  // The cell that is set anyway is not compared: an edit left in it by an earlier change must not bar the way back.
  const column = change.kind === "server-weight" ? "weight" : "status";
  const pending = comparePending(edited, runtime, { name: nameOf(row), column });
  if (pending.length > 0) {
    const message = `mysql_servers holds what does not run, and LOAD would bring it into effect: ${pending.join("; ")}. Nothing was sent.`;
    throw refuse(request, message, PENDING_ADVICE);
  }
  const update = buildProxysqlUpdate(change);
  if (update === null) throw refuse(request, "This cannot be changed on ProxySQL. Nothing was sent.");
  const command = `${update}; ${LOAD}`;
  assertExpected(request, command);
  request.beginSending();
  await sendUpdate(session, request, update);
  await assertOnlyOurs(session, request, { runtime, edited, row });
  await load(session, request, row);
  const after = await readTable(session, RUNTIME_SERVERS);
  await assertNotStuck(session, request, row, after);
  const isOurs = (each: ServerRow) => nameOf(each) === nameOf(row);
  const others = describeChanged(
    runtime.filter((each) => !isOurs(each)),
    after.filter((each) => !isOurs(each)),
  );
  const servers = after.filter(({ hostgroup }) => formatHostgroup(hostgroup) === change.backend).map(readAfter);
  return buildResult(command, UNTOLD_PROCESS, servers, others);
}

function findRow(rows: readonly ServerRow[], request: ChangeRequest): ServerRow {
  const { backend, server } = request.change;
  const found = rows.filter(
    ({ hostgroup, hostname, port }) =>
      formatHostgroup(hostgroup) === backend && isSameServer(formatAddress(hostname, port), server),
  );
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  const message = `${backend}/${server} is ${found.length} times in its tables, not once. Nothing was sent.`;
  throw refuse(request, message, "Plan again: the read_only monitor may have moved the server to another host group.");
}

/** A refusal of the UPDATE is an answer: the table is as it was. */
async function sendUpdate(session: AdminSession, request: ChangeRequest, update: string): Promise<void> {
  try {
    await session.query(update);
  } catch (error) {
    if (error instanceof DriverError && error.kind === "rejected") request.tookBack();
    throw error;
  }
}

interface Standing {
  readonly runtime: readonly ServerRow[];
  readonly edited: readonly ServerRow[];
  readonly row: ServerRow;
}

/** Somebody may have edited the table between the comparison and our UPDATE: then ours is taken back and nothing loaded. */
async function assertOnlyOurs(session: AdminSession, request: ChangeRequest, { edited, row }: Standing): Promise<void> {
  const now = await readTable(session, EDITED_SERVERS);
  const others = describeChanged(
    edited.filter((each) => nameOf(each) !== nameOf(row)),
    now.filter((each) => nameOf(each) !== nameOf(row)),
  );
  const own = now.find((each) => nameOf(each) === nameOf(row));
  if (others.length === 0 && own !== undefined && hasChange(request, own)) return;
  await takeBack(session, request, row);
  const why =
    others.length > 0
      ? `somebody edited mysql_servers at the same moment (${others.join("; ")})`
      : "the row did not take it";
  throw refuse(request, `Nothing was loaded: ${why}. The row is as it was.`, PENDING_ADVICE);
}

function hasChange({ change }: ChangeRequest, row: ServerRow): boolean {
  if (change.kind === "server-weight") return row.weight === change.weight;
  return change.kind === "server-state" && selectSetState("proxysql", row.status) === change.state;
}

/**
 * ProxySQL can leave a shunned server as it is (issue 2658). The edited row would then wait for the next LOAD of anybody, so it is put back: to
 * what runs, ONLINE and shunned are the same wish.
 */
async function assertNotStuck(
  session: AdminSession,
  request: ChangeRequest,
  row: ServerRow,
  after: readonly ServerRow[],
): Promise<void> {
  const now = after.find((each) => nameOf(each) === nameOf(row));
  if (now === undefined || hasChange(request, now) || !now.status.startsWith("SHUNNED")) return;
  await takeBack(session, request, row);
  const message = `ProxySQL left ${nameOf(row)} ${now.status}; the edited row was put back as it was.`;
  throw refuse(request, message, "Its monitor holds the server out now. Try again when it is ONLINE.");
}

async function load(session: AdminSession, request: ChangeRequest, row: ServerRow): Promise<void> {
  try {
    await session.query(LOAD);
  } catch (error) {
    if (!(error instanceof DriverError) || error.kind !== "rejected") throw error;
    await takeBack(session, request, row);
    throw error;
  }
}

/** Puts the edited row back, proven by reading it. @throws DriverError kind `unknown-outcome` when that cannot be proven */
async function takeBack(session: AdminSession, request: ChangeRequest, row: ServerRow): Promise<void> {
  const { endpoint, change } = request;
  const assignment = change.kind === "server-weight" ? `weight=${row.weight}` : `status='${row.status}'`;
  const update = buildUpdate(change, assignment);
  const text = update ?? "the row as it was";
  try {
    if (update !== null) await session.query(update);
    const now = (await readTable(session, EDITED_SERVERS)).find((each) => nameOf(each) === nameOf(row));
    if (now?.status === row.status && now.weight === row.weight) {
      request.tookBack();
      return;
    }
  } catch (error) {
    throw buildUnknownOutcome(endpoint, text, error);
  }
  throw buildUnknownOutcome(endpoint, text, new Error("the edited row could not be put back; it was not loaded by us"));
}

function readAfter({ hostgroup, hostname, port, status, weight }: ServerRow): HaproxyServerAfter {
  return {
    backend: formatHostgroup(hostgroup),
    server: formatAddress(hostname, port),
    state: selectSetState("proxysql", status),
    adminReasons: readStateWord("proxysql", status).reasons,
    weight,
    initialWeight: null,
  };
}
