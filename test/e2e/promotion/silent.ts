/** Proof that nothing was changed: the general logs of all nodes hold nothing but reading, and every HAProxy is as it was. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Lab, sendCommand } from "../../lab/index.ts";

// A receiver that connects meanwhile sets variables of its own session.
const READING =
  /^\s*(\/\*.*?\*\/\s*)?(SELECT|SHOW|XA RECOVER|SET (SESSION|NAMES|@@session|@(?=\w)|STATEMENT)|START TRANSACTION|COMMIT|ROLLBACK)\b/i;
const CHANGING = /GET_LOCK|FOR UPDATE|GLOBAL\s+\w+\s*=/i;

/** What operators can set: name, address, admin state and weight of every server; what checks find goes on changing. */
async function readAdminStates(lab: Lab): Promise<string> {
  const texts = await Promise.all(lab.haproxies.map(({ socketPath }) => sendCommand(socketPath, "show servers state")));
  const rows = texts.flatMap((text) => text.split("\n").map((line) => line.split(" ")));
  const set = ["be_name", "srv_name", "srv_addr", "srv_port", "srv_admin_state", "srv_uweight"];
  const head = (rows.find(([first]) => first === "#") ?? []).slice(1);
  const columns = set.map((name) => head.indexOf(name)).filter((index) => index >= 0);
  return rows.map((row) => columns.map((index) => row[index]).join(" ")).join("\n");
}

/** Statements of the console's account while `work` ran that change something, and whether a HAProxy is not as before; [] = nothing changed. */
export async function findTraces(lab: Lab, work: () => Promise<void>): Promise<readonly string[]> {
  const alive = lab.nodes.filter((node) => node.alive);
  const logs = new Map(alive.map((node) => [node, join(lab.dir, `general-${node.name}.log`)]));
  const before = await readAdminStates(lab);
  for (const [node, log] of logs) {
    rmSync(log, { force: true });
    await node.query(`SET GLOBAL general_log_file='${log}'`);
    await node.query("SET GLOBAL general_log=1");
  }
  try {
    await work();
  } finally {
    for (const node of alive) await node.query("SET GLOBAL general_log=0");
  }
  const found = [...logs].flatMap(([{ name }, log]) =>
    readFileSync(log, "utf8")
      .split("\n")
      .flatMap((line) => /\s(?:Query|Execute|Prepare)\s+(.*)$/.exec(line)?.[1] ?? [])
      .filter((statement) => !statement.includes("general_log") && !/^\s*(INSERT INTO orders|use )/i.test(statement))
      .filter((statement) => !READING.test(statement) || CHANGING.test(statement))
      .map((statement) => `${name}: ${statement}`),
  );
  return (await readAdminStates(lab)) === before ? found : [...found, "a HAProxy is not as it was"];
}
