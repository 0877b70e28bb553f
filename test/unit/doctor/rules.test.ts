import { describe, expect, it } from "vitest";
import type { MachineFacts } from "../../../src/doctor/facts.ts";
import { failed, fresh } from "../../support/model-builders.ts";
import { badLogin } from "../operations/promotion/support/preflight.ts";
import { GOOD_CONFIG, GOOD_MACHINE, Patient } from "./facts.ts";

describe("the doctor", () => {
  it.each(["mariadb", "mysql"] as const)("finds nothing on a healthy R1 of %s", (flavor) => {
    expect(new Patient(flavor).findings()).toEqual([]);
  });

  it("tells the worst first", () => {
    const patient = new Patient().preflight("db2", { refusedKinds: ["Galera (wsrep_on is ON)"] });
    patient.scene.node("db3", { gtid: { ...patient.scene.report("db3").gtid, strict: false } });
    const [first, ...rest] = patient.findings({ warnings: ["a is so; do b"] });
    expect(first).toMatchObject({ code: "kind-refused", severity: "critical" });
    expect(rest.map(({ severity }) => severity)).toEqual(["info", "info"]);
  });
});

type Bend = (patient: Patient) => unknown;
type Expected = readonly [code: string, severity: string, subject: string, words: RegExp, fix: RegExp];

const config = (from: RegExp | string, to: string): Bend => {
  return (patient) => {
    patient.config = GOOD_CONFIG.replace(from, to);
    expect(patient.config).not.toBe(GOOD_CONFIG);
  };
};
const process = (version: string, patch: object = {}): Bend => {
  return ({ scene }) => {
    const report = scene.haproxyReport("lb1");
    if (report.process === null) throw new Error("no process");
    scene.haproxy("lb1", { reading: fresh({ ...report, process: { ...report.process, version, ...patch } }) });
  };
};
const events = [{ schema: "shop", name: "purge", definer: "app@%", status: "enabled" as const }];

