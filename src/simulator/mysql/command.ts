/** Commands of a logged-in client (COM_…) to the payloads of their answers. */
import { SqlError, sqlErrors, syntaxError, wordError } from "./errors.ts";
import { releaseLocks } from "./sql/locking.ts";
import { type SqlSession, StatementWaits } from "./sql/session.ts";
import { runStatement, selectDatabase, splitStatements } from "./sql/statement.ts";
import { buildError, buildResult, done } from "./wire/answer.ts";
import { capabilities } from "./wire/capabilities.ts";

export const commandCodes = {
  quit: 0x01,
  initDatabase: 0x02,
  query: 0x03,
  statistics: 0x09,
  ping: 0x0e,
  prepare: 0x16,
  resetConnection: 0x1f,
} as const;

/** Any thrown thing as an answer: what is not an SqlError is a defect of the simulator and says so. */
export function toSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  // Expressions nested thousands deep; servers say the same.
  if (error instanceof RangeError) return new SqlError(1436, "HY000", "Thread stack overrun");
  const reason = error instanceof Error ? error.message : String(error);
  return new SqlError(1105, "HY000", `Unknown error (simulator: ${reason})`);
}

/** A query of many statements may not make us hold more than this. */
const longestAnswerBytes = 64 * 1024 * 1024;

/** Asked until it is not null: then the payloads of the answer. */
export type PendingAnswer = () => Buffer[] | null;

/** Answers one COM_QUERY: a result for each of its statements up to the first that fails. */
export function answerQuery(session: SqlSession, sql: string, clientFlags: number): PendingAnswer {
  const parts = splitStatements(sql);
  const first = parts[0] ?? "";
  if ((clientFlags & capabilities.multiStatements) === 0 && parts.length > 1) {
    const rest = sql.slice(sql.indexOf(first) + first.length + 1);
    return () => [buildError(wordError(session.node.product, syntaxError(rest.trimStart())))];
  }
  const payloads: Buffer[] = [];
  let index = 0;
  let bytes = 0;
  return () => {
    try {
      for (; index < parts.length; index += 1) {
        if (bytes > longestAnswerBytes) throw sqlErrors.tooBig();
        for (const payload of buildResult(
          runStatement(session, parts[index] ?? ""),
          clientFlags,
          index + 1 < parts.length,
        )) {
          bytes += payload.length;
          payloads.push(payload);
        }
        session.connection.wait = null;
      }
    } catch (error) {
      if (error instanceof StatementWaits) return null;
      session.connection.wait = null;
      payloads.push(buildError(wordError(session.node.product, toSqlError(error))));
    }
    return payloads;
  };
}

/** Never throws. */
export function answerCommand(session: SqlSession, payload: Buffer, clientFlags: number): PendingAnswer {
  if (payload[0] !== commandCodes.query) return () => answerAtOnce(session, payload, clientFlags);
  session.node.statements += 1;
  return answerQuery(session, payload.toString("utf8", 1), clientFlags);
}

function answerAtOnce(session: SqlSession, payload: Buffer, clientFlags: number): Buffer[] {
  session.node.statements += 1;
  const ok = (): Buffer[] => buildResult(done, clientFlags, false);
  try {
    switch (payload[0]) {
      case commandCodes.initDatabase:
        selectDatabase(session, payload.toString("utf8", 1));
        return ok();
      case commandCodes.ping:
        return ok();
      case commandCodes.resetConnection:
        session.variables.clear();
        session.userVariables.clear();
        session.connection.transaction = null;
        releaseLocks(session.node, session.connection.id);
        return ok();
      case commandCodes.statistics:
        return [Buffer.from(`Uptime: ${Math.floor((session.world.nowMs - session.node.startedAtMs) / 1000)}`)];
      case commandCodes.prepare:
        throw sqlErrors.noPrepared();
      default:
        throw sqlErrors.unsupportedCommand();
    }
  } catch (error) {
    return [buildError(wordError(session.node.product, toSqlError(error)))];
  }
}
