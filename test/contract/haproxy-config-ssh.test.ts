/** haproxy.cfg of a HAProxy on another machine: real HAProxy, real sshd, one host and two, both ways of SSH. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findHaproxyConfig, readHaproxyConfig } from "../../src/drivers/haproxy-config/read.ts";
import type { RunCommand } from "../../src/drivers/host/run-command.ts";
import type { SshEndpoint } from "../../src/drivers/ssh/endpoint.ts";
import type { SshTransport } from "../../src/drivers/ssh/ssh-transport.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type RealHaproxy, startRealHaproxy } from "./haproxy-reader-process.ts";
import { FAR, type SshPlace, startSshPlace } from "./support/ssh-place.ts";

describeEngine(["openssh", "haproxy-2.6"], "haproxy.cfg on another machine", () => {
  let place: SshPlace;
  let haproxy: RealHaproxy;
  let transport: SshTransport;
  let text: string;
  beforeAll(async () => {
    [place, haproxy] = await Promise.all([startSshPlace(), startRealHaproxy("haproxy-2.6")]);
    transport = place.open();
    text = readFileSync(file(), "utf8");
  });
  afterAll(async () => {
    await Promise.all([place?.stop(), haproxy?.stop()]);
  });
  afterEach(() => {
    rmSync(file(), { recursive: true, force: true });
    writeFileSync(file(), text);
  });

  const socket = () => (haproxy.location.kind === "unix" ? haproxy.location.path : "");
  const file = () => join(dirname(socket()), "haproxy.cfg");
  const far = (endpoint: SshEndpoint = FAR, timeoutMs = 30_000) => {
    const run: RunCommand = (argv, bounds) =>
      transport.run?.(endpoint, argv, "lb1", bounds) ?? Promise.reject(new Error("no run"));
    return { run, bounds: { signal: new AbortController().signal, timeoutMs } };
  };
  const find = async (pid: number | null, path = socket(), host = far()) =>
    findHaproxyConfig({ kind: "ssh", ...FAR, path }, pid, host);

  test.each(["builtin", "openssh"])("is what it is read here, by the command line of its process (%s)", async (way) => {
    const before = transport;
    if (way === "openssh") transport = place.openSystem();
    const here = await readHaproxyConfig([file()]);
    expect(here.found?.config.proxies.length).toBeGreaterThan(3);
    for (const endpoint of [place.direct, FAR])
      expect(await find(await haproxy.workerPid(), socket(), far(endpoint))).toEqual(here);
    transport = before;
  });

  test("is found under the other name of /run too", async () => {
    writeFileSync(
      file(),
      text.replace("stats socket ", "stats socket /var/run/lb.sock level admin\n    stats socket "),
    );
    expect((await find(await haproxy.workerPid(), "/run/lb.sock")).found?.files).toEqual([file()]);
  });

  test("in a folder is read file by file, in the order of their names", async () => {
    rmSync(file());
    mkdirSync(file());
    const cut = text.indexOf("listen use");
    writeFileSync(join(file(), "10.cfg"), text.slice(0, cut));
    writeFileSync(join(file(), "20.cfg"), text.slice(cut));
    // More than the ten programs that sshd runs in one session at a time, unless told otherwise.
    const more = Array.from({ length: 12 }, (_, at) => join(file(), `${30 + at}.cfg`));
    for (const each of more) writeFileSync(each, "# nothing\n");
    writeFileSync(join(file(), ".hidden.cfg"), "nonsense");
    writeFileSync(join(file(), "notes.txt"), "nonsense");
    const { found, why } = await find(await haproxy.workerPid());
    expect(why).toBeNull();
    expect(found?.files).toEqual([join(file(), "10.cfg"), join(file(), "20.cfg"), ...more]);
    expect(found?.config.proxies.map(({ name }) => name)).toContain("use");
  });

  test("that does not have the socket is not taken for its file", async () => {
    const { found, why } = await find(await haproxy.workerPid(), "/run/other.sock");
    expect(found).toBeNull();
    expect(why).toMatch(/haproxy\.cfg of process \d+ has no stats socket \/run\/other\.sock$/);
  });

  test("whose process is not there, or is another program, is looked for in its usual place only, and that is said", async () => {
    for (const [pid, words] of [
      [process.pid, `process ${process.pid} is no HAProxy, and /etc/haproxy/haproxy.cfg`],
      [4_194_303, "its process 4194303 cannot be seen, and /etc/haproxy/haproxy.cfg"],
      [null, "its process is not known, and /etc/haproxy/haproxy.cfg"],
    ] as const) {
      const { found, why } = await find(pid);
      expect(found).toBeNull();
      expect(why).toContain(words);
    }
  });

  test("that is gone, too large or no file is said; nothing waits at a pipe", async () => {
    const pid = await haproxy.workerPid();
    renameSync(file(), `${file()}.gone`);
    expect(await find(pid)).toEqual({ found: null, why: `${file()} does not exist` });
    renameSync(`${file()}.gone`, file());
    writeFileSync(file(), `${text}${"#".repeat(4_194_304)}`);
    expect(await find(pid)).toEqual({ found: null, why: `${file()} is too large` });
    rmSync(file());
    spawnSync("mkfifo", [file()]);
    expect(await find(pid)).toEqual({ found: null, why: `${file()} is not a file` });
  });

  test("on a host that is not reached is not guessed", async () => {
    place.writeKnownHosts("");
    // A session that is open stays open: another one is asked for.
    const before = transport;
    transport = place.open();
    const { found, why } = await find(1);
    transport = before;
    place.writeKnownHosts();
    expect(found).toBeNull();
    expect(why).toContain("is not known: it shows");
  });
});
