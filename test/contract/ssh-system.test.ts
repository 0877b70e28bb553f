/** `transport: openssh`: the system's ssh as the way, on a real sshd, one host and two. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createHaproxyReader } from "../../src/drivers/haproxy/reader.ts";
import type { SshEndpoint } from "../../src/drivers/ssh/endpoint.ts";
import { formatFingerprint } from "../../src/drivers/ssh/known-hosts/judge.ts";
import { createLazyStream } from "../../src/drivers/ssh/lazy-stream.ts";
import type { SshTransport } from "../../src/drivers/ssh/ssh-transport.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { waitFor } from "../lab/wait.ts";
import { type RealHaproxy, startRealHaproxy } from "./haproxy-reader-process.ts";
import { FAR, type SshPlace, startSshPlace, tryOpen } from "./support/ssh-place.ts";

const TSX = join(import.meta.dirname, "../../node_modules/tsx/dist/loader.mjs");

const bounds = (timeoutMs = 20_000) => ({ signal: new AbortController().signal, timeoutMs });

describeEngine(["openssh", "haproxy-2.6"], "the system's ssh as the way", () => {
  let place: SshPlace;
  let haproxy: RealHaproxy;
  beforeAll(async () => {
    [place, haproxy] = await Promise.all([startSshPlace(), startRealHaproxy("haproxy-2.6")]);
  });
  afterAll(async () => {
    await Promise.all([place?.stop(), haproxy?.stop()]);
  });
  const closing: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of closing.splice(0).reverse()) await each.close();
  });
  const keep = <T extends { close(): Promise<void> }>(each: T): T => {
    closing.push(each);
    return each;
  };
  const path = () => (haproxy.location.kind === "unix" ? haproxy.location.path : "");
  const openWay = () => keep(place.openSystem());
  const openReader = (transport: SshTransport, endpoint: SshEndpoint, socket = path()) =>
    keep(
      createHaproxyReader(
        { name: "lb1", location: { kind: "ssh", ...endpoint, path: socket } },
        { openStream: (signal) => transport.open(endpoint, { kind: "unix", path: socket }, "lb1", signal) },
      ),
    );
  /** Every ssh that has to do with this place, also those that a jump starts. */
  const clients = () =>
    readdirSync("/proc").filter((pid) => {
      const [program = "", ...args] = readCommandLine(pid);
      return /(^|\/)ssh$/.test(program) && args.some((arg) => arg.includes(`${place.jump.port}`) || arg === "far");
    });

  test("polls through one host and through two, with one ssh for each socket and each host of the way", async () => {
    const transport = openWay();
    for (const [endpoint, processes] of [
      [place.direct, 1],
      [FAR, 3],
    ] as const) {
      const reader = openReader(transport, endpoint);
      for (let round = 0; round < 20; round += 1)
        expect((await reader.poll(bounds())).process?.pid).toBe(await haproxy.workerPid());
      expect(clients()).toHaveLength(processes);
    }
  });

  test("a channel for every one of 200 polls leaves none behind, and starts no other ssh", async () => {
    const transport = openWay();
    await openReader(transport, place.direct).poll(bounds());
    const [before, files] = [place.jump.sockets(), countFiles(clients())];
    for (let round = 0; round < 200; round += 1) {
      const reader = openReader(transport, place.direct);
      await reader.poll(bounds());
      await reader.close();
      closing.pop();
    }
    await waitFor("every channel to be closed", () => place.jump.sockets() <= before && countFiles(clients()) <= files);
    expect(clients()).toHaveLength(1);
  });

  test("no ssh is left when it is closed, nor when the program is killed", async () => {
    const transport = place.openSystem();
    await openReader(transport, FAR).poll(bounds());
    expect(clients()).toHaveLength(2);
    await closing.pop()?.close();
    await transport.close();
    await waitFor("every ssh to end", () => clients().length === 0);
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      const other = await startOther(place, path());
      expect(clients()).toHaveLength(2);
      other.kill(signal);
      await waitFor("every ssh to end", () => clients().length === 0);
    }
    await waitFor("every session to end", () => place.jump.sessions().length === 0);
  });

  test("a program that ends without closing leaves no folder behind", async () => {
    const temporary = join(place.dir, "temporary");
    mkdirSync(temporary);
    const source = `
      import { createSshTransport } from ${JSON.stringify(join(import.meta.dirname, "../../src/drivers/ssh/transport.ts"))};
      const { run } = createSshTransport(${JSON.stringify({ ...place.settings, transport: "openssh" })});
      const bounds = { signal: new AbortController().signal, timeoutMs: 20_000 };
      const { exitCode } = await run(${JSON.stringify(place.direct)}, ["true"], "it", bounds);
      process.exit(exitCode + 3);`;
    const file = join(place.dir, "ends.mts");
    writeFileSync(file, source);
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, ["--import", TSX, file], { stdio: ["ignore", "ignore", "inherit"], env });
    expect(await once(child, "exit")).toEqual([3, null]);
    expect(readdirSync(temporary).filter((name) => name.startsWith("signalbox-"))).toEqual([]);
    await waitFor("every ssh to end", () => clients().length === 0);
  });

  test("a session that is killed is opened again", async () => {
    const reader = openReader(openWay(), place.direct);
    await reader.poll(bounds());
    place.jump.killSessions();
    await waitFor("an error", () =>
      reader.poll(bounds(500)).then(
        () => undefined,
        () => true,
      ),
    );
    await waitFor("an answer", () => reader.poll(bounds()).catch(() => undefined));
  });

  test("a frozen sshd ends a poll at its deadline, and the session itself; then it is opened again", async () => {
    const reader = openReader(openWay(), place.direct);
    await reader.poll(bounds());
    const [before] = clients();
    place.jump.freeze();
    await expect(reader.poll(bounds(300))).rejects.toMatchObject({ kind: "timeout" });
    await waitFor("the session to be given up", async () => {
      await reader.poll(bounds(100)).catch(() => undefined);
      return !clients().includes(before ?? "");
    });
    place.jump.thaw();
    await waitFor("an answer", () => reader.poll(bounds()).catch(() => undefined));
  });

  test("runs a program there, with its exit code and every argument as it is", async () => {
    const { run } = openWay();
    if (run === undefined) throw new Error("it runs programs");
    expect(await run(FAR, ["printf", "%s", "it's $HOME"], "far", bounds())).toEqual({
      exitCode: 0,
      stdout: "it's $HOME",
      stderr: "",
    });
    expect(await run(FAR, ["false"], "far", bounds())).toMatchObject({ exitCode: 1, stderr: "" });
    const nowhere = { user: null, host: "127.0.0.1", port: 1 };
    await expect(run(nowhere, ["true"], "it", bounds())).rejects.toMatchObject({ serverCode: "SSH_ECONNREFUSED" });
    await expect(run(FAR, ["sleep", "30"], "far", bounds(1_500))).rejects.toMatchObject({ kind: "timeout" });
  });

  test("programs share one session: after the first ones nobody logs in again, and none is left when it is closed", async () => {
    const transport = place.openSystem();
    const { run } = transport;
    if (run === undefined) throw new Error("it runs programs");
    const logins = () => place.jump.log().split("Accepted publickey").length;
    const ask = () => run(place.direct, ["true"], "it", bounds());
    await waitFor("a session to join", async () => {
      const before = logins();
      return (await ask()).exitCode === 0 && logins() === before;
    });
    const before = logins();
    for (let round = 0; round < 8; round += 1) expect(await ask()).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await run(place.direct, ["cat", "/nowhere"], "it", bounds())).toMatchObject({
      exitCode: 1,
      stderr: "cat: /nowhere: No such file or directory\n",
    });
    expect(logins()).toBe(before);
    place.jump.killSessions();
    expect((await ask()).exitCode).toBe(0);
    await transport.close();
    await waitFor("every ssh to end", () => clients().length === 0);
  });

  test("a user's ControlPersist keeps no session, and a user's forwardings are not ours to open", async () => {
    const taken = await freePort();
    const lines = [` IdentityFile ${place.key.file}`, " IdentityAgent none"];
    place.writeConfig([...lines, " ControlPersist yes", ` LocalForward 127.0.0.1:${taken} 127.0.0.1:1`]);
    try {
      const transport = place.openSystem();
      const { run } = transport;
      if (run === undefined) throw new Error("it runs programs");
      const logins = () => place.jump.log().split("Accepted publickey").length;
      await waitFor("a session to join", async () => {
        const before = logins();
        expect(await run(place.direct, ["true"], "it", bounds())).toEqual({ exitCode: 0, stdout: "", stderr: "" });
        return logins() === before;
      });
      expect(await listens(taken)).toBe(false);
      await transport.close();
      await waitFor("every session to end", () => place.jump.sessions().length === 0);
    } finally {
      place.writeConfig(lines);
    }
  });

  test("an unknown host, a changed and a revoked key are refused on every hop, with the fingerprint and the line", async () => {
    const unix = { kind: "unix", path: path() } as const;
    const fingerprint = (line = "") => formatFingerprint(Buffer.from(line.split(" ")[1] ?? "", "base64"));
    const shown = fingerprint(place.jump.hostKeys[0]?.publicLine);
    try {
      place.writeKnownHosts("");
      const unknown = await tryOpen(openWay(), FAR, unix);
      expect(unknown).toMatchObject({ kind: "unreachable", code: "HOST_KEY_UNKNOWN" });
      expect(unknown.message).toContain(`${place.jump.knownName} is not known: it shows ssh-ed25519 ${shown}`);
      place.writeKnownHosts(place.jump.knownHostsLines);
      const far = await tryOpen(openWay(), FAR, unix);
      expect(far).toMatchObject({ code: "HOST_KEY_UNKNOWN" });
      expect(far.message).toContain(`${place.far.knownName} is not known: it shows`);
      expect(place.far.hostKeys.some(({ publicLine }) => far.message.includes(fingerprint(publicLine)))).toBe(true);
      place.writeKnownHosts(`# comment\n${place.jump.knownName} ${place.far.hostKeys[1]?.publicLine}\n`);
      const changed = await tryOpen(openWay(), place.direct, unix);
      expect(changed).toMatchObject({ kind: "unreachable", code: "HOST_KEY_CHANGED" });
      expect(changed.message).toContain(shown);
      expect(changed.message).toContain(`${place.settings.knownHostsFile}:2 has another`);
      place.writeKnownHosts(`${place.jump.knownHostsLines}@revoked * ${place.jump.hostKeys[0]?.publicLine}\n`);
      expect(await tryOpen(openWay(), place.direct, unix)).toMatchObject({ code: "HOST_KEY_REVOKED" });
    } finally {
      place.writeKnownHosts();
    }
  });

  test("a refused login and a socket that is not there are told apart, also after many refusals", async () => {
    place.writeConfig([` IdentityFile ${place.lockedKey.file}`, " IdentityAgent none"]);
    const unix = { kind: "unix", path: path() } as const;
    expect(await tryOpen(openWay(), place.direct, unix)).toMatchObject({ code: "LOGIN_REFUSED" });
    place.writeConfig([` IdentityFile ${place.key.file}`, " IdentityAgent none"]);
    const reader = openReader(openWay(), place.direct, join(place.dir, "none.sock"));
    for (let round = 0; round < 45; round += 1)
      await expect(reader.poll(bounds())).rejects.toMatchObject({ serverCode: "OPEN_FAILED" });
  });

  test("an ssh that does not listen here yet proves nothing of the server behind it", async () => {
    const bin = join(place.dir, "bin");
    mkdirSync(bin);
    // It leaves a socket that nobody listens at, as ssh itself does for a moment between two system calls, and stays.
    const program = join(bin, "left.cjs");
    writeFileSync(
      program,
      `const at = process.argv.find((arg) => arg.includes(".sock:")).split(":")[0];
      const listen = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))";
      require("child_process").spawnSync(process.execPath, ["-e", listen, at + ".new"]);
      require("fs").renameSync(at + ".new", at);
      setTimeout(() => {}, 60_000);`,
    );
    writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
    const before = process.env.PATH;
    process.env.PATH = `${bin}:${before}`;
    try {
      const transport = openWay();
      const destination = { kind: "tcp", host: "127.0.0.1", port: 3306 } as const;
      const opening = transport.open(place.direct, destination, "db1", AbortSignal.timeout(1_500));
      await expect(opening).rejects.toMatchObject({ name: "TimeoutError" });
    } finally {
      process.env.PATH = before;
    }
  });

  test("a host that its jump host cannot reach proves nothing of the server behind it; a refusal on the last host does", async () => {
    const port = await freePort();
    const open = () => tryOpen(openWay(), FAR, { kind: "tcp", host: "127.0.0.1", port });
    const node = createLazyStream((signal) =>
      openWay().open(FAR, { kind: "tcp", host: "127.0.0.1", port }, "db1", signal),
    );
    node.resume();
    const [refused] = await once(node, "error").catch((error: unknown) => [error]);
    expect(refused).toMatchObject({ serverCode: "ECONNREFUSED" });
    await place.far.kill();
    try {
      expect(await open()).toMatchObject({ kind: "unreachable", code: "SSH_NO_WAY" });
    } finally {
      await place.far.start();
    }
  });

  test("a machine without ssh is told as such", async () => {
    const before = process.env.PATH;
    process.env.PATH = place.dir;
    try {
      const refused = await tryOpen(openWay(), place.direct, { kind: "unix", path: path() });
      expect(refused).toMatchObject({ kind: "unreachable", code: "NO_SSH" });
    } finally {
      process.env.PATH = before;
    }
  });
});

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

function readCommandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function countFiles(pids: readonly string[]): number {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

/** Another program that polls through two hosts and then waits; resolves when it has polled. */
async function startOther(place: SshPlace, socket: string): Promise<ChildProcess> {
  const source = `
    import { createSshTransport } from ${JSON.stringify(join(import.meta.dirname, "../../src/drivers/ssh/transport.ts"))};
    const transport = createSshTransport(${JSON.stringify({ ...place.settings, transport: "openssh" })});
    const endpoint = { user: null, host: "far", port: null };
    const stream = await transport.open(endpoint, { kind: "unix", path: ${JSON.stringify(socket)} }, "lb1", AbortSignal.timeout(10_000));
    stream.on("error", () => {}).on("data", () => {});
    process.stdout.write("open\\n");
    setInterval(() => {}, 1_000);`;
  const file = join(place.dir, "other.mts");
  writeFileSync(file, source);
  const child = spawn(process.execPath, ["--import", TSX, file], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await waitFor("the other program to be connected", () => said.includes("open"));
  return child;
}
