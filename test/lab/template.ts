import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildAccountStatements } from "./accounts.ts";
import { connectAsFreshRoot, runAll } from "./connection.ts";
import { type Flavor, flavorOf, labCacheDir, type Program, requireEngine, type ServerEngineName } from "./engines.ts";
import { ServerProcess } from "./process.ts";
import { buildServerOptions } from "./server-options.ts";
import { waitFor } from "./wait.ts";

const run = promisify(execFile);

/** Files that must not be the same on two servers, or that belong to one life of a server. */
const ownFiles =
  /^(auto\.cnf|mysql-bin\..*|relay-bin.*|master\.info|relay-log\.info|multi-master\.info|.*\.pid|.*\.err|ib_buffer_pool|tc\.log)$/;

/**
 * What mariadb-install-db feeds to the server. Done here because that script starts the server by its bare path, which a program that runs
 * through another Debian's loader cannot have. The files were renamed from mysql_* to mariadb_* in 11.x.
 */
function buildBootstrapSql(program: Program): string {
  const folder = ["mariadb", "mysql"]
    .map((name) => join(program.baseDir, "share", name))
    .find((name) => existsSync(name));
  if (!folder) throw new Error(`no SQL files of MariaDB below ${program.baseDir}/share`);
  const read = (...names: string[]): string => {
    const file = names.map((name) => join(folder, name)).find((name) => existsSync(name));
    if (!file) throw new Error(`none of ${names.join(", ")} in ${folder}`);
    return readFileSync(file, "utf8");
  };
  return [
    // The bootstrap reader takes one statement per line end.
    "create database mysql;",
    "use mysql;",
    "SET @auth_root_socket=NULL;",
    "SET @skip_auth_anonymous=1;",
    ...["system_tables", "performance_tables", "system_tables_data"].map((name) =>
      read(`mariadb_${name}.sql`, `mysql_${name}.sql`),
    ),
    read("maria_add_gis_sp_bootstrap.sql"),
    read("mariadb_sys_schema.sql", "mysql_sys_schema.sql"),
    "",
  ]
    .join("\n")
    .replace(/^.*@current_hostname.*$/gm, "");
}

const initialise: Record<Flavor, (program: Program, dir: string) => void> = {
  mariadb: (program, dir) => {
    const options = [
      "--bootstrap",
      "--skip-log-bin",
      "--log-warnings=0",
      "--enforce-storage-engine=",
      "--max_allowed_packet=8M",
    ];
    const input = buildBootstrapSql(program);
    const result = spawnSync(program.program, [`--defaults-file=${join(dir, "my.cnf")}`, ...options], {
      input,
      encoding: "utf8",
    });
    if (result.status !== 0)
      throw new Error(`${program.program} --bootstrap:\n${result.stderr.split("\n").slice(-15).join("\n")}`);
  },
  mysql: (program, dir) => {
    execFileSync(
      program.program,
      [`--defaults-file=${join(dir, "my.cnf")}`, "--initialize-insecure", "--skip-log-bin"],
      { stdio: "pipe" },
    );
  },
  "mysql-5": (program, dir) => {
    cpSync(join(program.baseDir, "data/mysql"), join(dir, "data"), { recursive: true });
    for (const file of readdirSync(join(dir, "data"))) {
      if (ownFiles.test(file) || file.startsWith("ib_logfile")) rmSync(join(dir, "data", file));
    }
  },
};

async function buildTemplate(program: Program, flavor: Flavor, dir: string): Promise<void> {
  mkdirSync(join(dir, "data"), { recursive: true });
  const settings = { serverId: 1, port: 0, readOnly: false, positioning: "file" } as const;
  writeFileSync(join(dir, "my.cnf"), buildServerOptions(dir, program, flavor, settings));
  initialise[flavor](program, dir);
  const server = new ServerProcess({
    command: [program.program, `--defaults-file=${join(dir, "my.cnf")}`, "--skip-networking"],
    logFile: join(dir, "server.log"),
  });
  try {
    const socketPath = join(dir, "s.sock");
    const connection = await waitFor(
      "first start of a template",
      () => server.whileAlive(() => connectAsFreshRoot(socketPath)),
      { timeoutMs: 60_000 },
    );
    await runAll(connection, buildAccountStatements(flavor));
    connection.destroy();
    await server.stop(30_000);
  } catch (error) {
    await server.kill();
    throw new Error(
      `cannot prepare a data directory: ${error instanceof Error ? error.message : error}\n${server.tail()}`,
      { cause: error },
    );
  }
  for (const file of readdirSync(join(dir, "data"))) if (ownFiles.test(file)) rmSync(join(dir, "data", file));
}

/** Data directory with accounts and schema, made once per engine and kept in the cache. Two processes may build it at once; one wins. */
async function findTemplate(engine: ServerEngineName): Promise<string> {
  const program = requireEngine(engine);
  const flavor = flavorOf(engine);
  const statements = buildAccountStatements(flavor).join(";");
  const key = createHash("sha256").update(`${program.version}\n${statements}\n3`).digest("hex").slice(0, 12);
  const parent = join(labCacheDir(), "templates");
  const finished = join(parent, `${engine}-${key}`);
  if (existsSync(finished)) return finished;
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, "t-"));
  try {
    await buildTemplate(program, flavor, work);
    renameSync(join(work, "data"), finished);
  } catch (error) {
    if (!existsSync(finished)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return finished;
}

const pending = new Map<ServerEngineName, Promise<string>>();

/** Puts a fresh data directory at `target`. */
export async function copyTemplate(engine: ServerEngineName, target: string): Promise<void> {
  const template = pending.get(engine) ?? findTemplate(engine);
  pending.set(engine, template);
  await run("cp", ["-a", "--reflink=auto", await template, target]);
}
