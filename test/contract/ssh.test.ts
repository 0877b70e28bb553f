import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createHaproxyReader } from "../../src/drivers/haproxy/reader.ts";
import { createHaproxyWriter } from "../../src/drivers/haproxy/writer.ts";
import { parseSshEndpoint, type SshEndpoint } from "../../src/drivers/ssh/endpoint.ts";
import { formatFingerprint } from "../../src/drivers/ssh/known-hosts/judge.ts";
import type { SshTransport } from "../../src/drivers/ssh/ssh-transport.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { waitFor } from "../lab/wait.ts";
import { type RealHaproxy, startRealHaproxy } from "./haproxy-reader-process.ts";
import { FAR, type SshPlace, startSshPlace, tryOpen } from "./support/ssh-place.ts";

const bounds = (timeoutMs = 5_000) => ({ signal: new AbortController().signal, timeoutMs });
const DRAIN = { kind: "server-state", state: "drain" } as const;
const READY = { kind: "server-state", state: "ready" } as const;

for (const engine of ["haproxy-2.6", "haproxy-3.0", "haproxy-3.2"] as const) {
  describeEngine(["openssh", engine], `${engine} through a real sshd`, () => testHaproxy(engine));
}
describeEngine(["openssh", "haproxy-2.6"], "a real sshd", () => {
  describe("host keys", testHostKeys);
  describe("logins", testLogins);
  describe("sockets that cannot be opened", testRefusals);
  describe("a session that dies", testCutOff);
});

function openReader(place: SshPlace, transport: SshTransport, endpoint: SshEndpoint, path: string) {
  const location = { kind: "ssh", ...endpoint, path } as const;
  return createHaproxyReader(
    { name: "lb1", location },
    { openStream: (signal) => transport.open(endpoint, { kind: "unix", path }, `lb1 ${place.dir}`, signal) },
  );
}