const CASES: readonly (readonly [what: string, bend: Bend, ...expected: Expected])[] = [
  [
    "a node that is gone",
    ({ scene }) => scene.kill("db3"),
    ...(["node-unreachable", "warning", "db3", /db3/, /./] as const),
  ],
  [
    "a socket of level operator",
    ({ scene }) => scene.haproxy("lb1", { reading: fresh({ ...scene.haproxyReport("lb1"), level: "operator" }) }),
    ...(["haproxy-not-admin", "warning", "lb1", /level operator/, /level admin/] as const),
  ],
  [
    "missing privileges, merged into one GRANT",
    (patient) =>
      patient.preflight("db2", {
        missingGrants: [
          {
            statement: "SET GLOBAL read_only",
            kinds: ["read-only"],
            grant: "GRANT READ_ONLY ADMIN ON *.* TO 'ops'@'%';",
          },
          { statement: "KILL", kinds: ["clear-sessions"], grant: "GRANT CONNECTION ADMIN ON *.* TO 'ops'@'%';" },
        ],
      }),
    ...([
      "privileges-missing",
      "critical",
      "db2",
      /may not: SET GLOBAL read_only and KILL/,
      /^GRANT READ_ONLY ADMIN, CONNECTION ADMIN ON \*\.\* TO 'ops'@'%';$/,
    ] as const),
  ],
  [
    "privileges that only an extra needs",
    (patient) =>
      patient.preflight("db2", {
        missingGrants: [
          { statement: "ALTER EVENT", kinds: ["enable-event"], grant: "GRANT EVENT ON *.* TO 'ops'@'%';" },
        ],
      }),
    ...(["privileges-missing", "warning", "db2", /ALTER EVENT/, /GRANT EVENT/] as const),
  ],
  [
    "privileges nobody tells",
    (p) => p.preflight("db2", { missingGrants: null }),
    ...(["privileges-unknown", "warning", "db2", /cannot be told/, /SHOW GRANTS/] as const),
  ],
  [
    "a part that is refused",
    (p) =>
      p.preflight("db2", {
        problems: [
          {
            part: "events",
            failure: {
              kind: "auth",
              target: "db2",
              operation: "events",
              message: "no",
              advice: "GRANT EVENT ON *.* TO x;",
              serverCode: 1142,
            },
          },
        ],
      }),
    ...(["facts-unreadable", "warning", "db2", /cannot read: events/, /GRANT EVENT/] as const),
  ],
  [
    "a part that this server has no way to tell",
    (p) =>
      p.preflight("db2", {
        problems: [
          {
            part: "table locks",
            failure: {
              kind: "unsupported",
              target: "db2",
              operation: "x",
              message: "not told",
              advice: null,
              serverCode: null,
            },
          },
        ],
      }),
    ...(["facts-not-told", "info", "db2", /table locks/, /not told/] as const),
  ],
  [
    "a node that answers and then hangs",
    (p) => {
      const nodes = new Map(p.facts().nodes);
      nodes.set("db4", {
        examination: null,
        failure: {
          kind: "timeout",
          target: "db4",
          operation: "x",
          message: "no complete answer within 3 s.",
          advice: null,
          serverCode: null,
        },
      });
      p.patch = { nodes };
    },
    ...(["facts-unreadable", "warning", "db4", /not everything could be asked/, /again/] as const),
  ],
  [
    "a wrong replication password",
    (p) => {
      p.patch = { logins: [badLogin("db2", { message: "Access denied", advice: "Check it." })] };
    },
    ...(["replication-login", "critical", "db2", /Access denied/, /Check it/] as const),
  ],
  [
    "no replication account at all",
    ({ scene }) => scene.configure({ replication: null }),
    ...([
      "replication-account-unknown",
      "warning",
      "replication",
      /names no replication account/,
      /user: repl, password_env/,
    ] as const),
  ],
  [
    "a clock that is ahead",
    (p) => p.examine("db3", { clockOffsetMs: 4200 }),
    ...(["clock-skew", "warning", "db3", /4\.2 s ahead of ours/, /chrony/] as const),
  ],
  [
    "a clock that is behind",
    (p) => p.examine("db3", { clockOffsetMs: -1500 }),
    ...(["clock-skew", "warning", "db3", /1\.5 s behind ours/, /chrony/] as const),
  ],
  [
    "our own clock, when all nodes agree against it",
    (p) => {
      for (const name of ["db1", "db2", "db3", "db4"]) p.examine(name, { clockOffsetMs: 7000 });
    },
    ...(["clock-skew", "warning", "this machine", /7\.0 s behind that of all 4 nodes/, /chrony/] as const),
  ],
  [
    "a clock of a HAProxy",
    process("2.6.12", { startTimeSeconds: 1, uptimeSeconds: 3600 }),
    ...(["clock-skew", "warning", "lb1", /behind ours/, /chrony/] as const),
  ],
  [
    "duplicate server_id",
    ({ scene }) => scene.node("db4", { serverId: 3 }),
    ...(["duplicate-server-id", "critical", "db3 db4", /server_id 3/, /server_id/] as const),
  ],
  [
    "a lock of MaxScale",
    (p) => p.preflight("db1", { rivals: ["lock maxscale_mariadbmonitor is held by connection 12"] }),
    ...(["rival-lock", "warning", "db1", /maxscale_mariadbmonitor/, /Pause/] as const),
  ],
  [
    "accounts of orchestrator",
    ({ scene }) => scene.node("db1", { rivalUsers: ["orchestrator"] }),
    ...(["rival-automation", "info", "orchestrator", /orchestrator is connected/, /pause/] as const),
  ],
  [
    "read_only at run time only",
    (p) => p.examine("db3", { readOnlyOrigin: "run-time" }),
    ...(["read-only-not-persistent", "warning", "db3", /restart/, /read_only = ON/] as const),
  ],
  [
    "a writer that was opened at run time",
    (p) => p.examine("db1", { readOnlyOrigin: "run-time" }),
    ...(["writable-not-persistent", "info", "db1", /run time/, /read_only = OFF/] as const),
  ],
  [
    "log_bin off",
    ({ scene }) => scene.node("db2", { logBin: false }),
    ...(["no-binary-log", "warning", "db2", /log_bin is OFF/, /log_bin/] as const),
  ],
  [
    "log_slave_updates off",
    ({ scene }) => scene.node("db2", { logBin: true, logReplicaUpdates: false }),
    ...(["no-replica-updates", "warning", "db2", /gaps/, /log_slave_updates = ON/] as const),
  ],
  [
    "binlog by statement",
    ({ scene }) => scene.node("db2", { binlogFormat: "STATEMENT" }),
    ...(["binlog-format", "warning", "db2", /STATEMENT/, /ROW/] as const),
  ],
  [
    "binlog by statement on a replica of MySQL 8, which refuses the change while its applier runs",
    ({ scene }) => scene.node("db2", { binlogFormat: "STATEMENT", flavor: "mysql", version: "9.7.4" }),
    ...(["binlog-format", "warning", "db2", /STATEMENT/, /^STOP REPLICA SQL_THREAD; SET .*; START REPLICA/] as const),
  ],
  [
    "an old MySQL",
    ({ scene }) => scene.node("db4", { flavor: "mysql", version: "5.5.62" }),
    ...(["mysql-too-old", "warning", "db4", /no GTIDs/, /Upgrade/] as const),
  ],
  [
    "few free connections",
    (p) => p.preflight("db2", { freeConnections: 2 }),
    ...(["few-connections", "warning", "db2", /2 connections/, /max_connections/] as const),
  ],
  [
    "Galera",
    (p) => p.preflight("db2", { refusedKinds: ["Galera (wsrep_on is ON)"] }),
    ...(["kind-refused", "critical", "db2", /Galera/, /own means/] as const),
  ],
  [
    "events on a replica",
    (p) => p.preflight("db2", { eventScheduler: "on", events }),
    ...(["events-on-replica", "warning", "db2", /shop\.purge/, /event_scheduler = OFF/] as const),
  ],
  [
    "a scheduler that cannot be switched on",
    (p) => p.preflight("db1", { eventScheduler: "on", events }).preflight("db2", { eventScheduler: "disabled" }),
    ...(["event-scheduler-disabled", "warning", "db2", /DISABLED/, /restart/] as const),
  ],
  [
    "settings that differ from the primary's",
    (p) => {
      const settings = p.examinations.get("db2")?.preflight.settings ?? null;
      if (settings !== null) p.preflight("db2", { settings: { ...settings, sqlMode: "" } });
    },
    ...(["settings-differ", "warning", "db2", /sql_mode {2}\(db1: STRICT_TRANS_TABLES\)/, /equal/] as const),
  ],
  [
    "accounts that write through read_only",
    (p) => p.preflight("db2", { privilegedAccounts: [{ account: "'app'@'%'", privilege: "READ_ONLY ADMIN" }] }),
    ...(["accounts-bypass-read-only", "info", "'app'@'%'", /on db2/, /REVOKE READ_ONLY ADMIN/] as const),
  ],
  ["HAProxy 1.4", process("1.4.24"), ...(["haproxy-too-old", "critical", "lb1", /cannot drain/, /Upgrade/] as const)],
  ["HAProxy 1.5", process("1.5.18"), ...(["haproxy-too-old", "warning", "lb1", /read back/, /Upgrade/] as const)],
  [
    "nbproc",
    process("2.2.0", { nbproc: 4 }),
    ...(["haproxy-nbproc", "warning", "lb1", /nbproc is 4/, /nbthread/] as const),
  ],
  [
    "a rise that never returns",
    ({ scene }) => scene.server("lb1", "write_nodes/db1", { rise: 99999999 }),
    ...(["rise-never-returns", "info", "lb1 write_nodes", /stay DOWN/, /signalbox ready/] as const),
  ],
  [
    "a check that is refused",
    ({ scene }) => scene.server("lb1", "read_nodes/db3", { check: "L7STS", checkCode: 1045, state: "down" }),
    ...(["check-refused", "warning", "lb1 read_nodes/db3", /1045/, /CREATE USER/] as const),
  ],
  [
    "a check that cannot work, as it failed",
    ({ scene }) => scene.server("lb1", "read_nodes/db3", { check: "L7RSP", checkCode: 1251 }),
    ...(["check-cannot-work", "warning", "lb1 read_nodes/db3", /cannot work/, /tcp-check/] as const),
  ],
  [
    "an agent",
    ({ scene }) => scene.server("lb1", "read_nodes/db3", { agentEnabled: true }),
    ...(["agent-check", "warning", "lb1 read_nodes/db3", /agent/, /disable agent/] as const),
  ],
  [
    "haproxy.cfg out of reach",
    (p) => {
      p.config = null;
    },
    ...(["haproxy-config-unknown", "info", "lb1", /another machine/, /--haproxy-config/] as const),
  ],
  [
    "drift",
    config("10.0.0.12:3306 backup", "10.0.0.12:3306"),
    ...(["config-drift", "warning", "lb1", /write_nodes\/db2 is active in the file and backup/, /reload/] as const),
  ],
  [
    "no state file",
    config("    load-server-state-from-file global\n", ""),
    ...(["server-state-file-missing", "warning", "lb1", /write_nodes and read_nodes/, /server-state-file/] as const),
  ],
  [
    "a state file that is not named",
    config("    server-state-file /var/lib/haproxy/state\n", ""),
    ...(["server-state-file-missing", "warning", "lb1", /reload forgets/, /server-state-file/] as const),
  ],
  [
    "no on-marked-down",
    config("on-marked-down shutdown-sessions ", ""),
    ...(["sessions-outlive-server", "info", "lb1 write_nodes", /db1 and db2/, /on-marked-down/] as const),
  ],
  [
    "allbackups",
    config("listen write_nodes\n", "listen write_nodes\n option allbackups\n"),
    ...(["allbackups", "warning", "lb1 write_nodes", /every backup/, /allbackups/] as const),
  ],
  [
    "stickiness",
    config("listen read_nodes\n", "listen read_nodes\n stick on src\n"),
    ...(["stick-table", "warning", "lb1 read_nodes", /drained/, /maint/] as const),
  ],
  [
    "a static balance",
    config("listen read_nodes\n", "listen read_nodes\n balance source\n"),
    ...(["static-balance", "info", "lb1 read_nodes", /source/, /roundrobin/] as const),
  ],
];

