/** One connection for one question: opened, asked, closed. */
import type { RequestBounds } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import { type Progress, runBounded } from "../bounds.ts";
import type { MysqlConnection } from "../connection.ts";
import { mapError } from "../failure.ts";
import { connectAs } from "../login.ts";
import { readingSession } from "../session-kind.ts";
import { describeTarget, type MysqlTarget } from "../target.ts";
import { buildTlsOptions } from "../tls.ts";

/** @throws DriverError */
export async function askOnce<T>(
  node: MysqlTarget,
  bounds: RequestBounds,
  work: (connection: MysqlConnection, progress: Progress) => Promise<T>,
): Promise<T> {
  const target = describeTarget(node);
  let operation = "connect";
  try {
    return await runBounded(target, bounds, async (progress) => {
      const tls = await buildTlsOptions(node.access.tls, target);
      if (progress.ended !== null) throw progress.ended;
      const connection = await connectAs(node, tls, progress, readingSession);
      progress.cancel = (reason) => connection.destroy(reason);
      progress.hint = null;
      try {
        if (progress.ended !== null) throw progress.ended;
        const answer = await work(connection, progress);
        connection.quit();
        return answer;
      } catch (error) {
        connection.destroy();
        throw error;
      } finally {
        operation = progress.operation;
      }
    });
  } catch (error) {
    throw mapError(error, target, operation);
  }
}

export function refuseUnknownNode(node: string, operation: string): DriverError {
  return new DriverError({
    kind: "unsupported",
    target: node,
    operation,
    message: `${node}: ${operation}: no such node is known`,
  });
}
