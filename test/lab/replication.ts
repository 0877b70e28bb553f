import { labAccounts } from "./accounts.ts";
import type { LabNode } from "./node.ts";
import { type BinlogPosition, labStatements, type Positioning } from "./statements.ts";
import { waitFor } from "./wait.ts";

async function positionOf(source: LabNode): Promise<BinlogPosition> {
  const row = (await source.query(labStatements[source.flavor].sourceStatus))[0];
  if (!row) throw new Error(`${source.name} writes no binary log`);
  return { file: String(row.File), position: Number(row.Position) };
}

/** Makes `replica` follow `source` from where the source stands now (file) or from what the replica lacks (GTID). */
export async function follow(replica: LabNode, source: LabNode, positioning: Positioning): Promise<void> {
  const words = labStatements[replica.flavor];
  const from = positioning === "file" ? await positionOf(source) : undefined;
  await replica.query(words.follow({ host: source.host, port: source.port, ...labAccounts.repl }, from));
  await replica.query(words.start);
}

/** Resolves when receiver and applier of a replica both run. */
export async function waitUntilReplicating(replica: LabNode, timeoutMs = 20_000): Promise<void> {
  const { columns } = labStatements[replica.flavor];
  let last = "";
  await waitFor(
    `${replica.name} to replicate`,
    async () => {
      const status = await replica.replicaStatus();
      last = `${status?.Last_IO_Error ?? ""} ${status?.Last_SQL_Error ?? ""}`.trim();
      return status?.[columns.io] === "Yes" && status[columns.sql] === "Yes";
    },
    { timeoutMs },
  ).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error}${last ? ` (${last})` : ""}`, { cause: error });
  });
}
