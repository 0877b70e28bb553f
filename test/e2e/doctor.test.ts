/** `signalbox doctor` on real clusters: faults are planted, each is found by its code, with its fix. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { DoctorFinding } from "../../src/doctor/finding.ts";
import { type SshPlace, startSshPlace } from "../contract/support/ssh-place.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab, waitFor } from "../lab/index.ts";
import { findFreePorts } from "../lab/ports.ts";
import { type Outcome, runSignalbox } from "./status-runner.ts";

interface Diagnosis extends Outcome {
  readonly findings: readonly DoctorFinding[];
  /** The finding of that code, about that subject where one is given. */
  readonly find: (code: string, subject?: string) => DoctorFinding;
}

async function examine(
  lab: Lab,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Diagnosis> {
  const place = { SIGNALBOX_STATE_DIR: join(lab.dir, "state") };
  const outcome = await runSignalbox(["doctor", "--json", ...args], { ...place, ...env });
  if (outcome.out === "") throw new Error(`nothing printed, exit code ${outcome.exitCode}: ${outcome.err}`);
  const { schema, findings } = JSON.parse(outcome.out);
  expect(schema).toBe(1);
  const find = (code: string, subject?: string): DoctorFinding =>
    findings.find((each: DoctorFinding) => each.code === code && (subject === undefined || each.subject === subject)) ??
    expect.fail(`${code} ${subject ?? ""} was not found in ${outcome.out}`);
  return { ...outcome, findings, find };
}

const worst = (findings: readonly DoctorFinding[]) => findings.filter(({ severity }) => severity !== "info");

/** A state file for every backend, and sessions that end with their server. */
function mendConfig(lab: Lab): void {
  const { configFile, dir } = lab.haproxy();
  const text = readFileSync(configFile, "utf8")
    .replace("global\n", `global\n    server-state-file ${dir}/state\n`)
    .replace("defaults\n", "defaults\n    load-server-state-from-file global\n");
  writeFileSync(configFile, text);
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "signalbox doctor on a real R1", () => {
  let lab: Lab;
  let file: string;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
    file = join(lab.dir, "faulty.yaml");
  });
  afterAll(() => lab?.stop());

  it("finds one thing to mend on a calm cluster, and nothing once that is mended: exit code 1, then 0", async () => {
    const before = await examine(lab, ["-c", lab.configPath]);
    expect(worst(before.findings).map(({ code }) => code)).toEqual(["server-state-file-missing"]);
    expect(before.exitCode).toBe(1);
    mendConfig(lab);
    await lab.haproxy().reload();
    const after = await waitFor("a calm cluster after the reload", async () => {
      const seen = await examine(lab, ["-c", lab.configPath]);
      return worst(seen.findings).length === 0 && seen;
    });
    expect(after.exitCode).toBe(0);
    expect(after.err).toBe("");
  });

  it("says it to people in 80 columns, the worst first, a fix for each", async () => {
    const { out, exitCode } = await runSignalbox(["doctor", "-c", lab.configPath], { SIGNALBOX_STATE_DIR: lab.dir });
    expect(exitCode).toBe(0);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatch(/^INFO\n {2}[a-z-]+ {2}/);
    expect(out.match(/^ {4}→ /gm)?.length).toBeGreaterThan(2);
  });

  it("tells nobody's answer from health: exit code 3", async () => {
    const [port = 0] = await findFreePorts(1);
    const { exitCode, find } = await examine(lab, ["--haproxy", `tcp://127.0.0.1:${port}`]);
    expect(exitCode).toBe(3);
    expect(find("haproxy-unreachable").breaks).toContain("drain");
  });

  describe("with faults planted", () => {
    let seen: Diagnosis;
    const undo: (() => unknown)[] = [];

    async function plantInServers(): Promise<void> {
      const [db1, db2, db3, db4] = lab.nodes;
      if (db1 === undefined || db2 === undefined || db3 === undefined || db4 === undefined) throw new Error("no R1");
      await db3.query("SET GLOBAL server_id = 4");
      await db4.stopApplier();
      await db4.query("SET GLOBAL binlog_format = 'STATEMENT'");
      await db2.query("SET GLOBAL read_only = 1");
      await db2.query("SET GLOBAL max_connections = 10");
      const { configFile } = lab.haproxy();
      const text = readFileSync(configFile, "utf8");
      writeFileSync(
        configFile,
        text.replace(/^( +server db4 .*)$/m, "$1 weight 7").replace(/server-state-file .*/, ""),
      );
      undo.push(() => db4.startApplier());
    }

    async function writeFaultyConfig(): Promise<void> {
      const [deadPort] = await findFreePorts(1);
      const config = parse(readFileSync(lab.configPath, "utf8"));
      const [cluster] = config.clusters;
      const open = join(lab.dir, "open.password");
      writeFileSync(open, labAccounts.ops.password);
      chmodSync(open, 0o644);
      config.mysql.password_file = open;
      cluster.haproxy[0].socket = `unix://${lab.haproxy().operatorSocketPath}`;
      cluster.replication = { user: "repl", password_env: "WRONG" };
      cluster.nodes[2].mysql = { user: labAccounts.viewer.user, password_env: "VIEWER" };
      cluster.nodes.push({ name: "db5", address: `127.0.0.1:${deadPort}` });
      writeFileSync(file, stringify(config));
      chmodSync(file, 0o666);
      mkdirSync(join(lab.dir, "loose"), { mode: 0o755, recursive: true });
      chmodSync(join(lab.dir, "loose"), 0o755);
    }

    beforeAll(async () => {
      await plantInServers();
      await writeFaultyConfig();
      seen = await lab.node("db1").withAdmin(async (connection) => {
        await connection.query("SELECT GET_LOCK('maxscale_mariadbmonitor', 0)");
        await lab.node("db2").freeze();
        try {
          return await look();
        } finally {
          lab.node("db2").thaw();
        }
      });
    });
    afterAll(async () => {
      for (const each of undo) await each();
    });

    const look = () =>
      examine(lab, ["-c", file], {
        SIGNALBOX_STATE_DIR: join(lab.dir, "loose"),
        WRONG: "canary-secret",
        VIEWER: labAccounts.viewer.password,
      });

    it.each<[what: string, code: string, subject: string | undefined, breaks: string | null, fix: RegExp]>([
      ["a socket of level operator", "haproxy-not-admin", "lb1", "drain", /level admin/],
      [
        "an account that only looks",
        "privileges-missing",
        "db3",
        "promote",
        /^GRANT .*READ_ONLY ADMIN.* ON \*\.\* TO 'viewer'@'%';$/,
      ],
      ["a wrong replication password", "replication-login", "db1", "promote", /Check user and password/],
      ["a server_id that two nodes have", "duplicate-server-id", "db3 db4", "promote", /server_id/],
      ["a stopped applier", "replica-sql-stopped", undefined, "promote", /replica start db4/],
      ["a dead node", "node-unreachable", "db5", "promote", /./],
      ["a node that hangs", "node-unreachable", "db2", "promote", /./],
      ["a lock of MaxScale", "rival-lock", "db1", "promote", /Pause/],
      ["a password file others can read", "secret-readable", undefined, null, /chmod o-r .*open\.password/],
      ["a configuration others can write", "config-writable", undefined, null, /chmod go-w .*faulty\.yaml/],
      ["a journal others can read", "state-dir", undefined, null, /chmod 700 .*loose/],
      ["drift", "config-drift", "lb1", "promote", /reload on purpose/],
      ["a state file that is not named", "server-state-file-missing", "lb1", "drain", /server-state-file/],
      ["a binary log by statement", "binlog-format", "db4", "promote", /ROW/],
      ["settings that differ from the primary's", "settings-differ", "db4", "promote", /equal/],
    ])("%s", (_what, code, subject, breaks, fix) => {
      const found = seen.find(code, subject);
      expect(found.fix).toMatch(fix);
      if (breaks !== null) expect(found.breaks).toContain(breaks);
    });

    it("is done within its bounds although a node is dead and one hangs: exit code 2, no secret told", () => {
      expect(seen.exitCode).toBe(2);
      expect(seen.tookMs).toBeLessThan(8_000);
      expect(seen.out + seen.err).not.toContain("canary-secret");
      expect(seen.out + seen.err).not.toContain(labAccounts.ops.password);
    });

    it("what the fixes say takes the findings away: the GRANT as it stands, the commands as they stand", async () => {
      const { fix: grant } = seen.find("privileges-missing", "db3");
      await lab.node("db3").withAdmin(async (connection) => {
        await connection.query("SET SESSION sql_log_bin=0");
        for (const statement of grant.split(/(?<=;) /)) await connection.query(statement);
      });
      const codes = ["secret-readable", "config-writable", "state-dir"];
      for (const code of codes) execFileSync("sh", ["-c", seen.find(code).fix.replace(/\.$/, "")]);
      const mended = await waitFor("db2 to answer", async () => {
        const now = await look();
        return now.findings.every(({ code, subject }) => code !== "node-unreachable" || subject !== "db2") && now;
      });
      const left = mended.findings.map(({ code, subject }) => `${code} ${subject}`);
      expect(left).not.toContain("privileges-missing db3");
      for (const code of codes) expect(mended.findings.map((found) => found.code)).not.toContain(code);
      expect(left).toContain("duplicate-server-id db3 db4");
    });

    it("once the hanging node answers again: read_only that a restart forgets, and few connections", async () => {
      const { find } = await waitFor("db2 to answer", async () => {
        const now = await look();
        return now.findings.every(({ code, subject }) => code !== "node-unreachable" || subject !== "db2") && now;
      });
      expect(find("read-only-not-persistent", "db2").fix).toContain("read_only = ON");
      expect(find("few-connections", "db2").breaks).toContain("promote");
      expect(find("replication-login", "db2").severity).toBe("critical");
    });
  });
});

