import { afterEach, describe, expect, it } from "vitest";
import type { HostReport } from "../../../../src/model/floating-ip.ts";
import type { CommandRequest, GuardVerdict } from "../../../../src/model/operation.ts";
import { fresh } from "../../../support/model-builders.ts";
import { buildRequest } from "../../../support/requests.ts";
import { createDesk, type Desk } from "../support/fake-world.ts";
import {
  buildInstance,
  buildTrackFile,
  HostsWorld,
  heartbeatOn,
  keepalivedOn,
  NO_TOOLS,
  onHeartbeat,
  onKeepalived,
} from "./hosts.ts";

let desk: Desk | null = null;

afterEach(() => {
  desk?.remove();
  desk = null;
});

async function ask(hosts: HostsWorld, patch: Partial<CommandRequest> = {}): Promise<readonly GuardVerdict[]> {
  desk = createDesk(hosts.world);
  const { guards } = await desk.operations.plan(buildRequest({ command: "move-ip", ...patch }));
  return guards;
}

/** `block address-tool`: what is not "pass", without the count of clients. */
async function verdicts(hosts: HostsWorld, patch: Partial<CommandRequest> = {}): Promise<string[]> {
  const guards = await ask(hosts, patch);
  return guards
    .filter(({ verdict, guard }) => verdict !== "pass" && guard !== "address-clients")
    .map(({ guard, verdict, forceable }) => `${verdict} ${guard}${forceable && verdict !== "warn" ? " (force)" : ""}`);
}

const said = async (hosts: HostsWorld, guard: string): Promise<string> => {
  const found = (await ask(hosts)).find((each) => each.guard === guard);
  return `${found?.message} ${found?.advice}`;
};

const twoTools: Partial<HostReport> = {
  ...heartbeatOn("lb1"),
  tools: {
    ...NO_TOOLS,
    heartbeat: { running: true, standbyPath: "/x", preferred: "lb1" },
    keepalived: { running: true, instances: [] },
  },
};

/** lb1 with so many clients on its frontend. */
function withClients(hosts: HostsWorld, sessions: number | null): HostsWorld {
  const report = hosts.scene.haproxyReport("lb1");
  const [proxy] = report.proxies.map((each) => ({ ...each, kind: "frontend", mode: "tcp", sessions }) as const);
  if (proxy === undefined) throw new Error("lb1 has no proxy");
  const proxies = [proxy, { ...proxy, name: "stats", mode: "http", sessions: 9 }];
  hosts.scene.haproxy("lb1", { reading: fresh({ ...report, proxies }) });
  return hosts;
}

describe("A move that can be made", () => {
  it.each([
    ["Heartbeat", onHeartbeat],
    ["keepalived", onKeepalived],
  ])("passes every guard: %s", async (_name, open) => {
    expect(await verdicts(open())).toEqual([]);
  });

  it("says how many clients lose their connection, those that look at statistics left out", async () => {
    expect(await said(withClients(onHeartbeat(), 1), "address-clients")).toMatch(/^1 client is connected to lb1/);
    expect(await said(withClients(onHeartbeat(), 12), "address-clients")).toMatch(/^12 clients are connected to lb1/);
    expect(await said(withClients(onHeartbeat(), 0), "address-clients")).toMatch(/^How many connections .* break/);
    expect(await said(withClients(onHeartbeat(), null), "address-clients")).toMatch(/lb1 is not told/);
  });
});

describe("Who holds it", () => {
  it("has to be known: a host that does not answer refuses, also with --force where it is one of the two", async () => {
    expect(await verdicts(onHeartbeat().set("lb2", null), { targets: ["lb2"] })).toContain("unknown address-hosts");
    expect(await verdicts(onHeartbeat().set("lb1", null), { targets: ["lb2"] })).toContain(
      "unknown address-hosts (force)",
    );
  });

  it("has to be one: not two, and not none", async () => {
    const both = onHeartbeat();
    both.hold("lb1", "lb2");
    both.tell();
    expect(await verdicts(both)).toContain("block address-holder");
    const none = onHeartbeat();
    none.hold();
    none.tell();
    expect(await verdicts(none)).toContain("block address-holder");
  });

  it("is one machine however many ways lead to it", async () => {
    const hosts = onHeartbeat();
    hosts.reports.set("10.0.0.12", { held: [], machine: "m2", tools: null });
    hosts.tell();
    expect(await verdicts(hosts)).toEqual([]);
  });
});

