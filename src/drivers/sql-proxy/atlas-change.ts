/**
 * `SET OFFLINE n` and `SET ONLINE n`. `n` is a position, and the list shifts when somebody removes a backend: it is read right before, matched
 * by address, and read again after. The answer to SET names the backend that it was about.
 */
import type { HaproxyChangeResult, HaproxyServerAfter } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { numberOf, textOf } from "../mysql/rows.ts";
import { type BackendRow, readBackends } from "./backends.ts";
import { buildAtlasCommand } from "./command.ts";
import { isSameServer } from "./names.ts";
import { assertExpected, buildResult, buildUnknownOutcome, type ChangeRequest, refuse } from "./outcome.ts";
import { UNTOLD_PROCESS } from "./process.ts";
import { readStateWord, selectSetState } from "./products.ts";
import type { AdminSession } from "./session.ts";

/** @throws DriverError */
export async function changeAtlas(session: AdminSession, request: ChangeRequest): Promise<HaproxyChangeResult> {
  const { endpoint, change } = request;
  const before = await readBackends(session, endpoint);
  const { index } = findBackend(before, request);
  const command = buildAtlasCommand(change, index);
  if (command === null) throw refuse(request, "This cannot be changed on Atlas. Nothing was sent.");
  assertExpected(request, command);
  request.beginSending();
  const answer = await sendSet(session, request, command);
  const after = await readBackends(session, endpoint);
  const isOurs = ({ address, type }: BackendRow) => type === change.backend && isSameServer(address, change.server);
  const found = after.filter(isOurs);
  const others = describeOthers(
    before.filter((row) => !isOurs(row)),
    after.filter((row) => !isOurs(row)),
  );
  const named = textOf(answer ?? new Map(), "address");
  const wasAnother = named !== null && !isSameServer(named, change.server);
  if (wasAnother || (answer !== null && numberOf(answer, "backend_ndx") !== index)) {
    const message = `the list of backends shifted at that moment, and ${command} was about ${named ?? "another backend"}`;
    throw buildUnknownOutcome(endpoint, command, new Error(message));
  }
  return buildResult(command, UNTOLD_PROCESS, after.filter(({ type }) => type === change.backend).map(readAfter), [
    ...others,
    ...(found.length === 1 ? [] : [`${change.backend}/${change.server} is ${found.length} times in the list now`]),
  ]);
}

/** A refusal is an answer: then nothing was changed. */
async function sendSet(session: AdminSession, request: ChangeRequest, command: string) {
  try {
    return (await session.query(command))[0] ?? null;
  } catch (error) {
    if (error instanceof DriverError && error.kind === "rejected") request.tookBack();
    throw error;
  }
}

function findBackend(rows: readonly BackendRow[], request: ChangeRequest): BackendRow {
  const { backend, server } = request.change;
  const found = rows.filter(({ address, type }) => type === backend && isSameServer(address, server));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  const words =
    only === undefined ? "is not in its list of backends" : `is ${found.length} times in its list of backends`;
  throw refuse(request, `${backend}/${server} ${words}. Nothing was sent.`, "Plan again.");
}

/** Only what an operator sets counts: the checker changes `up` and `down` all the time. */
function describeOthers(before: readonly BackendRow[], after: readonly BackendRow[]): readonly string[] {
  const key = ({ type, address }: BackendRow) => `${type}/${address}`;
  const known = new Map(before.map((row) => [key(row), selectSetState("atlas", row.state)]));
  return after.flatMap((row) => {
    const now = selectSetState("atlas", row.state);
    const was = known.get(key(row));
    return was === undefined || was === now ? [] : [`${key(row)} is ${row.state}`];
  });
}

function readAfter({ type, address, state }: BackendRow): HaproxyServerAfter {
  return {
    backend: type,
    server: address,
    state: selectSetState("atlas", state),
    adminReasons: readStateWord("atlas", state).reasons,
    weight: null,
    initialWeight: null,
  };
}