function testHaproxy(engine: "haproxy-2.6" | "haproxy-3.0" | "haproxy-3.2"): void {
  let place: SshPlace;
  let haproxy: RealHaproxy;
  let transport: SshTransport;
  beforeAll(async () => {
    [place, haproxy] = await Promise.all([startSshPlace(), startRealHaproxy(engine)]);
  });
  afterAll(async () => {
    await Promise.all([place?.stop(), haproxy?.stop()]);
  });
  beforeEach(() => {
    transport = place.open();
  });
  afterEach(() => transport.close());
  const path = () => (haproxy.location.kind === "unix" ? haproxy.location.path : "");

  const openWriter = (endpoint: SshEndpoint) =>
    createHaproxyWriter(
      { name: "lb1", location: { kind: "ssh", ...endpoint, path: path() } },
      { openStream: (signal) => transport.open(endpoint, { kind: "unix", path: path() }, "lb1", signal) },
    );

  test("a poll and a change through one host and through two see the same as the socket itself", async () => {
    const local = await createHaproxyReader({ name: "lb1", location: haproxy.location }).poll(bounds());
    for (const endpoint of [place.direct, FAR]) {
      const reader = openReader(place, transport, endpoint, path());
      const report = await reader.poll(bounds());
      expect(report.process?.pid).toBe(local.process?.pid);
      expect(report.level).toBe("admin");
      expect(report.servers.map(({ backend, server }) => `${backend}/${server}`)).toEqual(
        local.servers.map(({ backend, server }) => `${backend}/${server}`),
      );
      const change = { ...DRAIN, haproxy: "lb1", backend: "use", server: "healthy" };
      const result = await openWriter(endpoint).change(change, {
        ...bounds(),
        expectedPid: local.process?.pid ?? null,
      });
      expect(result).toMatchObject({ sent: true, refusal: null });
      const read = (await reader.poll(bounds())).servers.find(({ server }) => server === "healthy");
      expect(read?.state).toBe("drain");
      await openWriter(endpoint).change({ ...change, ...READY }, { ...bounds(), expectedPid: null });
      await reader.close();
    }
  });

  test("texts of hostile servers are read as they are: a look-alike of the prompt is no end", async () => {
    const hostile = await waitFor("the hostile text", async () => {
      const { servers } = await openReader(place, transport, place.direct, path()).poll(bounds());
      return servers.find(({ server, checkInfo }) => server === "evil" && checkInfo !== "" && checkInfo !== null);
    });
    expect(hostile.checkInfo).toContain("> ");
  });

  const polls = engine === "haproxy-2.6" ? 10_000 : 1_000;
  test(`${polls} polls leave no channel behind, and take one slot of the socket`, async () => {
    const reader = openReader(place, transport, place.direct, path());
    await reader.poll(bounds());
    const before = place.jump.sockets();
    for (let round = 0; round < polls; round += 1) await reader.poll(bounds());
    expect(place.jump.sockets()).toBe(before);
    expect(place.jump.sessions().length).toBeLessThanOrEqual(2);
    await reader.close();
    await waitFor("the channel to be closed", () => place.jump.sockets() === before - 1);
  }, 180_000);

  test("channels opened for one question each are closed, answered or given up", async () => {
    const writer = openWriter(place.direct);
    const change = { ...READY, haproxy: "lb1", backend: "use", server: "healthy" };
    await writer.change(change, { ...bounds(), expectedPid: null });
    const before = place.jump.sockets();
    for (let round = 0; round < 20; round += 1) await writer.change(change, { ...bounds(), expectedPid: null });
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        writer.change(change, { ...bounds(1 + index), expectedPid: null }).catch(() => undefined),
      ),
    );
    await waitFor("every channel to be closed", () => place.jump.sockets() <= before);
  });

  test("after a reload the new process is read", async () => {
    const reader = openReader(place, transport, place.direct, path());
    const before = (await reader.poll(bounds())).process?.pid;
    await haproxy.reload();
    const after = await waitFor("the new process", async () => {
      const { process } = await reader.poll(bounds());
      return process?.pid !== before ? process : undefined;
    });
    expect(after.pid).toBe(await haproxy.workerPid());
    await reader.close();
  });

  test("a session that is killed ends the poll with an error, and the next polls read again", async () => {
    const reader = openReader(place, transport, place.direct, path());
    await reader.poll(bounds());
    place.jump.killSessions();
    await waitFor("the session to be gone", () => place.jump.sessions().length === 0);
    const again = await waitFor("a new session", () => reader.poll(bounds()).catch(() => undefined));
    expect(again.process?.pid).toBeGreaterThan(0);
    await reader.close();
  });

  test("a frozen sshd ends a poll at its deadline, and is read again when it goes on", async () => {
    const reader = openReader(place, transport, FAR, path());
    await reader.poll(bounds());
    place.far.freeze();
    const startedAt = performance.now();
    await expect(reader.poll(bounds(300))).rejects.toMatchObject({ kind: "timeout" });
    expect(performance.now() - startedAt).toBeLessThan(600);
    // The session itself is given up too, so that nobody waits for it.
    await waitFor("the session to be given up", async () => {
      const error = await reader.poll(bounds(200)).catch((thrown: { kind: string }) => thrown);
      return "kind" in error && performance.now() - startedAt > 2_500;
    });
    place.far.thaw();
    await waitFor("an answer", () => reader.poll(bounds()).catch(() => undefined));
    await reader.close();
  });

  test("ten connections in use: the error says so, and the next poll reads when one is free", async () => {
    const sockets: Socket[] = Array.from({ length: 40 }, () => connect({ path: path() }).on("error", () => undefined));
    const reader = openReader(place, transport, place.direct, path());
    const error = await waitFor("a refusal", () =>
      reader.poll(bounds(1_000)).then(
        () => undefined,
        (thrown: { kind: string; serverCode: string; message: string }) => thrown,
      ),
    );
    expect(error).toSatisfy(({ kind, serverCode }) => kind === "timeout" || serverCode === "EAGAIN");
    for (const socket of sockets) socket.destroy();
    await waitFor("an answer", () => reader.poll(bounds()).catch(() => undefined));
    await reader.close();
  });
}

function withPlace(): () => SshPlace {
  let place: SshPlace;
  beforeAll(async () => {
    place = await startSshPlace();
  });
  afterAll(() => place?.stop());
  return () => place;
}

const PORT = { kind: "tcp", host: "127.0.0.1" } as const;

