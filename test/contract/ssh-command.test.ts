import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createHostReader } from "../../src/drivers/host/reader.ts";
import { openDrivers } from "../../src/engine/drivers.ts";
import { observeOnce } from "../../src/engine/in-process.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { buildHaproxySettings, buildNodeSettings, buildSettings } from "../unit/monitor/support/settings.ts";
import { FAR, type SshPlace, startSshPlace } from "./support/ssh-place.ts";

const bounds = (timeoutMs = 10_000, signal = new AbortController().signal) => ({ signal, timeoutMs });

/** An address of this machine that is not loopback; null where it has none. */
function findOwnAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? null;
}

describeEngine(["openssh"], "programs on another host, over two hops", () => {
  let place: SshPlace;

  beforeAll(async () => {
    place = await startSshPlace();
  });
  afterAll(() => place?.stop());

  async function run(argv: readonly string[], given = bounds()) {
    const transport = place.open();
    if (transport.run === undefined) throw new Error("this transport runs no programs");
    return transport.run(FAR, argv, "far", given);
  }

  it("get their arguments as they are: nothing in them is a command there", async () => {
    const text = "$(id) `id` ; id | id > /tmp/x \"' \\ \n ünï";
    expect(await run(["printf", "%s", text])).toEqual({ exitCode: 0, stdout: text, stderr: "" });
  });

  it("are told with their exit code", async () => {
    expect(await run(["ls", "-d", "/there/is/none"])).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await run(["signalbox-no-such-program"])).toMatchObject({ exitCode: 127 });
  });

  it("end at the deadline and on abort", async () => {
    await expect(run(["sleep", "30"], bounds(1_500))).rejects.toMatchObject({ kind: "timeout" });
    const abort = new AbortController();
    const running = run(["sleep", "30"], bounds(10_000, abort.signal));
    setTimeout(() => abort.abort(), 500);
    await expect(running).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("that are killed have no exit code, and what they said is no whole answer", async () => {
    const end = await run(["sh", "-c", "echo half; kill -9 $$"]).catch((error: unknown) => error);
    // Some login shells wait for the program and have a number for its end, which is none of success.
    if (typeof end === "object" && end !== null && "exitCode" in end) return expect(end.exitCode).toBe(128 + 9);
    expect(end).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("it ended without an exit code"),
    });
  });

  it("leave no channel behind: a host is asked more often than it has sessions", async () => {
    const transport = place.open();
    const reader = createHostReader({
      name: "far",
      address: "203.0.113.250",
      run: (argv, given) => transport.run?.(FAR, argv, "far", given) ?? Promise.reject(new Error("no run")),
    });
    // MaxSessions of sshd is 10.
    for (let look = 0; look < 25; look += 1) expect(await reader.poll(bounds())).toMatchObject({ held: [] });
  });

  it("tell that an address of this machine is held once, asked here and through SSH", async () => {
    const address = findOwnAddress();
    if (address === null) throw new Error("this machine has no address but loopback");
    const ssh = place.jump.target;
    const settings = {
      ...buildSettings({
        haproxies: [buildHaproxySettings("lb1")],
        nodes: [{ ...buildNodeSettings("db1", "127.0.0.1"), port: place.far.port, ssh }],
        floatingIp: address,
      }),
      ssh: place.settings,
    };
    const drivers = openDrivers(settings);
    try {
      const { floatingIp } = (await observeOnce(settings, { timeoutMs: 10_000 }, drivers.parts)).clusters[0] ?? {};
      expect(floatingIp?.hosts.map(({ way, held }) => [way.kind, held?.length])).toEqual([
        ["local", 1],
        ["ssh", 1],
      ]);
      expect(floatingIp).toMatchObject({ state: "held", holders: ["this machine"] });
    } finally {
      await drivers.close();
    }
  });
});
