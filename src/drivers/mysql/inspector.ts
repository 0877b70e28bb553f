/** Reads what only a change of roles asks. It can send nothing that changes anything (inspect/inspecting-session.ts). */
import type { MysqlInspector } from "../contract.ts";
import { readBinlogTail } from "./inspect/binlog-tail.ts";
import { InspectingLink } from "./inspect/link.ts";
import { readPreflight } from "./inspect/preflight.ts";
import type { MysqlTarget } from "./target.ts";

/** Opens nothing before the first call; a connection nobody uses is closed after half a minute. */
export function createMysqlInspector(target: MysqlTarget): MysqlInspector {
  const link = new InspectingLink(target);
  return {
    target: link.target,
    preflight: (bounds) => link.run(bounds, readPreflight),
    binlogTail: (from, bounds) => link.run(bounds, (asking) => readBinlogTail(asking, from)),
    close: async () => link.close(),
  };
}
