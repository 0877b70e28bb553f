/** Canary passwords planted in every source, and then looked for in everything the program leaves behind. */
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { connectByPort } from "../lab/connection.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab, waitFor } from "../lab/index.ts";
import { ensureBuilt, PROGRAM, startProgram } from "../support/program.ts";

const CANARIES = {
  mysql: "canary-mysql-5f1d",
  replication: "canary-replication-0123",
  /** More than a channel of MySQL takes. */
  longReplication: "canary-long-replication-0123456789-0123456789",
  wrongReplication: "canary-wrong-replication",
  stats: "canary-stats-77aa",
  passphrase: "canary-passphrase-31c9",
};
const USER = "canaryless_ops";

/** The canaries as they are (JSON and URLs change nothing in them), in base64 and in hexadecimal digits. */
const TRACES = Object.values(CANARIES).flatMap((canary) => [
  canary,
  Buffer.from(canary).toString("base64").slice(0, -4),
  Buffer.from(canary).toString("hex"),
]);

function findTraces(text: string): readonly string[] {
  return TRACES.filter((trace) => text.includes(trace));
}

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
  /** Arguments of the program and of what it started, and environments of the latter. */
  readonly seen: string;
}

/** Arguments and environment of every process below `pid`, as far as they run a program of their own already. */
function lookAtChildren(pid: number): string {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = read(`/proc/${name}/stat`).split(") ")[1]?.split(" ");
    if (fields !== undefined) parents.set(Number(name), Number(fields[1]));
  }
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child);
    return parent !== undefined && parent > 1 && (parent === pid || isBelow(parent));
  };
  const own = read(`/proc/${pid}/cmdline`);
  return [...parents.keys()]
    .filter(isBelow)
    .flatMap((child) => {
      const args = read(`/proc/${child}/cmdline`);
      // Between fork and exec a child is still the program itself.
      return args === own ? [] : [args, read(`/proc/${child}/environ`)];
    })
    .join("\n");
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