describe("The other host", () => {
  it("has to be known, with a HAProxy of the cluster", async () => {
    const hosts = onHeartbeat();
    hosts.reports.set("db9", { held: [], machine: "m9", tools: null, ...heartbeatOn("db9") });
    hosts.tell();
    expect(await verdicts(hosts, { targets: ["db9"] })).toContain("block address-target");
    await expect(ask(onHeartbeat(), { targets: ["lb3"] })).rejects.toThrow("There is no host");
    const alone = onHeartbeat();
    alone.reports.delete("lb2");
    alone.tell();
    expect(await verdicts(alone)).toEqual(["block address-target"]);
  });

  it("has to be named where there are several", async () => {
    const hosts = onHeartbeat();
    hosts.scene.configure({
      haproxies: [
        ...hosts.scene.settings.haproxies,
        { name: "lb3", location: { kind: "unix", path: "/run/lb3.sock" } },
      ],
    });
    hosts.scene.addHaproxy("lb3", hosts.scene.haproxyReport("lb1").servers);
    hosts.reports.set("lb3", { held: [], machine: "m3", tools: null, ...heartbeatOn("lb3") });
    hosts.tell();
    await expect(ask(hosts)).rejects.toThrow("Say to which host: lb2 or lb3.");
  });
});

describe("What moves it", () => {
  it.each([
    ["nothing is recognised", { tools: NO_TOOLS }, "block address-tool"],
    ["it cannot be told", { tools: null }, "unknown address-tool"],
    ["there are two", twoTools, "unknown address-tool"],
    ["it is another than on the other host", keepalivedOn("lb2", buildInstance(100)), "block address-tool"],
    ["it is Pacemaker", { tools: { ...NO_TOOLS, pacemaker: true } }, "block address-tool"],
  ] as const)("refuses where %s", async (_name, patch, verdict) => {
    expect(await verdicts(new HostsWorld(heartbeatOn("lb1"), { ...heartbeatOn("lb2"), ...patch }))).toEqual([verdict]);
  });

  it("says of Pacemaker that a move by hand leaves a constraint", async () => {
    const hosts = onHeartbeat().set("lb1", { tools: { ...NO_TOOLS, pacemaker: true } });
    expect(await said(hosts, "address-tool")).toMatch(/leaves a constraint .*crm_resource --clear/);
  });

  it("has to run on both hosts", async () => {
    const stopped = { ...NO_TOOLS, heartbeat: { running: false, standbyPath: "/x", preferred: "lb1" } };
    expect(await verdicts(onHeartbeat().set("lb2", { tools: stopped }))).toEqual(["block address-tool"]);
  });
});

describe("Heartbeat", () => {
  it.each([
    ["none", "block address-right"],
    [null, "unknown address-right"],
  ] as const)("has to be allowed on the holder: %s", async (right, verdict) => {
    expect(await verdicts(new HostsWorld(heartbeatOn("lb1", right), heartbeatOn("lb2")))).toEqual([verdict]);
  });

  it("warns where the account cannot bring it back", async () => {
    expect(await verdicts(new HostsWorld(heartbeatOn("lb1"), heartbeatOn("lb2", "none")))).toEqual([
      "warn address-way-back",
    ]);
  });

  it.each([null, "lb2"])("has to have the same line of haresources on both: %s", async (preferred) => {
    const tools = { ...NO_TOOLS, heartbeat: { running: true, standbyPath: "/x", preferred } };
    expect(await verdicts(onHeartbeat().set("lb2", { tools }))).toEqual(["block address-means"]);
  });
});