describe("one fault at a time", () => {
  it.each(CASES)("%s", (_what, bend, code, severity, subject, words, fix) => {
    const patient = new Patient();
    bend(patient);
    const found = patient.findings().find((finding) => finding.code === code);
    expect(found, JSON.stringify(patient.findings(), null, 1)).toMatchObject({ severity, subject, cluster: "shop" });
    expect(found?.message).toMatch(words);
    expect(found?.fix).toMatch(fix);
  });

  it("mysql-check against MySQL 9 is found by the file, before a check has failed", () => {
    const patient = new Patient("mysql");
    config("listen read_nodes\n", "listen read_nodes\n option mysql-check user c\n")(patient);
    const found = patient.findings().filter(({ code }) => code === "check-cannot-work");
    expect(found.map(({ subject }) => subject)).toEqual(["db2", "db3", "db4"].map((name) => `lb1 read_nodes/${name}`));
  });

  it("what is told by an alert is not told again by the file", () => {
    const patient = new Patient("mysql");
    config("listen read_nodes\n", "listen read_nodes\n option mysql-check user c\n")(patient);
    patient.scene.server("lb1", "read_nodes/db3", { check: "L7RSP", checkCode: 1251 });
    const found = patient.findings().filter(({ subject }) => subject === "lb1 read_nodes/db3");
    expect(found).toHaveLength(1);
  });

  it("nothing is wrong with what is not needed: started read-only", () => {
    const patient = new Patient();
    patient.scene.configure({ replication: null });
    patient.scene.haproxy("lb1", { reading: fresh({ ...patient.scene.haproxyReport("lb1"), level: "user" }) });
    patient.preflight("db2", {
      missingGrants: [{ statement: "KILL", kinds: ["clear-sessions"], grant: "GRANT X ON *.* TO y;" }],
    });
    patient.patch = { readOnly: true, logins: [] };
    expect(patient.findings()).toEqual([]);
  });

  it("what SET PERSIST keeps is not lost by a restart", () => {
    const patient = new Patient("mysql");
    for (const name of ["db1", "db2"]) patient.examine(name, { readOnlyOrigin: "run-time" });
    expect(patient.findings().map(({ code }) => code)).toEqual(["read-only-not-persistent", "writable-not-persistent"]);
    patient.preflight("db1", { persistedReadOnly: false }).preflight("db2", { persistedReadOnly: true });
    expect(patient.findings()).toEqual([]);
  });

  it("an SQL proxy is not measured by what a HAProxy has", () => {
    const patient = new Patient();
    const { process: _, ...report } = patient.scene.haproxyReport("lb1");
    const sqlAdmin = { product: "proxysql", pending: ["10.0.0.12:3306 in hostgroup 2"] } as const;
    patient.scene.haproxy("lb1", { reading: fresh({ ...report, process: null, source: "sql-admin", sqlAdmin }) });
    patient.patch = { configs: new Map([["lb1", { found: null, why: "it is none" }]]) };
    expect(patient.findings()).toMatchObject([{ code: "proxysql-pending", subject: "lb1", severity: "warning" }]);
  });

  it("a HAProxy that does not answer is told once, and nothing is concluded from its past", () => {
    const patient = new Patient();
    const report = patient.scene.haproxyReport("lb1");
    patient.scene.haproxy("lb1", { reading: failed({ ...report, level: "user" }) });
    patient.patch = { configs: new Map() };
    expect(patient.findings().map(({ code }) => code)).toEqual(["haproxy-unreachable"]);
  });
});