describeEngine(["mysql-9.7", "haproxy-3.2"], "signalbox doctor on MySQL 9", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ topology: "r3", engine: "mysql-9.7", haproxyEngine: "haproxy-3.2" });
  });
  afterAll(() => lab?.stop());

  it("every privilege of the lab's account is enough, and a missing one is told with this dialect's GRANT", async () => {
    expect(worst((await examine(lab, ["-c", lab.configPath])).findings).map(({ code }) => code)).not.toContain(
      "privileges-missing",
    );
    await lab
      .node("db2")
      .query("SET SESSION sql_log_bin=0")
      .catch(() => undefined);
    await lab.node("db2").withAdmin(async (connection) => {
      await connection.query("SET SESSION sql_log_bin=0");
      await connection.query("REVOKE SYSTEM_VARIABLES_ADMIN, RELOAD ON *.* FROM 'ops'@'%'");
    });
    const { find } = await examine(lab, ["-c", lab.configPath]);
    const { fix, breaks } = find("privileges-missing", "db2");
    expect(fix).toMatch(/^GRANT [A-Z_, ]*SYSTEM_VARIABLES_ADMIN[A-Z_, ]* ON \*\.\* TO 'ops'@'%';$/);
    expect(fix).toContain("RELOAD");
    expect(breaks).toEqual(expect.arrayContaining(["promote", "rejoin", "read-only"]));
    await lab.node("db2").withAdmin(async (connection) => {
      await connection.query("SET SESSION sql_log_bin=0");
      await connection.query(fix);
    });
    const mended = await examine(lab, ["-c", lab.configPath]);
    expect(mended.findings.filter(({ code }) => code === "privileges-missing")).toEqual([]);
  });

  it("a mysql-check cannot work: by the file at once, and by the check when it has failed", async () => {
    const { configFile } = lab.haproxy();
    const text = readFileSync(configFile, "utf8");
    const checked = text.replace(
      /^( +)option tcp-check\n( +tcp-check .*\n)+/m,
      "$1option mysql-check user haproxy_check\n",
    );
    expect(checked).not.toBe(text);
    writeFileSync(configFile, checked);
    const before = await examine(lab, ["-c", lab.configPath]);
    expect(before.find("check-cannot-work", "lb1 MySQL/Primary").message).toContain("option mysql-check cannot log in");
    await lab.haproxy().reload();
    const after = await waitFor("the check to fail", async () => {
      const seen = await examine(lab, ["-c", lab.configPath]);
      return seen.find("check-cannot-work", "lb1 MySQL/Primary").message.includes("cannot work") && seen;
    });
    expect(after.find("check-cannot-work", "lb1 MySQL/Primary").fix).toContain("tcp-check");
  });
});

