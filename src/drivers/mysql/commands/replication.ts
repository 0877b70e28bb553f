/** START, STOP and RESET of one channel. */
import type { MysqlChange } from "../../contract.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { buildChannelWords } from "./channel.ts";
import { refuse } from "./quote.ts";

type ReplicationChange = Extract<MysqlChange, { kind: "replication" }>;

const ACTIONS: Readonly<Record<ReplicationChange["action"], string>> = { start: "START", stop: "STOP" };
const THREADS: Readonly<Record<ReplicationChange["thread"], string>> = {
  both: "",
  io: " IO_THREAD",
  sql: " SQL_THREAD",
};

export function buildReplication(change: ReplicationChange, dialect: Dialect): string {
  const action = ACTIONS[change.action];
  const thread = THREADS[change.thread];
  if (action === undefined || thread === undefined) throw refuse(change, "rejected", "Start or stop io, sql or both.");
  const { after, atEnd } = buildChannelWords(change, dialect);
  return `${action} ${dialect.writing.replica}${after}${thread}${atEnd}`;
}

export function buildReset(change: Extract<MysqlChange, { kind: "reset-replication" }>, dialect: Dialect): string {
  const { after, atEnd } = buildChannelWords(change, dialect);
  if (change.keepsLogin !== true) return `RESET ${dialect.writing.replica}${after} ALL${atEnd}`;
  if (dialect.writing.channel === "for-channel") return `RESET ${dialect.writing.replica}${atEnd}`;
  throw refuse(change, "unsupported", `A ${dialect.name} server forgets a channel as a whole, or not at all.`);
}