describe("keepalived", () => {
  const file = (patch: Parameters<typeof buildTrackFile>[0]) =>
    buildInstance(110, { trackFiles: [buildTrackFile(patch)] });

  it.each([
    ["has no track_file", buildInstance(110, { trackFiles: [] }), "block address-means"],
    ["has one of weight 0, which would put it into FAULT", file({ weight: 0 }), "block address-means"],
    ["has one whose single step is FAULT", file({ weight: 254 }), "block address-means"],
    ["has one that is not in its configuration", file({ path: null }), "block address-means"],
    ["has one that the account cannot write", file({ writable: false }), "block address-right"],
    ["has one of which that cannot be told", file({ writable: null }), "block address-right"],
    ["has one whose number is not known", file({ value: null }), "unknown address-means"],
    ["is in a sync group", buildInstance(110, { syncGroup: "G" }), "block address-means"],
    ["owns the address", buildInstance(255), "block address-means"],
  ])("refuses where the holder %s", async (_name, instance, verdict) => {
    expect(await verdicts(onKeepalived(instance))).toEqual([verdict]);
  });

  it("refuses where the other host does not preempt, and says what to do by hand", async () => {
    const hosts = onKeepalived(buildInstance(110), buildInstance(100, { preempts: false }));
    expect(await said(hosts, "address-means")).toMatch(/has nopreempt.*systemctl restart keepalived/);
  });

  it("refuses where its configuration cannot be read", async () => {
    const keepalived = { problem: "/etc/keepalived/keepalived.conf cannot be read", instance: null };
    const hosts = onKeepalived().set("lb2", { move: { nodeName: "lb2", heartbeat: null, keepalived } });
    expect(await verdicts(hosts)).toEqual(["unknown address-means"]);
  });

  it.each([
    [1, -109],
    [-1, 109],
    [20, -6],
    [-60, 2],
    [253, -1],
  ])("with a weight of %i writes %i", async (weight, value) => {
    const trackFiles = [buildTrackFile({ weight })];
    desk = createDesk(onKeepalived(buildInstance(110, { trackFiles })).world);
    const { steps } = await desk.operations.plan(buildRequest({ command: "move-ip" }));
    expect(steps[0]?.change).toMatchObject({ means: { by: "keepalived", value } });
  });
});

describe("The HAProxies of the two hosts", () => {
  it("refuse where the one that gets the address is silent, or on its way out", async () => {
    const silent = onHeartbeat();
    silent.world.silence("lb2");
    expect(await verdicts(silent)).toContain("unknown address-haproxy");
    const stopping = onHeartbeat();
    const report = stopping.scene.haproxyReport("lb2");
    const process = report.process === null ? null : { ...report.process, stopping: true };
    stopping.scene.haproxy("lb2", { reading: fresh({ ...report, process }) });
    expect(await verdicts(stopping)).toContain("block address-haproxy");
  });

  it("may be forced where the one that loses it is dead: that is why it moves", async () => {
    const hosts = onHeartbeat();
    hosts.world.silence("lb1");
    expect(await verdicts(hosts)).toEqual(["unknown address-agreement (force)"]);
  });

  it("refuse where the writes would go to another server", async () => {
    const hosts = onHeartbeat();
    hosts.scene.state("lb2", "write_nodes/db1", "maint");
    expect(await verdicts(hosts)).toEqual(["block address-agreement", "block address-agreement (force)"]);
  });

  it("refuse where it cannot be told which node gets the writes: one name on both is no proof", async () => {
    const hosts = onHeartbeat();
    for (const name of ["lb1", "lb2"]) {
      hosts.scene.server(name, "write_nodes/db1", { server: "main", host: null, port: null });
    }
    expect(await verdicts(hosts)).toEqual(["unknown address-agreement (force)"]);
  });

  it("refuse where nobody takes the writes there", async () => {
    const hosts = onHeartbeat();
    for (const name of ["db1", "db2"]) hosts.scene.state("lb2", `write_nodes/${name}`, "maint");
    expect(await verdicts(hosts)).toContain("block address-usable");
  });

  it("refuse where another state is set on a reader, unless forced", async () => {
    const hosts = onHeartbeat();
    hosts.scene.state("lb2", "read_nodes/db3", "drain");
    expect(await verdicts(hosts)).toEqual(["block address-agreement (force)"]);
  });

  it("refuse where what is set cannot be told", async () => {
    const hosts = onHeartbeat();
    hosts.scene.server("lb2", "read_nodes/db3", { adminReasons: null, state: "down" });
    expect(await verdicts(hosts)).toEqual(["unknown address-agreement (force)"]);
  });
});

describe("Another operation", () => {
  it("that was cut short has to be finished first", async () => {
    const hosts = onHeartbeat();
    desk = createDesk(hosts.world);
    hosts.world.fault("lb1", { kind: "lost-and-silent" });
    const end = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "move-ip" })));
    expect(end.state).toBe("unfinished");
    hosts.world.scene.floatingHosts = onHeartbeat().scene.floatingHosts ?? null;
    const { guards } = await desk.operations.plan(buildRequest({ command: "move-ip" }));
    expect(guards.filter(({ verdict }) => verdict === "block").map(({ guard, subject }) => [guard, subject])).toEqual([
      ["address-alone", end.id],
    ]);
  });
});

it("A cluster without a floating address has nothing to move", async () => {
  const hosts = onHeartbeat();
  hosts.scene.configure({ floatingIp: null });
  await expect(ask(hosts)).rejects.toThrow("No floating address is configured");
});