const terminal = (patch: Partial<NonNullable<MachineFacts["terminal"]>>): Partial<MachineFacts> => ({
  terminal: GOOD_MACHINE.terminal === null ? null : { ...GOOD_MACHINE.terminal, ...patch },
});

describe("this machine", () => {
  it.each<[string, Partial<MachineFacts>, string, string, RegExp]>([
    [
      "no journal",
      { stateDir: { path: "/s", mode: null, problem: "this user may not write there" } },
      "state-dir",
      "critical",
      /mkdir -p -m 700 \/s/,
    ],
    [
      "a journal others can read",
      { stateDir: { path: "/s", mode: 0o40755, problem: null } },
      "state-dir",
      "warning",
      /chmod 700 \/s/,
    ],
    [
      "a password others can read",
      { warnings: ["/p holds a password and everyone on this machine can read it; chmod o-r /p"] },
      "secret-readable",
      "warning",
      /^chmod o-r \/p$/,
    ],
    [
      "a configuration others can change",
      { configFile: { path: "/c", mode: 0o100666 } },
      "config-writable",
      "warning",
      /chmod go-w \/c/,
    ],
    ["another warning", { warnings: ["a is so; do b"] }, "config-warning", "info", /^do b$/],
    ["keepalived", { rivals: ["keepalived"] }, "rival-process", "info", /pause/],
    ["no TERM", terminal({ term: "" }), "terminal", "warning", /TERM=/],
    ["a dumb terminal", terminal({ term: "dumb" }), "terminal", "warning", /TERM=/],
    ["few colours", terminal({ term: "vt100", manyColors: false }), "terminal", "info", /256color/],
    ["a tiny terminal", terminal({ columns: 40 }), "terminal", "warning", /80×24/],
    ["a small terminal", terminal({ rows: 20 }), "terminal", "info", /larger/],
    ["a locale without UTF-8", terminal({ utf8: false }), "terminal", "info", /UTF-8/],
  ])("%s", (_what, patch, code, severity, fix) => {
    const found = new Patient().findings(patch);
    expect(found).toMatchObject([{ code, severity, cluster: null }]);
    expect(found[0]?.fix).toMatch(fix);
  });

  it("knows nothing of a terminal where there is none", () => {
    expect(new Patient().findings({ terminal: null })).toEqual([]);
  });
});
