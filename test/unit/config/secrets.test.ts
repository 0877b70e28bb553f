import { afterEach, describe, expect, it } from "vitest";
import { ProblemList } from "../../../src/config/config-error.ts";
import { loadSettings } from "../../../src/config/load-settings.ts";
import { parseOptionFile } from "../../../src/config/secrets/option-file.ts";
import { createSecretReader } from "../../../src/config/secrets/reader.ts";
import { runPasswordCommand } from "../../../src/config/secrets/run-password-command.ts";
import { type Bench, CLUSTER, createBench } from "./load.ts";

let bench: Bench = createBench();
afterEach(() => bench.remove());

async function accessOf(mysql: string) {
  bench.write("cwd/signalbox.yaml", `mysql: ${mysql}\n${CLUSTER}`);
  const { settings } = await bench.load();
  return { ...settings.clusters[0]?.access, warnings: settings.warnings };
}

describe("where passwords come from", () => {
  it.each([
    ["the file itself", "{user: ops, password: s3cret}"],
    ["a variable", "{user: ops, password_env: OPS_PASSWORD}"],
    ["a command", "{user: ops, password_command: \"printf '%s\\\\n' s3cret\"}"],
    ["a file beside the configuration", "{user: ops, password_file: ops.password}"],
    ["a file in the home directory", "{user: ops, password_file: ~/ops.password}"],
    ["an option file, with its user", "{defaults_file: ~/.my.cnf}"],
  ])("%s", async (_title, mysql) => {
    bench = createBench({ OPS_PASSWORD: "s3cret" });
    bench.write("cwd/ops.password", "s3cret\n");
    bench.write("home/ops.password", "s3cret\r\n");
    bench.write("home/.my.cnf", "[client]\nuser=ops\npassword=s3cret\n");
    expect(await accessOf(mysql)).toMatchObject({ user: "ops", password: { secret: "s3cret" }, warnings: [] });
  });

  it("a user written beside an option file wins", async () => {
    bench = createBench();
    bench.write("home/.my.cnf", "[client]\nuser=ops\npassword=s3cret\n");
    expect(await accessOf("{user: other, defaults_file: ~/.my.cnf}")).toMatchObject({ user: "other" });
  });

  it("only one newline is taken off, blanks stay", async () => {
    bench = createBench();
    bench.write("cwd/p", " two words \n\n");
    expect((await accessOf("{password_file: p}")).password).toEqual({ secret: " two words \n" });
  });

  it("$SIGNALBOX_MYSQL_PASSWORD and $SIGNALBOX_MYSQL_USER serve where the file says nothing", async () => {
    bench = createBench({ SIGNALBOX_MYSQL_PASSWORD: "env", SIGNALBOX_MYSQL_USER: "someone" });
    expect(await accessOf("{tls: preferred}")).toMatchObject({ user: "someone", password: { secret: "env" } });
    expect(await accessOf("{user: ops, password: own}")).toMatchObject({ user: "ops", password: { secret: "own" } });
  });

  it.each([
    ["password_env: OPS_NOPE", "names the variable OPS_NOPE, which is not set"],
    ["password_env: EMPTY", "names the variable EMPTY, which is empty"],
    ["password_file: nope", "nope, which does not exist"],
    ["password_file: empty", "names an empty file"],
    ["password_command: 'echo no such entry >&2; exit 4'", "failed with exit code 4; it said: no such entry"],
    ["password_command: 'true'", "printed nothing"],
    ["password_command: 'kill -9 $$'", "failed with SIGKILL"],
    ["password_command: 'head -c 5000000 /dev/zero'", "printed more than 64 kB"],
    ["password_command: 'yes'", "printed more than 64 kB"],
    ["password_file: /dev/zero", "which is a device"],
    ["defaults_file: without.cnf", "has no password in [client], [mysql] or [signalbox]"],
    ["defaults_file: include.cnf", "/nowhere/other.cnf, which does not exist"],
    ["defaults_file: loop.cnf", "includes others more than 10 deep"],
    ["login_path: ops", ".mylogin.cnf, which does not exist"],
    ["password_prompt: true", "asks on the terminal, and standard input is none"],
  ])("%s is a problem at its line", async (line, message) => {
    bench = createBench({ EMPTY: "" });
    bench.write("cwd/empty", "\n");
    bench.write("cwd/without.cnf", "[mysqld]\npassword=canary\n");
    bench.write("cwd/include.cnf", "!include /nowhere/other.cnf\n[client]\nuser=a\n");
    bench.write("cwd/loop.cnf", "[client]\npassword=canary\n!include loop.cnf\n");
    const [problem] = await bench.problemsOf(`mysql:\n  ${line}\n${CLUSTER}`);
    expect(problem).toMatch(/^2:\d+: mysql\./);
    expect(problem).toContain(message);
    expect(problem).not.toContain("canary");
  });

  it("escape sequences a command complains with are shown as such", async () => {
    await expect(
      runPasswordCommand("printf '\\033[2Jgone' >&2; exit 1", { env: process.env, cwd: "/", timeoutMs: 5000 }),
    ).rejects.toMatchObject({
      hint: "it said: \\e[2Jgone",
    });
  });

  it("a command that hangs is ended with all it started", async () => {
    bench = createBench();
    const pidFile = `${bench.dir}/pid`;
    const command = `sleep 600 & echo $! > ${pidFile}; wait`;
    await expect(runPasswordCommand(command, { env: process.env, cwd: "/", timeoutMs: 300 })).rejects.toThrow(
      "gave no answer within 0.3 s",
    );
    const { readFileSync } = await import("node:fs");
    const pid = Number(readFileSync(pidFile, "utf8"));
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
  });

  it("a command is not given the passwords that stand in the environment", async () => {
    bench = createBench({ SIGNALBOX_MYSQL_PASSWORD: "canary", REPL: "canary", VAULT_TOKEN: "needed" });
    const text = `mysql: {password_command: "env > env.txt; echo pw"}\n${CLUSTER}    replication: {user: r, password_env: REPL}\n`;
    bench.write("cwd/signalbox.yaml", text);
    expect((await bench.load()).secretVariables).toEqual(["SIGNALBOX_MYSQL_PASSWORD", "REPL"]);
    const { readFileSync } = await import("node:fs");
    const given = readFileSync(`${bench.around.cwd}/env.txt`, "utf8");
    expect(given).toContain("VAULT_TOKEN=needed");
    expect(given).not.toContain("canary");
  });

  it("a command runs once, however many nodes need its answer", async () => {
    bench = createBench();
    const problems = new ProblemList();
    const reader = createSecretReader({
      around: bench.around,
      problems,
      warnings: new Set(),
      openFile: null,
      secretVariables: [],
      commandTimeoutMs: 5000,
    });
    const place = { file: `${bench.dir}/x.yaml`, line: 1, column: 1 };
    const source = {
      key: "password_command",
      value: `echo run >> ${bench.dir}/runs; echo pw`,
      place,
      path: "mysql.password_command",
    } as const;
    const answers = await Promise.all([1, 2, 3].map(() => reader.read(source, null)));
    expect(answers.map(({ password }) => password)).toEqual(["pw", "pw", "pw"]);
    const { readFileSync } = await import("node:fs");
    expect(readFileSync(`${bench.dir}/runs`, "utf8")).toBe("run\n");
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a password asked on the terminal", () => {
  const askAs = (answers: readonly (string | null)[]) => {
    const questions: string[] = [];
    const askSecret = async (question: string) => {
      questions.push(question);
      const answer = answers[questions.length - 1];
      return answer === undefined ? null : answer;
    };
    return { questions, askSecret };
  };
  const none = { cluster: null, haproxyUrls: [], mysqlUrls: [], readOnly: false, theme: null, interval: null };
  const loadWith = (text: string, askSecret: (question: string) => Promise<string | null>) => {
    const configFile = bench.write("cwd/signalbox.yaml", text);
    return loadSettings({ ...none, configFile }, { ...bench.around, askSecret });
  };

  it("is asked once for each place that says so, one after the other, with the user in the question", async () => {
    bench = createBench();
    const { questions, askSecret } = askAs(["first", "second"]);
    const text = `mysql: {user: ops, password_prompt: true}\n${CLUSTER}    nodes: [{name: a, address: a}, {name: b, address: b}]\n    replication: {user: repl, password_prompt: true}\n`;
    const { settings } = await loadWith(text, askSecret);
    expect(questions).toEqual(["Password of ops (mysql): ", "Password of repl (clusters[0].replication): "]);
    const [cluster] = settings.clusters;
    expect(cluster?.nodes.map(({ access }) => access.password)).toEqual([{ secret: "first" }, { secret: "first" }]);
    expect(cluster?.replication?.password).toEqual({ secret: "second" });
  });

  it("is not asked where password_prompt is false", async () => {
    bench = createBench();
    const { questions, askSecret } = askAs([]);
    await loadWith(`mysql: {password_prompt: false}\n${CLUSTER}`, askSecret);
    expect(questions).toEqual([]);
  });

  it.each([
    [null, "asked on the terminal, which was closed"],
    ["", "asked on the terminal and was given nothing"],
  ])("is a problem when the answer is %j", async (answer, message) => {
    bench = createBench();
    const { askSecret } = askAs([answer]);
    await expect(loadWith(`mysql: {password_prompt: true}\n${CLUSTER}`, askSecret)).rejects.toThrow(message);
  });

  it("is asked for users of --mysql where nothing says what it is; Enter stands for none", async () => {
    bench = createBench();
    const { questions, askSecret } = askAs(["s3cret", ""]);
    const mysqlUrls = ["mysql://ops@a", "mysql://ops@b", "mysql://other@c", "mysql://d"];
    const { settings } = await loadSettings({ ...none, configFile: null, mysqlUrls }, { ...bench.around, askSecret });
    expect(questions).toEqual([
      "Password of ops (--mysql; Enter for none): ",
      "Password of other (--mysql; Enter for none): ",
    ]);
    const [cluster] = settings.clusters;
    expect(cluster?.nodes.map(({ access }) => [access.user, access.password?.secret ?? null])).toEqual([
      ["ops", "s3cret"],
      ["ops", "s3cret"],
      ["other", null],
      ["ops", "s3cret"],
    ]);
  });

  it("is not asked for --mysql where the environment has it", async () => {
    bench = createBench({ SIGNALBOX_MYSQL_PASSWORD: "env" });
    const { questions, askSecret } = askAs([]);
    const request = { ...none, configFile: null, mysqlUrls: ["mysql://ops@a"] };
    const { settings } = await loadSettings(request, { ...bench.around, askSecret });
    expect(questions).toEqual([]);
    expect(settings.clusters[0]?.nodes[0]?.access.password).toEqual({ secret: "env" });
  });
});

describe("files that everyone can read", () => {
  it("are warned about when they hold a password", async () => {
    bench = createBench();
    const config = bench.write("cwd/signalbox.yaml", `mysql: {password: canary}\n${CLUSTER}`, 0o644);
    const { settings } = await bench.load();
    expect(settings.warnings).toEqual([
      `${config} holds a password and everyone on this machine can read it; chmod o-r ${config}`,
    ]);
  });

  it("are warned about when a stats page's URL has a password, once", async () => {
    bench = createBench();
    bench.write(
      "cwd/signalbox.yaml",
      "clusters: [{name: a, haproxy: [{name: b, stats: 'http://u:canary@h/'}, {name: c, stats: 'http://u:canary@i/'}]}]",
      0o644,
    );
    const { settings } = await bench.load();
    expect(settings.warnings).toHaveLength(1);
    expect(settings.warnings[0]).not.toContain("canary");
  });

  it("are no matter without a password in them", async () => {
    bench = createBench({ P: "x" });
    bench.write("cwd/signalbox.yaml", `mysql: {password_env: P}\n${CLUSTER}`, 0o644);
    expect((await bench.load()).settings.warnings).toEqual([]);
  });

  it("are warned about when they are the private key of a client certificate", async () => {
    bench = createBench();
    bench.write("cwd/c.pem", "", 0o644);
    const key = bench.write("cwd/c.key", "", 0o644);
    const { warnings } = await accessOf("{cert: c.pem, key: c.key}");
    expect(warnings).toEqual([`${key} holds a private key and everyone on this machine can read it; chmod o-r ${key}`]);
  });

  it("are warned about when they are password or option files", async () => {
    bench = createBench();
    const secret = bench.write("home/p", "canary", 0o644);
    expect((await accessOf("{password_file: ~/p}")).warnings).toEqual([
      `${secret} holds a password and everyone on this machine can read it; chmod o-r ${secret}`,
    ]);
  });
});

describe("option files", () => {
  const optionsOf = (text: string) =>
    parseOptionFile(text).flatMap((line) => (line.kind === "option" && line.group === "client" ? [line] : []));

  it("are read like mysql reads them: groups, quotes, escapes, comments", () => {
    const text = [
      "early=1",
      "# comment",
      "; comment",
      "[mysqld]",
      "password=server",
      "[client]",
      "user = 'ops # team'",
      'password="s\\"3#cr et"  # real one',
      "port_number=3307",
      "ssl",
      "[mysql]",
      "password=other",
    ].join("\r\n");
    expect(optionsOf(text).map(({ name, value }) => [name, value])).toEqual([
      ["user", "ops # team"],
      ["password", 's"3#cr et'],
      ["port-number", "3307"],
      ["ssl", ""],
    ]);
  });

  it.each([
    ["password=a\\sb\\\\c", "a b\\c"],
    ["password=a#b", "a#b"],
    ["password = a\\qb", "a\\qb"],
    ["loose-password=x", "x"],
    ["password=", ""],
    ["password", ""],
  ])("%j", (line, expected) => {
    expect(optionsOf(`[client]\n${line}\n`)).toMatchObject([{ name: "password", value: expected }]);
  });

  it.each([
    ["[client]\npassword=first\n[mysql]\npassword=s3cret\n"],
    ["[mysql]\npassword=first\n[signalbox]\npassword=s3cret\n[mysqld]\npassword=server\n"],
    ["[client]\npassword=first\n!include part.cnf\n"],
    ["!include ./deep/chain.cnf\n"],
    ["[client]\npassword=first\n!includedir conf.d\n"],
    ["!include part.cnf\n!include /nowhere\n!includedir /nowhere.d\n"],
  ])("the last line of the three groups wins, wherever it stands: %j", async (text) => {
    bench = createBench();
    bench.write("home/.my.cnf", text);
    bench.write("home/part.cnf", "[signalbox]\npassword = s3cret\n");
    bench.write("home/deep/chain.cnf", "!include ../part.cnf\n");
    bench.write("home/conf.d/a.cnf", "[client]\npassword = other\n");
    bench.write("home/conf.d/b.cnf", "[client]\npassword = s3cret\n");
    bench.write("home/conf.d/c.txt", "[client]\npassword = unread\n");
    expect(await accessOf("{user: ops, defaults_file: ~/.my.cnf}")).toMatchObject({
      password: { secret: "s3cret" },
      warnings: [],
    });
  });

  it("are warned about one by one, where a password stands in them that everyone can read", async () => {
    bench = createBench();
    bench.write("home/.my.cnf", "[client]\nuser=ops\n!include open.cnf\n!include closed.cnf\n", 0o644);
    const open = bench.write("home/open.cnf", "[client]\npassword=canary\n", 0o644);
    bench.write("home/closed.cnf", "[client]\npassword=s3cret\n");
    const { warnings, password } = await accessOf("{defaults_file: ~/.my.cnf}");
    expect(warnings).toEqual([`${open} holds a password and everyone on this machine can read it; chmod o-r ${open}`]);
    expect(password).toEqual({ secret: "s3cret" });
  });
});
