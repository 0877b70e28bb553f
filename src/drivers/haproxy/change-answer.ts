/**
 * The line of a change and its answer taken apart: `show info;<change>;<read back>`.
 *
 * Each answer should end with an empty line, but versions before 3.0 end some refusals with one LF only, so two answers can run together.
 * Therefore the ends are found by what stands around: `show info` is lines `Name: value` up to the first empty line (its values come from the
 * configuration and hold no line end), and the table read back begins with a header that no answer to a change holds. What is between them is
 * the answer to the change. Only `show stat` can hold bytes of others, and it stands last.
 */
import type { HaproxyProcess } from "../../model/haproxy.ts";
import type { HaproxyServerAfter } from "../contract.ts";
import { readFromStat, readFromState } from "./server-after.ts";
import { parseShowInfo } from "./show-info.ts";
import { STAT_HEADER_START } from "./show-stat.ts";

/** How the servers are read back: `show servers state` came with 1.6, and 1.5 takes no names in `show stat`. */
export type ReadBack = "servers-state" | "stat";

export interface ChangeAnswer {
  readonly process: HaproxyProcess;
  /** What HAProxy said to the change, without line ends around it; "" when it accepted. */
  readonly text: string;
  readonly servers: readonly HaproxyServerAfter[];
}

export function selectReadBack({ version }: HaproxyProcess): ReadBack {
  const [, major = "", minor = ""] = /^(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  if (major === "") return "servers-state";
  return Number(major) * 1000 + Number(minor) < 1006 ? "stat" : "servers-state";
}

export function buildChangeLine(command: string, backend: string, readBack: ReadBack): string {
  return `show info;${command};${readBack === "stat" ? "show stat" : `show servers state ${backend}`}`;
}

const ANCHORS: Readonly<Record<ReadBack, RegExp>> = {
  "servers-state": /^1\n# be_id /m,
  stat: new RegExp(`^${STAT_HEADER_START}`, "m"),
};
/** What stands in place of the table when the backend is not there. */
const NO_TABLE = /^Can't find backend\.?\n+$/m;

/** Null when the answer is not whole: then it is not known what came of the change. */
export function parseChangeAnswer(answer: string, backend: string, readBack: ReadBack): ChangeAnswer | null {
  const infoEnd = answer.indexOf("\n\n");
  if (infoEnd < 0 || !answer.endsWith("\n\n")) return null;
  const process = parseShowInfo(answer.slice(0, infoEnd));
  if (process === null) return null;
  const rest = answer.slice(infoEnd + 2);
  const table = rest.search(ANCHORS[readBack]);
  if (table >= 0) {
    const read = readBack === "stat" ? readFromStat : readFromState;
    const servers = read(rest.slice(table), backend);
    return servers === null ? null : { process, text: rest.slice(0, table).trim(), servers };
  }
  const missing = rest.search(NO_TABLE);
  return missing < 0 ? null : { process, text: rest.slice(0, missing).trim(), servers: [] };
}