describeEngine(["openssh", "mariadb-10.11", "haproxy-2.6"], "signalbox doctor through SSH", () => {
  let lab: Lab;
  let place: SshPlace;
  let file: string;
  beforeAll(async () => {
    [lab, place] = await Promise.all([startLab({ topology: "r3" }), startSshPlace()]);
    file = join(lab.dir, "ssh.yaml");
    const config = parse(readFileSync(lab.configPath, "utf8"));
    const [cluster] = config.clusters;
    for (const haproxy of cluster.haproxy)
      haproxy.socket = haproxy.socket.replace("unix://", `ssh://${place.jump.target}`);
    for (const node of cluster.nodes) node.ssh = "far";
    config.ssh = { config: place.settings.configFile, known_hosts: place.settings.knownHostsFile };
    writeFileSync(file, stringify(config), { mode: 0o600 });
    place.writeConfig([` IdentityFile ${place.key.file}`, " IdentityAgent none"]);
  });
  afterAll(async () => {
    await Promise.all([lab?.stop(), place?.stop()]);
  });

  it("asks everything the same way, and finds what it finds without SSH: haproxy.cfg is read on its host", async () => {
    place.writeKnownHosts();
    const { findings, find, exitCode } = await examine(lab, ["-c", file]);
    const direct = await examine(lab, ["-c", lab.configPath]);
    const told = (seen: readonly DoctorFinding[]) => seen.map(({ code, subject }) => `${code} ${subject}`).sort();
    expect(told(findings)).toEqual(told(direct.findings));
    expect(worst(findings).map(({ code }) => code)).toEqual(["server-state-file-missing"]);
    expect(exitCode).toBe(1);
    expect(find("gtid-not-strict", "db2").fix).toContain("gtid_strict_mode");
  });

  it("tells an orchestrator that runs on a host behind SSH", async () => {
    place.writeKnownHosts();
    const program = join(lab.dir, "orchestrator");
    copyFileSync("/bin/sleep", program);
    const rival = spawn(program, ["60"], { stdio: "ignore" });
    try {
      const { find } = await examine(lab, ["-c", file]);
      for (const subject of [place.jump.target, "far"])
        expect(find("rival-process", subject).message).toContain("orchestrator");
    } finally {
      rival.kill();
    }
  });

  it("tells the drift of a haproxy.cfg on another host, and that it cannot be told where the file is gone", async () => {
    place.writeKnownHosts();
    const { configFile } = lab.haproxy();
    const text = readFileSync(configFile, "utf8");
    writeFileSync(configFile, text.replace(/^( +server Primary .*)$/m, "$1 weight 7"));
    try {
      const { find } = await examine(lab, ["-c", file]);
      expect(find("config-drift", "lb1").message).toContain(
        "MySQL/Primary has weight 7 in the file and 1 in the process",
      );
      renameSync(configFile, `${configFile}.gone`);
      const unread = await examine(lab, ["-c", file]);
      expect(unread.find("haproxy-config-unknown", "lb1").message).toContain(`${configFile} does not exist`);
    } finally {
      writeFileSync(configFile, text);
    }
  });

  it("an unknown host key is what keeps everything from working: exit code 3, with the line to compare", async () => {
    writeFileSync(place.settings.knownHostsFile, "");
    const { find, exitCode } = await examine(lab, ["-c", file]);
    expect(exitCode).toBe(3);
    const { message, fix, breaks } = find("haproxy-unreachable");
    expect(`${message} ${fix}`).toMatch(/SHA256:/);
    expect(breaks).toContain("promote");
  });
});