describeEngine(["mysql-9.7", "haproxy-3.2"], "Secrets", () => {
  let lab: Lab;
  let dir: string;
  let stateDir: string;
  let logFile: string;
  const everything: string[] = [];

  beforeAll(async () => {
    ensureBuilt();
    lab = await startLab({ topology: "r1", engine: "mysql-9.7" });
    dir = join(lab.dir, "secrets");
    stateDir = join(lab.dir, "secrets-state");
    logFile = join(lab.dir, "secrets.log");
    mkdirSync(dir, { mode: 0o700 });
    await lab.node("db1").query(`CREATE USER ${USER}@'%' IDENTIFIED BY '${CANARIES.mysql}'`);
    await lab.node("db1").query(`GRANT ALL ON *.* TO ${USER}@'%'`);
    for (const [user, password] of [
      ["canaryless_long", CANARIES.longReplication],
      ["canaryless_repl", CANARIES.replication],
    ]) {
      await lab.node("db1").query(`CREATE USER ${user}@'%' IDENTIFIED BY '${password}'`);
      await lab.node("db1").query(`GRANT REPLICATION SLAVE ON *.* TO ${user}@'%'`);
    }
    await waitFor("the accounts on every node", async () => {
      const rows = await Promise.all(
        lab.nodes.map((node) => node.query("SELECT 1 FROM mysql.user WHERE user='canaryless_repl'")),
      );
      return rows.every(({ length }) => length === 1);
    });
    write("password", `${CANARIES.mysql}\n`);
    write("part.cnf", `[signalbox]\npassword=${CANARIES.mysql}\n`);
    write("my.cnf", "[client]\nuser=nobody\n!include part.cnf\n");
  });
  afterAll(() => lab?.stop());

  const write = (name: string, text: string): string => {
    const path = join(dir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  /** A configuration of the lab with the given way to the password, a stats page that works and one that is not there. */
  const configure = (mysql: object, ssh: object = {}, user = "canaryless_repl"): string => {
    const stats = (port: number) => `http://admin:${CANARIES.stats}@127.0.0.1:${port}/stats`;
    const [lb1] = lab.haproxies;
    const haproxy = [{ name: "lb1", socket: `unix://${lb1?.socketPath}` }];
    const pages = [
      { name: "page", stats: stats(lab.writePort) },
      { name: "gone", stats: stats(1) },
    ];
    const nodes = lab.nodes.map(({ name, host, port }) => ({ name, address: `${host}:${port}` }));
    const account = { user, password_env: "REPL_PASSWORD" };
    const cluster = { name: "lab", haproxy, nodes, writer: "write_nodes", replication: account };
    const watched = { ...cluster, name: "pages", haproxy: pages };
    const file = { mysql: { user: USER, ...mysql }, clusters: [cluster, watched], ...ssh };
    return write("signalbox.yaml", stringify(file));
  };
  const environment = {
    PATH: process.env.PATH ?? "",
    HOME: "/nonexistent",
    SIGNALBOX_DEBUG: "1",
    SIGNALBOX_MYSQL_PASSWORD: CANARIES.mysql,
  };

  const start = (args: readonly string[], config: string, replication = CANARIES.replication) => {
    // A variable that the configuration does not name is none of the program's business.
    const ops = readFileSync(config, "utf8").includes("OPS_PASSWORD") ? { OPS_PASSWORD: CANARIES.mysql } : {};
    const child = spawn(process.execPath, [PROGRAM, ...args, "-c", config, "--log", logFile], {
      env: { ...environment, ...ops, REPL_PASSWORD: replication, SIGNALBOX_STATE_DIR: stateDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const pid = child.pid ?? 0;
    let [out, err, seen] = ["", "", ""];
    const look = setInterval(() => {
      seen += `${read(`/proc/${pid}/cmdline`)}\n${lookAtChildren(pid)}\n`;
    }, 25);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      err += chunk;
    });
    const exit = new Promise<Ended>((resolve) => {
      child.on("close", (exitCode) => {
        clearInterval(look);
        everything.push(out, err, seen);
        resolve({ exitCode, out, err, seen });
      });
    });
    return { exit, kill: () => child.kill("SIGKILL") };
  };
  const run = (args: readonly string[], config: string, replication?: string): Promise<Ended> =>
    start(args, config, replication).exit;

  it.each([
    ["password", () => ({ password: CANARIES.mysql })],
    ["password_env", () => ({ password_env: "OPS_PASSWORD" })],
    ["password_command", () => ({ password_command: "sleep 0.2; cat password" })],
    ["password_file", () => ({ password_file: "password" })],
    ["defaults_file", () => ({ defaults_file: "my.cnf" })],
    ["the variable", () => ({})],
  ])("status logs in with %s, and what it prints is clean", async (key, mysql) => {
    const config = configure(mysql());
    const json = await run(["status", "--json", "--cluster", "lab"], config);
    expect(JSON.parse(json.out).nodes.map(({ reachable }: { reachable: boolean }) => reachable)).toEqual(
      lab.nodes.map(() => true),
    );
    if (key === "password_command") expect(json.seen).toContain("sleep");
    const text = await run(["status"], config);
    expect(text.out).toContain("gone");
    expect(findTraces([json.out, json.err, json.seen, text.out, text.err, text.seen].join("\n"))).toEqual([]);
  });

  it("a wrong password, and a server that is frozen, are told without it", async () => {
    const wrong = await run(["status", "--cluster", "lab"], configure({ user: "app", password: CANARIES.mysql }));
    expect(wrong.out).toContain("refused the login");
    await lab.node("db4").freeze();
    const drained = await run(
      ["drain", "read_nodes/db3", "--yes", "--json", "--cluster", "lab"],
      configure({ password_env: "OPS_PASSWORD" }),
    );
    lab.node("db4").thaw();
    expect(drained.exitCode, drained.out + drained.err).not.toBe(78);
    await run(["ready", "read_nodes/db3", "--yes", "--cluster", "lab"], configure({ password_file: "password" }));
    expect(findTraces(everything.join("\n"))).toEqual([]);
  });

  it("a promotion shows, tries and fails with passwords it never names", async () => {
    const promote = ["promote", "db2", "--cluster", "lab"];
    const config = configure({ password_env: "OPS_PASSWORD" });
    const dry = await run([...promote, "--dry-run"], config);
    expect(dry.out).toMatch(/SOURCE_PASSWORD|read_only/);
    const refused = await run([...promote, "--yes", "--json"], config, CANARIES.wrongReplication);
    expect(refused.exitCode, refused.out).toBe(4);
    expect(refused.out).toContain("1045");
    const long = configure({ password_env: "OPS_PASSWORD" }, {}, "canaryless_long");
    const tooLong = await run([...promote, "--yes"], long, CANARIES.longReplication);
    expect(tooLong.exitCode, tooLong.out).toBe(4);
    expect(tooLong.out).toContain("replicas here take at most 32");
    const locker = await connectByPort(lab.node("db1").port, labAccounts.admin, "shop");
    await locker.query("LOCK TABLES orders WRITE");
    const failed = await run([...promote, "--yes"], configure({ password_env: "OPS_PASSWORD" }));
    locker.destroy();
    expect([4, 5], failed.out + failed.err).toContain(failed.exitCode);
    const done = await run([...promote, "--yes", "--reason", "drill"], configure({ password_env: "OPS_PASSWORD" }));
    expect(done.exitCode, done.out + done.err).toBe(0);
    expect(done.out).toContain("SOURCE_PASSWORD='***'");
    expect(findTraces(everything.join("\n"))).toEqual([]);
  });

  it("on a terminal, where password and passphrase are typed, the screen is clean", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const cipher = { cipher: "aes-128-cbc", passphrase: CANARIES.passphrase };
    const identity = write("id_rsa", privateKey.export({ type: "pkcs1", format: "pem", ...cipher }).toString());
    write("ssh_config", `Host lb9\n HostName 127.0.0.1\n Port 1\n User x\n IdentityFile ${identity}\n`);
    const ssh = { ssh: { config: "ssh_config", known_hosts: "known_hosts" } };
    write("known_hosts", "");
    const config = configure({ password_prompt: true }, ssh);
    const text = readFileSync(config, "utf8");
    writeFileSync(config, text.replace(/socket: unix:.*/, "socket: ssh://x@lb9/run/haproxy.sock"));
    const program = startProgram({
      args: ["-c", config, "--cluster", "lab", "--log", logFile],
      columns: 120,
      rows: 30,
      env: {
        SIGNALBOX_STATE_DIR: stateDir,
        SIGNALBOX_DEBUG: "1",
        SSH_AUTH_SOCK: "",
        REPL_PASSWORD: CANARIES.replication,
      },
    });
    try {
      await program.waitFor(`Password of ${USER} (mysql): `);
      program.type(`${CANARIES.mysql}\r`);
      await program.waitFor(/Passphrase of .*id_rsa/);
      program.type(`${CANARIES.passphrase}\r`);
      await program.waitFor((screen) => ["db1", "db2"].every((node) => screen.some((line) => line.includes(node))));
      await program.waitFor("source");
      everything.push(program.raw(), lookAtChildren(program.pid), read(`/proc/${program.pid}/cmdline`));
      program.type("q");
      await program.exited;
      everything.push(program.raw());
    } finally {
      program.kill();
    }
    expect(findTraces(everything.join("\n"))).toEqual([]);
  });

  it("one that is killed in the middle leaves a clean journal, and resume and undo print none", async () => {
    const config = configure({ password_env: "OPS_PASSWORD" });
    const before = readdirSync(stateDir, { recursive: true }).length;
    const promotion = start(["promote", "db1", "--yes", "--cluster", "lab"], config);
    await Promise.race([
      promotion.exit,
      waitFor("the journal of the promotion", () => readdirSync(stateDir, { recursive: true }).length > before),
    ]);
    promotion.kill();
    await promotion.exit;
    await run(["undo", "--yes", "--cluster", "lab"], config);
    await run(["operations"], config);
    expect(findTraces(everything.join("\n"))).toEqual([]);
  });

  it("nothing of them is in the log, the journal or any other file the program wrote", () => {
    const files = readdirSync(stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
    const log = readFileSync(logFile, "utf8");
    expect(log.length).toBeGreaterThan(500);
    expect(findTraces([...texts, log].join("\n"))).toEqual([]);
  });

  it("would be found", () => {
    for (const canary of Object.values(CANARIES)) {
      expect(findTraces(`x ${canary} y`)).toContain(canary);
      expect(findTraces(Buffer.from(canary).toString("base64"))).toHaveLength(1);
    }
  });
});
