import type { LabNode } from "../node.ts";
import { labStatements } from "../statements.ts";
import { startTraffic, type Traffic } from "../traffic.ts";
import { faultTable, type LabSession } from "./fault-table.ts";

/** Session of the background process, with the traffic that runs in it. */
export interface ServedSession extends LabSession {
  traffic: Traffic | undefined;
}

type Command = (session: ServedSession, words: readonly string[]) => Promise<string>;

function need(word: string | undefined, what: string): string {
  if (word === undefined) throw new Error(`${what} is missing`);
  return word;
}

async function describeNode(node: LabNode): Promise<string> {
  const head = `${node.name}  127.0.0.1:${node.port}  pid ${node.pid}  ${node.engine}`;
  if (!node.alive) return `${head}  not running`;
  const { columns } = labStatements[node.flavor];
  const look = async (): Promise<string> => {
    const [flag] = await node.query("SELECT @@global.read_only AS r");
    const status = await node.replicaStatus();
    const mode = Number(flag?.r) === 1 ? "read-only" : "writable";
    if (!status) return `${mode}  follows nobody`;
    return `${mode}  follows port ${status[columns.sourcePort]}  io ${status[columns.io]}  sql ${status[columns.sql]}`;
  };
  const hangs = new Promise<string>((resolve) => setTimeout(resolve, 2_000, "does not answer").unref());
  return `${head}  ${await Promise.race([look().catch((error: Error) => error.message), hangs])}`;
}

const status: Command = async ({ lab, traffic }) => {
  const nodes = await Promise.all(lab.nodes.map(describeNode));
  const haproxies = lab.haproxies.map((each) => {
    const ports = (["write", "read"] as const).flatMap((role) =>
      each.port(role) ? [`${role} ${each.port(role)}`] : [],
    );
    return `${each.name}  ${ports.join("  ")}  stats ${each.statsPort}  pid ${each.pid}  ${each.engine}  ${each.socketPath}${each.alive ? "" : "  not running"}`;
  });
  const flow = traffic?.summary();
  const written = flow
    ? [
        `traffic  ${flow.acknowledged.length} rows  ${flow.failures.length} failures  longest gap ${flow.longestGapMs} ms`,
      ]
    : [];
  return [`config  ${lab.configPath}`, ...haproxies, ...nodes, ...written].join("\n");
};

const fault: Command = async (session, [kind, target, argument]) => {
  const row = faultTable[need(kind, "the kind of fault")];
  if (!row) throw new Error(`no fault ${kind}; there are ${Object.keys(faultTable).join(", ")}`);
  await row.run(session, need(target, "the node or HAProxy"), argument);
  return `${kind} ${target}: done`;
};

const sql: Command = async ({ lab }, [node, ...text]) =>
  JSON.stringify(await lab.node(need(node, "the node")).query(text.join(" ")), null, 2);

const haproxy: Command = async ({ lab }, [name, ...text]) =>
  (await lab.haproxy(need(name, "the HAProxy")).command(text.join(" "))).trimEnd();

const traffic: Command = async (session, [what, rate]) => {
  if (what === "start") {
    if (session.traffic) throw new Error("traffic flows already");
    session.traffic = startTraffic({ port: session.lab.writePort, ...(rate ? { rate: Number(rate) } : {}) });
    return "traffic flows";
  }
  if (what !== "stop") throw new Error("traffic start [ROWS_PER_SECOND] | traffic stop");
  const summary = await session.traffic?.stop();
  session.traffic = undefined;
  if (!summary) throw new Error("no traffic flows");
  return `${summary.acknowledged.length} rows acknowledged, ${summary.failures.length} failures, longest gap ${summary.longestGapMs} ms`;
};

/** Commands that the background process answers (`down` is its own). */
export const commandTable: Readonly<Record<string, Command>> = { status, fault, sql, haproxy, traffic };
