/** What a node's own binary log holds after a position: does any of it change data? */
import type { BinlogTail } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import { type Asking, ask } from "../asking.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { textOf } from "../rows.ts";
import { readBinlogFiles } from "./binlog.ts";
import { buildBinlogEvents } from "./inspecting-session.ts";

const maxEvents = 200;
/** Beginning and end of log files, and what servers write for themselves. Everything else counts as a change. */
const harmless =
  /^(Format_desc|Rotate|Stop|Gtid_list|Previous_gtids|Binlog_checkpoint|Start_encryption|Heartbeat|Heartbeat_v2)$/;

/** @throws DriverError when the position is not in the logs that are kept, or they cannot be read */
export async function readBinlogTail(
  asking: Asking,
  from: { readonly file: string; readonly pos: number },
): Promise<BinlogTail> {
  const files = await readBinlogFiles(asking);
  if (files === null) throw refuse(asking, "the list of binary logs could not be read");
  const start = files.findIndex(({ name }) => name === from.file);
  const first = files[start];
  if (first === undefined) throw refuse(asking, `${from.file} is not among the binary logs that are kept`);
  // MySQL 5.6 and 9.7 answer a position behind the end with no events and no error.
  if (first.bytes !== null && from.pos > first.bytes)
    throw refuse(asking, `${from.file} ends at ${first.bytes}, before position ${from.pos}`);
  const types: string[] = [];
  for (const [index, { name }] of files.slice(start).entries()) {
    if (types.length > maxEvents) break;
    // One more than the bound: whether there was more has to be known.
    const limit = maxEvents + 1 - types.length;
    types.push(...(await readEventTypes(asking, name, index === 0 ? from.pos : 4, limit)));
  }
  return summarize(types);
}

/** @param types of the events in order, one more than the bound when there are more */
export function summarize(types: readonly string[]): BinlogTail {
  const cut = types.length > maxEvents;
  return { eventTypes: types.slice(0, maxEvents), changesData: cut || types.some((type) => !harmless.test(type)) };
}

async function readEventTypes(asking: Asking, file: string, pos: number, limit: number): Promise<readonly string[]> {
  const { flavor, version } = asking.login.identity;
  const part = {
    name: "binary log events",
    privilege: `${selectInspection(flavor, version).binlogEventsPrivilege} ON *.*`,
  };
  const sql = buildBinlogEvents(file, pos, limit);
  if (sql === null) throw refuse(asking, `${JSON.stringify(file)} is no name of a binary log`);
  const answer = await ask(asking, part, [{ sql, columns: null }]);
  if (answer === null) throw refuse(asking, `the events of ${file} from ${pos} on could not be read`);
  return answer.rows.map((row) => textOf(row, "Event_type") ?? "unknown");
}

/** With the server's own words when there are some. */
function refuse({ problems, target }: Asking, what: string): DriverError {
  const operation = "binary log events";
  const failure = problems.at(-1)?.failure;
  return new DriverError(
    failure ?? { kind: "rejected", target, operation, message: `${target}: ${operation}: ${what}` },
  );
}
