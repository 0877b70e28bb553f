import { describe, expect, it } from "vitest";
import { createHostReader } from "../../../../src/drivers/host/reader.ts";
import type { CommandResult, RunCommand } from "../../../../src/drivers/host/run-command.ts";
import { parseInstances, parsePreferred, parseProcessNames } from "../../../../src/drivers/host/tools.ts";

const bounds = { signal: new AbortController().signal, timeoutMs: 1_000 };
const IP = JSON.stringify([
  { ifindex: 2, ifname: "eth0", flags: ["UP"], address: "02:00:00:00:00:01", addr_info: [{ local: "10.10.10.1" }] },
]);

/** Answers by the first words of a command; everything else is an empty answer with exit code 2. */
function scripted(answers: Readonly<Record<string, Partial<CommandResult>>>) {
  const asked: string[] = [];
  const run: RunCommand = async (argv) => {
    const line = argv.join(" ");
    asked.push(line);
    const found = Object.entries(answers).find(([start]) => line.startsWith(start));
    return { exitCode: found === undefined ? 2 : 0, stdout: "", stderr: "", ...found?.[1] };
  };
  return { run, asked, reader: createHostReader({ name: "lb1", address: "10.10.10.1", run }) };
}

describe("a host asked for the floating address", () => {
  it("tells the interface, and Heartbeat by process, hb_standby and haresources", async () => {
    const { reader } = scripted({
      "ip -j": { stdout: IP },
      "ps -e": { stdout: "systemd\nheartbeat: mas\nheartbeat: rea\n" },
      "ls -1": { stdout: "/usr/lib/heartbeat/hb_standby\n/etc/ha.d/haresources\n", exitCode: 2 },
      "cat /etc/ha.d/haresources": { stdout: "# comment\nserver1 10.10.10.1\n" },
    });
    expect(await reader.poll(bounds)).toMatchObject({
      held: [{ interface: "eth0", label: null }],
      tools: {
        heartbeat: { running: true, standbyPath: "/usr/lib/heartbeat/hb_standby", preferred: "server1" },
        keepalived: null,
        pacemaker: false,
      },
    });
  });

  it("tells keepalived and its instances without reading its passwords", async () => {
    const { reader, asked } = scripted({
      "ip -j": { stdout: IP },
      "ps -e": { stdout: "keepalived\nkeepalived\n" },
      "ls -1": { stdout: "/etc/keepalived/keepalived.conf\n" },
      "grep -E": { stdout: "vrrp_instance VI_1 {\n" },
    });
    const { tools } = await reader.poll(bounds);
    expect(tools?.keepalived).toEqual({ running: true, instances: ["VI_1"] });
    expect(asked.filter((line) => line.includes("keepalived.conf") && line.startsWith("cat"))).toEqual([]);
  });

  it("does not know the instances of a configuration that it may not read", async () => {
    const { reader } = scripted({
      "ip -j": { stdout: IP },
      "ls -1": { stdout: "/etc/keepalived/keepalived.conf\n" },
    });
    expect((await reader.poll(bounds)).tools?.keepalived).toEqual({ running: false, instances: null });
  });

  it("asks for the address every time and for the tools once a minute", async () => {
    const { reader, asked } = scripted({ "ip -j": { stdout: IP } });
    await reader.poll(bounds);
    await reader.poll(bounds);
    expect(asked.filter((line) => line.startsWith("ip "))).toHaveLength(2);
    expect(asked.filter((line) => line.startsWith("ps "))).toHaveLength(1);
  });

  it('fails when ip gives no list: that is not "no address"', async () => {
    const { reader } = scripted({
      "ip -j": { stdout: "", stderr: 'Option "-j" is unknown, try "ip -help".\n', exitCode: 255 },
    });
    await expect(reader.poll(bounds)).rejects.toMatchObject({
      kind: "unsupported",
      message: expect.stringContaining('exit code 255): Option "-j" is unknown'),
    });
  });
});

describe("what moves the address", () => {
  it("reads process names, also those Heartbeat gives itself", () => {
    expect([...parseProcessNames("init\nheartbeat: FIFO reader\nkeepalived\n")]).toEqual(
      expect.arrayContaining(["heartbeat", "keepalived"]),
    );
  });

  it.each([
    ["server1 10.10.10.1", "server1"],
    ["server1 IPaddr::10.10.10.1/24/eth0 httpd", "server1"],
    ["server1 drbddisk::r0 \\\n  IPaddr2::10.10.10.1/24", "server1"],
    ["server1 10.10.10.10", null],
    ["# server1 10.10.10.1", null],
  ])("haresources %j prefers %j", (text, node) => {
    expect(parsePreferred(text, "10.10.10.1")).toBe(node);
  });

  it("reads names of vrrp instances", () => {
    expect(parseInstances('vrrp_instance VI_1 {\n  vrrp_instance "b"{\n')).toEqual(["VI_1", "b"]);
  });
});
