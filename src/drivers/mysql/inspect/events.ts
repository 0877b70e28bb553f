/** Events of the event scheduler. Those that an account may not see are left out by the server without a word. */
import type { ScheduledEvent } from "../../../model/preflight.ts";
import { type Asking, ask, missingPrivilege } from "../asking.ts";
import { type Row, textOf } from "../rows.ts";
import type { GlobalGrants } from "./grants.ts";

const part = { name: "events", privilege: "EVENT ON *.*" };
const statement =
  "SELECT EVENT_SCHEMA AS event_schema, EVENT_NAME AS name, DEFINER AS definer, STATUS AS status" +
  " FROM information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')" +
  " ORDER BY EVENT_SCHEMA, EVENT_NAME";

/** Null, with a problem, unless the account may see those of all schemas. */
export async function readEvents(
  asking: Asking,
  grants: GlobalGrants | null,
): Promise<readonly ScheduledEvent[] | null> {
  if (grants?.has("EVENT") !== true) {
    const reason = missingPrivilege(asking.login, asking.target, part, "it is shown those of some schemas only");
    const failure = { target: asking.target, operation: part.name, serverCode: null, ...reason };
    asking.problems.push({ part: part.name, failure });
    return null;
  }
  const answer = await ask(asking, part, [{ sql: statement, columns: null }]);
  return answer?.rows.map(parseEvent) ?? null;
}

/** `SLAVESIDE_DISABLED`, `REPLICA_SIDE_DISABLED`: the scheduler of this node leaves it alone. An unknown word counts as enabled. */
export function parseEvent(row: Row): ScheduledEvent {
  const status = (textOf(row, "status") ?? "").toUpperCase();
  return {
    schema: textOf(row, "event_schema") ?? "",
    name: textOf(row, "name") ?? "",
    definer: textOf(row, "definer") ?? "",
    status: status === "DISABLED" ? "disabled" : status.endsWith("SIDE_DISABLED") ? "replica-disabled" : "enabled",
  };
}
