import { expect, it, vi } from "vitest";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { createHostMoveReader } from "../../../../src/drivers/host/move-reader.ts";
import type { CommandResult, RunCommand } from "../../../../src/drivers/host/run-command.ts";

const BOUNDS = { signal: new AbortController().signal, timeoutMs: 1_000 };
const STANDBY = "/usr/share/heartbeat/hb_standby";
const LINKS = JSON.stringify([
  { ifindex: 2, ifname: "eth0", address: "aa", flags: ["UP"], addr_info: [{ local: "10.10.10.1", label: "eth0" }] },
]);
const CONF = `track_file t {
 file /var/lib/t
}
vrrp_instance VI_1 {
 priority 110
 virtual_ipaddress {
  10.10.10.1
 }
 track_file {
  t
 }
}
`;

/** Answers by the whole command line; what is not told is exit code 127. */
function host(answers: Readonly<Record<string, string | number>>) {
  const asked: string[] = [];
  const run: RunCommand = async (argv): Promise<CommandResult> => {
    const line = argv.join(" ");
    asked.push(line);
    const key = Object.keys(answers).find((each) => line.startsWith(each));
    const answer = key === undefined ? 127 : (answers[key] ?? 127);
    return typeof answer === "number"
      ? { exitCode: answer, stdout: "", stderr: "" }
      : { exitCode: 0, stdout: answer, stderr: "" };
  };
  return { asked, run, reader: createHostMoveReader({ name: "lb1", address: "10.10.10.1", run }) };
}

const HEARTBEAT = {
  "ip -j": LINKS,
  ps: "heartbeat\n",
  "ls -1": `${STANDBY}\n/etc/ha.d/haresources\n`,
  "cat /etc/ha.d/haresources": "lb1 10.10.10.1\n",
  "uname -n": "lb1\n",
};
const KEEPALIVED = {
  "ip -j": LINKS,
  ps: "keepalived\n",
  "ls -1": "/etc/keepalived/keepalived.conf\n",
  grep: "vrrp_instance VI_1 {\n",
  "uname -n": "lb1\n",
  sed: CONF,
  "cat -- /var/lib/t": "-7\n",
  test: "",
};

it.each([
  ["root", { "id -u": "0\n" }],
  ["sudo", { "id -u": "1000\n", [`sudo -n -l -- ${STANDBY}`]: `${STANDBY}\n` }],
  ["none", { "id -u": "1000\n", [`sudo -n -l -- ${STANDBY} local`]: "x\n", [`sudo -n -l -- ${STANDBY} foreign`]: 1 }],
  ["none", { "id -u": "1000\n" }],
  [null, {}],
])("tells by which right hb_standby can be run: %s", async (right, answers) => {
  const { reader } = host({ ...HEARTBEAT, ...answers });
  const report = await reader.read("all", BOUNDS);
  expect(report.move).toEqual({ nodeName: "lb1", heartbeat: { right }, keepalived: null });
  expect(report.held).toHaveLength(1);
});

it("reads the number in each track_file, and whether it can be written", async () => {
  const { reader, asked } = host(KEEPALIVED);
  const { move } = await reader.read("all", BOUNDS);
  expect(move?.keepalived?.instance?.trackFiles).toEqual([
    { name: "t", path: "/var/lib/t", weight: 1, value: -7, writable: true },
  ]);
  expect(asked.filter((line) => line.startsWith("sed"))[0]).toContain("auth_pass");
});

it("runs three programs at once at most: a session of sshd has room for ten, and is not its own", async () => {
  let now = 0;
  let most = 0;
  const whole = host(KEEPALIVED);
  const run: RunCommand = async (argv, bounds) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return whole.run(argv, bounds);
  };
  const { move } = await createHostMoveReader({ name: "lb1", address: "10.10.10.1", run }).read("all", BOUNDS);
  expect([most, move?.keepalived?.problem]).toEqual([3, null]);
});

