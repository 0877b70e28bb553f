import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openOperations } from "../../src/engine/operations.ts";
import type { CommandRequest, OperationProgress, Plan } from "../../src/model/operation.ts";
import type { Settings } from "../../src/model/settings.ts";
import { startHeartbeatPair, startKeepalivedPair, TRACK_FILE, writeKeepalived } from "../lab/address-pairs.ts";
import { engineState } from "../lab/engines.ts";
import { ADDRESS, type HostPair, type LabHost } from "../lab/host-pair.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { describeHosts } from "../lab/vrrp.ts";
import { buildRequest } from "../support/requests.ts";
import { settingsOf } from "./support/lab-settings.ts";
import { type SshHosts, startSshHosts } from "./support/ssh-hosts.ts";

type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

// Every look starts programs on both hosts, through SSH, a shell and three namespaces.
vi.setConfig({ testTimeout: 120_000 });

/** One for both: the two programs do not know of the servers. */
let sharedLab: Promise<Lab> | null = null;

/** R4 on real servers: two HAProxies on two hosts, each reached through a real sshd, and a program that passes the address between them. */
class Place {
  readonly #stateDir = mkdtempSync(join(tmpdir(), "sbx-ops-"));
  readonly lab: Lab;
  readonly pair: HostPair;
  readonly ssh: SshHosts;

  constructor(lab: Lab, pair: HostPair, ssh: SshHosts) {
    this.lab = lab;
    this.pair = pair;
    this.ssh = ssh;
  }

  static async start(startPair: () => Promise<HostPair>): Promise<Place> {
    sharedLab ??= startLab({ topology: "r4" });
    const [lab, pair] = await Promise.all([sharedLab, startPair()]);
    return new Place(lab, pair, await startSshHosts(pair));
  }

  get settings(): Settings {
    const { clusters, ...rest } = settingsOf(this.lab);
    const haproxies = this.lab.haproxies.map(({ name, socketPath }) => ({
      name,
      location: { kind: "ssh", user: null, host: name, port: null, path: socketPath } as const,
    }));
    const writer = { backend: "mysql_cluster", address: null, multiWriter: true };
    return {
      ...rest,
      ssh: this.ssh.settings,
      clusters: clusters.map((cluster) => ({ ...cluster, haproxies, writer, floatingIp: ADDRESS })),
    };
  }

  /** As every command of the shell: it has sessions of its own. */
  async plan(ask: Ask): Promise<Plan> {
    return this.#with((operations) => operations.plan(this.#request(ask)));
  }

  async run(ask: Ask): Promise<OperationProgress> {
    return this.#with(async (operations) => operations.run(await operations.plan(this.#request(ask))));
  }

