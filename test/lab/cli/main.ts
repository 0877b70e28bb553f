import { parseArgs } from "node:util";
import { isServerEngine, labEngines, type ServerEngineName } from "../engines.ts";
import { type TopologyName, topologies } from "../topology.ts";
import { type BackgroundOptions, runInBackground } from "./background.ts";
import { ask, defaultLabDir } from "./control.ts";
import { faultTable } from "./fault-table.ts";
import { up } from "./up.ts";

const usage = `npm run lab -- COMMAND [--dir DIR]
  up [--topology r1|r2|r3|r4|tier|single] [--engine NAME] [--haproxies 1|2] [--positioning gtid|file]
     [--backup-writable] [--traffic]     starts real servers in the background
  down                                   ends them and removes their folder
  status                                 nodes, HAProxies, ports, config file
  fault KIND NODE|HAPROXY [ARGUMENT]     see below
  sql NODE "SQL"                         as administrator
  haproxy NAME "COMMAND"                 over the admin socket
  traffic start [ROWS_PER_SECOND]|stop   writers through HAProxy
  engines                                which servers this machine has
Faults:
${Object.entries(faultTable)
  .map(([name, { about }]) => `  ${name.padEnd(18)} ${about}`)
  .join("\n")}`;

function choose<T extends string>(value: string, allowed: readonly string[], what: string): T {
  if (!allowed.includes(value)) throw new Error(`${what} is one of ${allowed.join(", ")}, not ${value}`);
  return value as T;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    topology: { type: "string", default: "r1" },
    engine: { type: "string", default: "mariadb-10.11" },
    haproxies: { type: "string" },
    positioning: { type: "string", default: "gtid" },
    "backup-writable": { type: "boolean", default: false },
    traffic: { type: "boolean", default: false },
    dir: { type: "string", default: defaultLabDir() },
    help: { type: "boolean", short: "h", default: false },
  },
});

function buildOptions(): BackgroundOptions {
  const servers = labEngines()
    .map(({ name }) => name)
    .filter(isServerEngine);
  return {
    topology: choose<TopologyName>(values.topology, Object.keys(topologies), "--topology"),
    engine: choose<ServerEngineName>(values.engine, servers, "--engine"),
    positioning: choose(values.positioning, ["gtid", "file"], "--positioning"),
    backupWritable: values["backup-writable"],
    traffic: values.traffic,
    dir: values.dir,
    ...(values.haproxies ? { haproxies: choose(values.haproxies, ["1", "2"], "--haproxies") === "2" ? 2 : 1 } : {}),
  };
}

function listEngines(): string {
  return labEngines()
    .map(({ name, available, reason }) => `${name.padEnd(14)} ${available ? "yes" : "NO "}  ${reason}`)
    .join("\n");
}

async function main(): Promise<string> {
  const [command, ...words] = positionals;
  if (command === undefined || values.help) return usage;
  if (command === "up") return up(buildOptions());
  if (command === "engines") return listEngines();
  return ask(values.dir, [command, ...words]);
}

try {
  if (positionals[0] === "background") await runInBackground(JSON.parse(positionals[1] ?? "{}") as BackgroundOptions);
  else process.stdout.write(`${await main()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