it("leaves out a password before the configuration leaves the host", async () => {
  const { reader, asked } = host(KEEPALIVED);
  await reader.read("all", BOUNDS);
  expect(asked.some((line) => line.startsWith("cat") && line.includes("keepalived.conf"))).toBe(false);
});

it.each([
  ["", 0],
  ["text\n", null],
  [1, null],
])("takes the number in a file as keepalived does, and nothing else for one: %j", async (text, value) => {
  const { reader } = host({ ...KEEPALIVED, "cat -- /var/lib/t": text });
  const { move } = await reader.read("all", BOUNDS);
  expect(move?.keepalived?.instance?.trackFiles[0]?.value).toBe(value);
});

it("asks on the way only for the address and the numbers", async () => {
  const { reader, asked } = host(KEEPALIVED);
  await reader.read("all", BOUNDS);
  asked.length = 0;
  expect((await reader.read("address", BOUNDS)).move?.keepalived?.instance?.name).toBe("VI_1");
  expect(asked.sort()).toEqual(["cat -- /var/lib/t", "ip -j addr show", "test -f /var/lib/t -a -w /var/lib/t"]);
});

it("knows nothing of the programs before it has asked for them, or after they could not be asked", async () => {
  const whole = host(KEEPALIVED);
  let fails = false;
  const run: RunCommand = async (argv, bounds) => {
    if (!fails || argv[0] !== "uname") return whole.run(argv, bounds);
    throw new DriverError({ kind: "timeout", target: "lb1", operation: "uname", message: "late" });
  };
  const reader = createHostMoveReader({ name: "lb1", address: "10.10.10.1", run });
  expect((await reader.read("address", BOUNDS)).move).toBeUndefined();
  await reader.read("all", BOUNDS);
  fails = true;
  await expect(reader.read("all", BOUNDS)).rejects.toThrow("late");
  expect((await reader.read("address", BOUNDS)).move).toBeUndefined();
});

/** Settles as `ask` does, with how long it took by the faked clock. */
async function timed(ask: () => Promise<unknown>): Promise<{ readonly ended: "answer" | string; readonly ms: number }> {
  const startedMs = performance.now();
  const ended = await ask().then(
    () => "answer",
    (error: unknown) => (error instanceof DriverError ? error.kind : String(error)),
  );
  return { ended, ms: performance.now() - startedMs };
}

it("ends at its bound on a host that is slow in everything: what is asked later has only what is left of it", async () => {
  vi.useFakeTimers();
  try {
    const whole = host(KEEPALIVED);
    const run: RunCommand = (argv, bounds) =>
      new Promise((resolve, reject) => {
        const late = () => reject(new DriverError({ kind: "timeout", target: "lb1", operation: "", message: "late" }));
        if (bounds.timeoutMs < 400) setTimeout(late, bounds.timeoutMs);
        else setTimeout(() => resolve(whole.run(argv, bounds)), 400);
      });
    const reader = createHostMoveReader({ name: "lb1", address: "10.10.10.1", run });
    const looking = timed(() => reader.read("all", BOUNDS));
    await vi.advanceTimersByTimeAsync(10_000);
    const { ended, ms } = await looking;
    expect(ended).toBe("timeout");
    expect(ms).toBeLessThanOrEqual(BOUNDS.timeoutMs);
  } finally {
    vi.useRealTimers();
  }
});

it("asks again within its bound right after a look that hung: what was left of that one is in nobody's way", async () => {
  vi.useFakeTimers();
  try {
    const run: RunCommand = (_argv, { timeoutMs }) =>
      new Promise((_resolve, reject) => {
        const late = () => reject(new DriverError({ kind: "timeout", target: "lb1", operation: "", message: "late" }));
        setTimeout(late, timeoutMs);
      });
    const reader = createHostMoveReader({ name: "lb1", address: "10.10.10.1", run });
    const looking = timed(() => reader.read("all", BOUNDS)).then(() => timed(() => reader.read("all", BOUNDS)));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await looking).toEqual({ ended: "timeout", ms: BOUNDS.timeoutMs });
  } finally {
    vi.useRealTimers();
  }
});