function testHostKeys(): void {
  const at = withPlace();
  const tcp = () => ({ ...PORT, port: at().jump.port });
  afterEach(() => at().writeKnownHosts());

  test("an unknown host is refused with its fingerprint and the line to add", async () => {
    at().writeKnownHosts("");
    const { jump, settings } = at();
    const error = await tryOpen(at().open(), at().direct, tcp());
    const [type = "", encoded = ""] = jump.hostKeys[0]?.publicLine.split(" ") ?? [];
    const fingerprint = formatFingerprint(Buffer.from(encoded, "base64"));
    expect(error).toMatchObject({ kind: "unreachable", code: "HOST_KEY_UNKNOWN" });
    expect(error.message).toContain(`${type} ${fingerprint}`);
    expect(error.advice).toContain(`add this line to ${settings.knownHostsFile}: ${jump.knownHostsLines.trim()}`);
  });

  test("StrictHostKeyChecking no does not weaken that", async () => {
    at().writeKnownHosts("");
    at().writeConfig([" StrictHostKeyChecking no", " UserKnownHostsFile /dev/null", ` IdentityFile ${at().key.file}`]);
    expect(await tryOpen(at().open(), at().direct, tcp())).toMatchObject({ code: "HOST_KEY_UNKNOWN" });
    at().writeConfig([` IdentityFile ${at().key.file}`, " IdentityAgent none"]);
  });

  test("the second hop is judged under its own name", async () => {
    at().writeKnownHosts(at().jump.knownHostsLines);
    const error = await tryOpen(at().open(), FAR, tcp());
    expect(error).toMatchObject({ code: "HOST_KEY_UNKNOWN" });
    expect(error.message).toContain(`[127.0.0.1]:${at().far.port}`);
  });

  test("a host known by one type of key only shows that key", async () => {
    for (const { publicLine } of at().far.hostKeys) {
      at().writeKnownHosts(`${at().jump.knownHostsLines}${at().far.knownName} ${publicLine}\n`);
      expect(await tryOpen(at().open(), FAR, { ...PORT, port: at().far.port })).toMatchObject({ kind: "open" });
    }
  });

  test("a changed key is refused with the line it differs from; a revoked one too", async () => {
    const { jump, settings } = at();
    const other = at().far.hostKeys[1]?.publicLine;
    at().writeKnownHosts(`# comment\n${jump.knownName} ${other}\n`);
    const changed = await tryOpen(at().open(), at().direct, tcp());
    expect(changed).toMatchObject({ kind: "unreachable", code: "HOST_KEY_CHANGED" });
    expect(changed.message).toContain(`${settings.knownHostsFile}:2`);
    at().writeKnownHosts(`${jump.knownHostsLines}@revoked * ${jump.hostKeys[0]?.publicLine}\n`);
    expect(await tryOpen(at().open(), at().direct, tcp())).toMatchObject({ code: "HOST_KEY_REVOKED" });
  });

  test("a host that was set up anew is refused after it was known", async () => {
    const transport = at().open();
    expect(await tryOpen(transport, at().direct, tcp())).toMatchObject({ kind: "open" });
    const lines = at().jump.knownHostsLines + at().far.knownHostsLines;
    await at().jump.kill();
    at().jump.changeHostKeys();
    await at().jump.start();
    at().writeKnownHosts(lines);
    await waitFor(
      "the refusal",
      async () => (await tryOpen(transport, at().direct, tcp())).code === "HOST_KEY_CHANGED",
    );
  });
}

function testLogins(): void {
  const at = withPlace();
  const tcp = () => ({ ...PORT, port: at().jump.port });

  test("a key with a passphrase opens with it, and without it the error names the file", async () => {
    at().writeConfig([` IdentityFile ${at().lockedKey.file}`, " IdentityAgent none"]);
    const error = await tryOpen(at().open(), at().direct, tcp());
    expect(error).toMatchObject({ kind: "unreachable", code: "KEY_LOCKED" });
    expect(error.message).toContain(at().lockedKey.file);
    const passphrase = { secret: at().lockedKey.passphrase ?? "" };
    const transport = at().open([{ keyFile: at().lockedKey.file, passphrase }]);
    expect(await tryOpen(transport, FAR, tcp())).toMatchObject({ kind: "open" });
  });

  test("an agent logs in, one that is gone is named", async () => {
    const socket = join(at().dir, "agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    try {
      await waitFor("the agent", () => runAdd(socket, at().key.file));
      at().writeConfig([` IdentityFile ${at().dir}/none`, ` IdentityAgent ${socket}`, " IdentitiesOnly no"]);
      expect(await tryOpen(at().open(), at().direct, tcp())).toMatchObject({ kind: "unreachable" });
      writeFileSync(join(at().dir, "config"), `Host *\n IdentityAgent ${socket}\n`);
      expect(await tryOpen(at().open(), at().direct, tcp())).toMatchObject({ kind: "open" });
    } finally {
      agent.kill();
      await once(agent, "exit");
    }
    const error = await tryOpen(at().open(), at().direct, tcp());
    expect(error).toMatchObject({ kind: "unreachable" });
    expect(error.message).toContain(socket);
  });

  test("nobody listens: the host that does not answer is named, hop by hop", async () => {
    at().writeConfig([` IdentityFile ${at().key.file}`, " IdentityAgent none"]);
    await at().far.kill();
    const error = await tryOpen(at().open(), FAR, tcp());
    expect(error).toMatchObject({ kind: "unreachable", code: "SSH_ECONNREFUSED" });
    expect(error.message).toContain(`:${at().far.port}`);
    expect(error.message).toContain(`:${at().jump.port}`);
    await at().far.start();
  });
}

