/**
 * What must be true after an operation that moved writes, asked of the servers themselves and of the clients that wrote: nothing here uses
 * code of the program.
 */
import type { Lab } from "./lab.ts";
import type { LabNode } from "./node.ts";
import { labStatements } from "./statements.ts";
import type { TrafficSummary } from "./traffic.ts";
import { waitFor } from "./wait.ts";

export interface Expected {
  /** The one node that may be writable. */
  readonly primary: string;
  /** Nodes that are down, or are to be rebuilt: nothing is asked of them. */
  readonly gone?: readonly string[];
  /** When the old primary was killed: what it acknowledged in the second before may never have left it. */
  readonly killedAtMs?: number;
  /** Replicas that follow somebody else than the primary, by name (a tree). */
  readonly below?: Readonly<Record<string, string>>;
}

interface Order {
  readonly id: number;
  readonly writer: number;
  readonly seq: number;
}

const keyOf = ({ id, writer, seq }: Order): string => `${id}/${writer}/${seq}`;

async function ordersOf(node: LabNode): Promise<ReadonlySet<string>> {
  const rows = await node.query("SELECT id, writer, seq FROM shop.orders");
  return new Set(rows.map((row) => keyOf({ id: Number(row.id), writer: Number(row.writer), seq: Number(row.seq) })));
}

/** True when the node has rows that the other lacks. */
export async function hasMore(node: LabNode, other: LabNode): Promise<boolean> {
  return missing(await ordersOf(node), await ordersOf(other)).length > 0;
}

async function isWritable(node: LabNode): Promise<boolean> {
  const [row] = await node.query("SELECT @@global.read_only AS f");
  return Number(row?.f) === 0;
}

/** Nodes without read_only, which is who can take writes. */
export async function findWritable(lab: Lab): Promise<readonly string[]> {
  const flags = await Promise.all(lab.nodes.map(isWritable));
  return lab.nodes.filter((_, index) => flags[index]).map(({ name }) => name);
}

/** Rows of `a` that are not in `b`. */
const missing = (a: Iterable<string>, b: ReadonlySet<string>): string[] => [...a].filter((key) => !b.has(key));

/** Nodes that HAProxy would give a new writing connection to, by its own word. */
export async function writersByHaproxy(lab: Lab, haproxy: string): Promise<readonly string[]> {
  const { backend, servers } = lab.writer;
  const text = await lab.haproxy(haproxy).command(`show stat ${backend} 4 -1`);
  const [head = "", ...lines] = text.replace(/^# /, "").split("\n");
  const columns = head.split(",");
  const usable = lines
    .filter((line) => line.startsWith(`${backend},`))
    .map((line) => new Map(line.split(",").map((value, index) => [columns[index] ?? "", value])))
    .filter((row) => /^(UP|no check)/.test(row.get("status") ?? "") && row.get("weight") !== "0");
  const active = usable.filter((row) => row.get("act") === "1");
  const chosen = active.length > 0 ? active : usable.slice(0, 1);
  return chosen.map((row) => servers.find(({ server }) => server === row.get("svname"))?.node ?? "unknown");
}

async function untilFollowing(lab: Lab, expected: Expected): Promise<void> {
  for (const node of lab.nodes) {
    if (node.name === expected.primary || expected.gone?.includes(node.name)) continue;
    const wanted = expected.below?.[node.name] ?? expected.primary;
    const { columns } = labStatements[node.flavor];
    await waitFor(`${node.name} to follow ${wanted}`, async () => {
      const status = await node.replicaStatus();
      const runs = status?.[columns.io] === "Yes" && status[columns.sql] === "Yes";
      return runs && (await node.source())?.name === wanted;
    });
  }
}

/**
 * Waits for replication, then returns every violation as a sentence; [] = all is as it must be: every acknowledged row on the primary, no row
 * elsewhere that it lacks, one writable node, everybody replicates, every HAProxy sends writes to it alone.
 */
export async function findViolations(
  lab: Lab,
  expected: Expected,
  traffic: Pick<TrafficSummary, "acknowledged">,
): Promise<readonly string[]> {
  const found: string[] = [];
  const alive = lab.nodes.filter(({ name }) => expected.gone?.includes(name) !== true);
  await untilFollowing(lab, expected).catch((error: unknown) => {
    found.push(error instanceof Error ? error.message : String(error));
  });
  for (const node of alive) {
    const writable = await isWritable(node);
    if (writable !== (node.name === expected.primary)) found.push(`${node.name} is ${writable ? "" : "not "}writable`);
  }
  for (const { name } of lab.haproxies) {
    const writers = await writersByHaproxy(lab, name);
    if (writers.join() !== expected.primary) found.push(`${name} sends writes to ${writers.join() || "nobody"}`);
  }
  const primary = lab.node(expected.primary);
  const rows = await ordersOf(primary);
  const { killedAtMs } = expected;
  const mayBeGone = (atMs: number) => killedAtMs !== undefined && atMs > killedAtMs - 1_000 && atMs <= killedAtMs + 50;
  const safe = traffic.acknowledged.filter(({ atMs }) => !mayBeGone(atMs));
  const lost = missing(safe.map(keyOf), rows);
  if (lost.length > 0) found.push(`${lost.length} acknowledged rows are not on ${primary.name}: ${lost.slice(0, 5)}`);
  for (const node of alive) {
    if (node === primary) continue;
    await waitFor(`${node.name} to have every row`, async () => missing(rows, await ordersOf(node)).length === 0).catch(
      (error: unknown) => found.push(error instanceof Error ? error.message : String(error)),
    );
    const extra = missing(await ordersOf(node), await ordersOf(primary));
    if (extra.length > 0)
      found.push(`${node.name} has ${extra.length} rows that ${primary.name} lacks: ${extra.slice(0, 5)}`);
  }
  return found;
}
