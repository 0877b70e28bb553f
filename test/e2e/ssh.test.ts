/** The built program where everything is behind SSH: HAProxy's socket behind one host, the nodes behind two. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { type SshPlace, startSshPlace } from "../contract/support/ssh-place.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab, waitFor } from "../lab/index.ts";
import { ensureBuilt, startProgram } from "../support/program.ts";
import { Actor, adminState } from "./act-runner.ts";
import { lookOnce, lookUntil, runSignalbox } from "./status-runner.ts";

describeEngine(["openssh", "mariadb-10.11", "haproxy-2.6"], "the program through SSH", () => {
  let lab: Lab;
  let place: SshPlace;
  let configPath: string;

  beforeAll(async () => {
    ensureBuilt();
    [lab, place] = await Promise.all([startLab({ topology: "r3" }), startSshPlace()]);
    configPath = join(lab.dir, "ssh.yaml");
    writeConfig({});
  });
  afterAll(async () => {
    await Promise.all([lab?.stop(), place?.stop()]);
  });
  beforeEach(() => {
    place.writeKnownHosts();
    place.writeConfig([` IdentityFile ${place.key.file}`, " IdentityAgent none"]);
  });
  afterEach(() => writeConfig({}));

  /** The lab's own configuration with SSH in front of everything. */
  function writeConfig(ssh: Readonly<Record<string, string>>): void {
    const config = parse(readFileSync(lab.configPath, "utf8"));
    const [cluster] = config.clusters;
    for (const haproxy of cluster.haproxy)
      haproxy.socket = haproxy.socket.replace("unix://", `ssh://${place.jump.target}`);
    for (const node of cluster.nodes) node.ssh = "far";
    config.ssh = { config: place.settings.configFile, known_hosts: place.settings.knownHostsFile, ...ssh };
    writeFileSync(configPath, stringify(config), { mode: 0o600 });
  }

  const sshUrl = () => `ssh://${place.jump.target}${lab.haproxy().socketPath}`;

  it("status is the one that it is without SSH", async () => {
    const direct = await lookUntil("a look without SSH", ["-c", lab.configPath], ({ exitCode }) => exitCode !== 3);
    for (const ssh of [{}, { transport: "openssh" }]) {
      writeConfig(ssh);
      const { json, exitCode } = await lookOnce(["-c", configPath]);
      expect(exitCode).toBe(direct.exitCode);
      expect(json.haproxies).toMatchObject([{ reachable: true, level: "admin", pid: lab.haproxy().pid }]);
      expect(json.nodes.map(({ name, reachable, role }) => [name, reachable, role])).toEqual(
        direct.json.nodes.map(({ name, reachable, role }) => [name, reachable, role]),
      );
      expect(json.alerts.map(({ code }) => code)).toEqual(direct.json.alerts.map(({ code }) => code));
    }
  });

  it("--haproxy and the file's ssh section are enough", async () => {
    const sshOnly = join(lab.dir, "only-ssh.yaml");
    writeFileSync(sshOnly, stringify({ ssh: parse(readFileSync(configPath, "utf8")).ssh }), { mode: 0o600 });
    const { json } = await lookOnce(["-c", sshOnly, "--haproxy", sshUrl()], {
      SIGNALBOX_MYSQL_USER: labAccounts.ops.user,
      SIGNALBOX_MYSQL_PASSWORD: labAccounts.ops.password,
    });
    expect(json.haproxies).toMatchObject([{ reachable: true, pid: lab.haproxy().pid }]);
  });

  it("init finds the cluster and reads haproxy.cfg on its host: where clients connect, drift", async () => {
    const sshOnly = join(lab.dir, "only-ssh.yaml");
    writeFileSync(sshOnly, stringify({ ssh: parse(readFileSync(configPath, "utf8")).ssh }), { mode: 0o600 });
    const { out, err, exitCode } = await runSignalbox(["init", "-c", sshOnly, "--haproxy", sshUrl()], {
      SIGNALBOX_MYSQL_USER: labAccounts.ops.user,
      SIGNALBOX_MYSQL_PASSWORD: labAccounts.ops.password,
    });
    expect(exitCode, err).toBe(0);
    expect(parse(out).clusters[0].writer).toEqual({ backend: "MySQL", address: `127.0.0.1:${lab.writePort}` });
    expect(out).toContain(`read from ${lab.haproxy().configFile}`);
  });

  it("drain and undo are carried out and read back through SSH", async () => {
    const actor = new Actor(lab);
    const [server = ""] = (await lab.haproxy().command("show stat -1 4 -1"))
      .split("\n")
      .flatMap((line) => (line.includes(",UP,") ? [line.split(",").slice(0, 2).join("/")] : []))
      .slice(-1);
    const drained = await actor.run(["drain", server, "--yes", "--force"], configPath);
    expect(drained, drained.err + drained.out).toMatchObject({ exitCode: 0 });
    expect(await adminState(lab, "lb1", server)).toBe("drain");
    const undone = await actor.run(["undo", "--yes"], configPath);
    expect(undone, undone.err + undone.out).toMatchObject({ exitCode: 0 });
    expect(await adminState(lab, "lb1", server)).toBe("ready");
  });

  it("a host that shows another key is refused: what it says is in status, and nothing was sent to it", async () => {
    place.writeKnownHosts(`${place.jump.knownName} ${place.far.hostKeys[1]?.publicLine}\n`);
    const { json, exitCode } = await lookOnce(["-c", configPath]);
    expect(exitCode).not.toBe(0);
    expect(json.haproxies[0]).toMatchObject({ reachable: false });
    expect(json.haproxies[0]?.error).toMatch(/has changed: it shows ssh-ed25519 SHA256:/);
    expect(json.nodes.every(({ reachable }) => !reachable)).toBe(true);
  });

  it("the console asks for the passphrase of a key before the screen opens, and a script is told which key is locked", async () => {
    place.writeConfig([` IdentityFile ${place.lockedKey.file}`, " IdentityAgent none"]);
    const { json } = await lookOnce(["-c", configPath]);
    expect(json.haproxies[0]?.error).toContain(`${place.lockedKey.file} has a passphrase`);
    const program = startProgram({ args: ["-c", configPath], columns: 120, rows: 30 });
    try {
      await program.waitFor(/Passphrase of /);
      program.type("wrong one\r");
      await program.waitFor(/That is not its passphrase/);
      program.type(`${place.lockedKey.passphrase}\r`);
      await program.waitFor((screen) => screen.some((line) => /db1.*UP/.test(line)), 20_000);
      expect(program.raw()).not.toContain(place.lockedKey.passphrase);
    } finally {
      program.kill();
      await program.exited;
    }
  });

  it("the console outlives an sshd that freezes and one that is killed", async () => {
    const program = startProgram({ args: ["-c", configPath], columns: 120, rows: 30 });
    const isUp = (screen: readonly string[]) => screen.some((line) => /db1.*UP/.test(line));
    try {
      await program.waitFor(isUp, 20_000);
      place.jump.freeze();
      await program.waitFor(/haproxy-unreachable/, 20_000);
      place.jump.thaw();
      await program.waitFor((screen) => isUp(screen) && !screen.some((line) => /unreachable/.test(line)), 30_000);
      await place.jump.kill();
      await program.waitFor(/haproxy-unreachable/, 20_000);
      await place.jump.start();
      await program.waitFor((screen) => isUp(screen) && !screen.some((line) => /unreachable/.test(line)), 30_000);
    } finally {
      program.kill();
      await program.exited;
    }
    await waitFor("every session to end", () => place.jump.sessions().length === 0);
  });

  it("nothing is known and nobody is asked: the message is one line for people", async () => {
    place.writeKnownHosts("");
    const { out, exitCode } = await runSignalbox(["status", "-c", configPath]);
    expect(exitCode).not.toBe(0);
    expect(out).toContain("is not known: it shows ssh-ed25519 SHA256:");
  });
});