async function runAdd(socket: string, file: string): Promise<boolean> {
  const child = spawn("ssh-add", [file], { stdio: "ignore", env: { ...process.env, SSH_AUTH_SOCK: socket } });
  const [code] = await once(child, "exit");
  return code === 0;
}

function testRefusals(): void {
  const at = withPlace();

  test("a missing socket, a file, a socket nobody listens at and a forbidden forward are told apart", async () => {
    const transport = at().open();
    const open = (path: string) => tryOpen(transport, at().direct, { kind: "unix", path });
    expect(await open(join(at().dir, "it's not there"))).toMatchObject({ code: "ENOENT" });
    expect(await open(at().key.file)).toMatchObject({ code: "ENOTSOCK" });
    const path = join(at().dir, "live.sock");
    const server = createServer().listen(path);
    await once(server, "listening");
    expect(await open(path)).toMatchObject({ kind: "open" });
    const dead = join(at().dir, "dead.sock");
    spawnSync(process.execPath, [
      "-e",
      `require("net").createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, 9))`,
    ]);
    expect(await open(dead)).toMatchObject({ code: "ECONNREFUSED" });
    await at().jump.kill();
    await at().jump.start(["AllowStreamLocalForwarding no"]);
    const forbidden = await waitFor("the new sshd", async () => {
      const tried = await open(path);
      return String(tried.code).startsWith("SSH_") ? undefined : tried;
    });
    expect(forbidden).toMatchObject({ kind: "unreachable", code: "FORWARDING_FORBIDDEN" });
    expect(forbidden.advice).toContain("AllowStreamLocalForwarding");
    await at().jump.kill();
    await at().jump.start(["AllowTcpForwarding no"]);
    const tcp = await waitFor("the new sshd", async () => {
      const tried = await tryOpen(transport, at().direct, { ...PORT, port: at().jump.port });
      return String(tried.code).startsWith("SSH_") ? undefined : tried;
    });
    expect(tcp).toMatchObject({ kind: "unreachable", code: "FORWARDING_FORBIDDEN" });
    server.close();
    chmodSync(at().key.file, 0o600);
  });

  test("an endpoint is read with and without user, port and brackets", () => {
    expect(parseSshEndpoint("ops@[::1]:2222")).toEqual({ user: "ops", host: "::1", port: 2222 });
  });
}

function testCutOff(): void {
  const at = withPlace();
  const HALF = "# pxname,svname,status\nuse,healthy,UP\n";

  /** A HAProxy that never gets beyond the middle of its answers; resolves when it has sent half of one. */
  async function startHalf() {
    const path = join(at().dir, "half.sock");
    let sent: () => void = () => undefined;
    const half = new Promise<void>((resolve) => {
      sent = resolve;
    });
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        const line = chunk.toString();
        if (line === "prompt\n" || line.startsWith("set timeout")) socket.write("\n> ");
        else socket.write(`Name: HAProxy\nPid: 7\n\n${HALF}`, sent);
      });
    }).listen(path);
    await once(server, "listening");
    return { path, half, server };
  }

  test("SIGKILL in mid-answer: half an answer is never taken for a whole one, neither of a poll nor of a change", async () => {
    const { path, half, server } = await startHalf();
    const transport = at().open();
    const poll = openReader(at(), transport, at().direct, path).poll(bounds(10_000));
    const writer = createHaproxyWriter(
      { name: "lb1", location: { kind: "ssh", ...at().direct, path } },
      { openStream: (signal) => transport.open(at().direct, { kind: "unix", path }, "lb1", signal) },
    );
    const change = writer.change(
      { ...DRAIN, haproxy: "lb1", backend: "use", server: "healthy" },
      { ...bounds(10_000), expectedPid: null },
    );
    const ends = Promise.allSettled([poll, change]);
    await half;
    await waitFor("both to be under way", () => at().jump.sockets() >= 3);
    const startedAt = performance.now();
    at().jump.killSessions();
    const [polled, changed] = await ends;
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(polled).toMatchObject({ status: "rejected", reason: { kind: "protocol" } });
    expect(changed).toMatchObject({ status: "rejected" });
    server.close();
  });
}