  #request(ask: Ask): CommandRequest {
    return buildRequest({ cluster: this.settings.clusters[0]?.name ?? "", ...ask });
  }

  async #with<T>(use: (operations: NonNullable<ReturnType<typeof openOperations>>) => Promise<T>): Promise<T> {
    const operations = openOperations(this.settings, { env: { SIGNALBOX_STATE_DIR: this.#stateDir } });
    if (operations === null) throw new Error("operations are missing although not read-only");
    try {
      return await use(operations);
    } finally {
      await operations.close();
    }
  }

  /** Names of the hosts that hold the address. */
  get holders(): readonly string[] {
    return this.pair.hosts.filter((host) => host.holds).map(({ name }) => name);
  }

  async stop(): Promise<void> {
    await this.ssh.stop();
    await this.pair.stop();
    rmSync(this.#stateDir, { recursive: true, force: true });
  }
}

// Heartbeat waits ten seconds before it takes anything: it does so while the other tests run.
const heartbeat = engineState("heartbeat").available ? Place.start(startHeartbeatPair) : null;
heartbeat?.catch(() => undefined);

afterAll(async () => {
  await (await heartbeat?.catch(() => null))?.stop();
  await (await sharedLab)?.stop();
});

/** Guards that refuse. */
const refusals = ({ guards }: Plan): readonly string[] =>
  guards.filter(({ verdict }) => verdict === "block" || verdict === "unknown").map(({ guard }) => guard);

describeHosts("keepalived", "the floating address is moved between two hosts with keepalived", () => {
  let place: Place;
  let lb1: LabHost;
  let lb2: LabHost;

  beforeAll(async () => {
    place = await Place.start(startKeepalivedPair);
    [lb1, lb2] = place.pair.hosts;
  });
  afterAll(() => place?.stop());

  it("to the other one by the number in its track_file, and back by taking that number away", async () => {
    const end = await place.run({ command: "move-ip" });
    expect(end.plan.title).toBe(`Move ${ADDRESS} from lb1 to lb2`);
    expect([end.summary, end.state, place.holders]).toEqual([expect.any(String), "done", ["lb2"]]);
    expect(lb1.run("cat", TRACK_FILE).trim()).toBe("-109");
    const back = await place.run({ command: "move-ip" });
    expect([back.state, place.holders, lb1.run("cat", TRACK_FILE).trim()]).toEqual(["done", ["lb1"], "0"]);
  });

  it("is refused where the HAProxies do not agree, and nothing is written", async () => {
    await place.lab.haproxy("lb2").command("set server mysql_cluster/db2 state maint");
    try {
      expect(refusals(await place.plan({ command: "move-ip" }))).toContain("address-agreement");
      expect([place.holders, lb1.run("cat", TRACK_FILE).trim()]).toEqual([["lb1"], "0"]);
    } finally {
      await place.lab.haproxy("lb2").command("set server mysql_cluster/db2 state ready");
    }
  });

  it("is refused while both hold it: one keepalived stands still and the other has taken it", async () => {
    const signal = (name: string) => lb1.run("bash", "-c", `kill -${name} $(ps -C keepalived_vrrp -o pid=)`);
    signal("STOP");
    try {
      await waitFor("both to hold it", () => place.holders.length === 2);
      expect(refusals(await place.plan({ command: "move-ip", targets: ["lb2"] }))).toContain("address-holder");
    } finally {
      signal("CONT");
    }
    await waitFor("lb1 alone to hold it", () => place.holders.join() === "lb1");
  });

  it("is refused where the configuration gives no safe means: nopreempt on the other host, no track_file, no number", async () => {
    writeKeepalived(lb2, 100, "nopreempt");
    expect(refusals(await place.plan({ command: "move-ip" }))).toEqual(["address-means"]);
    writeKeepalived(lb2, 100);
    lb1.run("bash", "-c", "sed -i '/track_file {/,/}/d' /etc/keepalived/keepalived.conf");
    expect(refusals(await place.plan({ command: "move-ip" }))).toEqual(["address-means"]);
    writeKeepalived(lb1, 110);
    lb1.run("chmod", "000", "/etc/keepalived/keepalived.conf");
    place.ssh.logInAs(1000);
    try {
      expect(refusals(await place.plan({ command: "move-ip" }))).toEqual(["address-means"]);
      for (const host of [lb1, lb2]) host.run("chmod", "644", "/etc/keepalived/keepalived.conf", TRACK_FILE);
      expect(refusals(await place.plan({ command: "move-ip" }))).toEqual(["address-right"]);
    } finally {
      place.ssh.logInAs("root");
    }
  });

  it("needs no root where the account may write the file", async () => {
    for (const host of [lb1, lb2]) {
      host.run("chmod", "644", "/etc/keepalived/keepalived.conf");
      host.run("chown", "1000", TRACK_FILE);
    }
    place.ssh.logInAs(1000);
    try {
      expect((await place.run({ command: "move-ip" })).state).toBe("done");
      expect(place.holders).toEqual(["lb2"]);
    } finally {
      place.ssh.logInAs("root");
    }
  });
});

/** Nobody is asked for anything: who may do what is left to sudo. */
const PAM = ["auth", "account", "session"].map((what) => `${what} required pam_permit.so\n`).join("");

describeHosts("heartbeat", "the floating address is moved between two hosts with Heartbeat", () => {
  let place: Place;
  let lb1: LabHost;
  let lb2: LabHost;

  beforeAll(async () => {
    if (heartbeat === null) throw new Error("Heartbeat is missing");
    place = await heartbeat;
    [lb1, lb2] = place.pair.hosts;
  });

  it("to the other one by hb_standby, and back by undo", async () => {
    const end = await place.run({ command: "move-ip" });
    expect([end.summary, end.state, place.holders]).toEqual([expect.any(String), "done", ["lb2"]]);
    expect(end.plan.steps.map(({ command }) => command)).toEqual(["/usr/share/heartbeat/hb_standby local"]);
    const back = await place.run({ command: "undo" });
    expect([back.state, place.holders]).toEqual(["done", ["lb1"]]);
  });

  it("by an account with a rule of sudo, and is refused without one", async () => {
    place.ssh.logInAs(1000);
    try {
      expect(refusals(await place.plan({ command: "move-ip" }))).toEqual(["address-right"]);
      for (const host of [lb1, lb2]) {
        const program = "/usr/share/heartbeat/hb_standby";
        for (const name of ["sudo", "other"]) host.write(`/etc/pam.d/${name}`, PAM);
        host.write("/etc/sudoers", `ops ALL=(root) NOPASSWD: ${program} local, ${program} foreign\n`, "440");
      }
      const end = await place.run({ command: "move-ip" });
      expect(end.plan.steps[0]?.command).toBe("sudo -n -- /usr/share/heartbeat/hb_standby local");
      expect([end.summary, end.state, place.holders]).toEqual([expect.any(String), "done", ["lb2"]]);
    } finally {
      place.ssh.logInAs("root");
    }
  });

  it("is refused when haresources differs, and where Heartbeat does not run on the other host: lb1, after the last move", async () => {
    lb1.write("/etc/ha.d/haresources", `lb2 IPaddr2::${ADDRESS}/24/eth0\n`);
    expect(refusals(await place.plan({ command: "move-ip" }))).toEqual(["address-means"]);
    lb1.write("/etc/ha.d/haresources", `lb1 IPaddr2::${ADDRESS}/24/eth0\n`);
    lb1.run("bash", "-c", "kill -9 $(ps -C heartbeat -o pid=)");
    await waitFor("Heartbeat to be gone", () => !lb1.run("ps", "-e", "-o", "comm=").includes("heartbeat"));
    expect(refusals(await place.plan({ command: "move-ip" }))).toEqual(["address-tool"]);
    expect(place.holders).toEqual(["lb2"]);
  });
});
