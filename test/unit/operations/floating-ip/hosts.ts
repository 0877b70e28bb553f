/** R1 behind two HAProxies on two hosts that pass 10.10.10.1 between them, as a world that takes changes. */
import type { FloatingHostInput, FloatingTools, HostReport } from "../../../../src/model/floating-ip.ts";
import type { KeepalivedInstance, MoveFacts, TrackFile } from "../../../../src/model/floating-move.ts";
import type { AddressChange } from "../../../../src/model/operation.ts";
import { failed, fresh, type Scene } from "../../../support/model-builders.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { buildR1Twice } from "../support/scenes.ts";

export const ADDRESS = "10.10.10.1";
export const FILE = "/etc/keepalived/signalbox";
export const STANDBY = "/usr/share/heartbeat/hb_standby";

export const NO_TOOLS: FloatingTools = { heartbeat: null, keepalived: null, pacemaker: false };

const HEARTBEAT: FloatingTools = {
  ...NO_TOOLS,
  heartbeat: { running: true, standbyPath: STANDBY, preferred: "lb1" },
};
const KEEPALIVED: FloatingTools = { ...NO_TOOLS, keepalived: { running: true, instances: ["VI_1"] } };

export function buildTrackFile(patch: Partial<TrackFile> = {}): TrackFile {
  return { name: "signalbox", path: FILE, weight: 1, value: 0, writable: true, ...patch };
}

export function buildInstance(priority: number, patch: Partial<KeepalivedInstance> = {}): KeepalivedInstance {
  return {
    name: "VI_1",
    priority,
    preempts: true,
    syncGroup: null,
    otherTracks: [],
    trackFiles: [buildTrackFile()],
    ...patch,
  };
}

export function heartbeatOn(nodeName: string, right: "root" | "sudo" | "none" | null = "root"): Partial<HostReport> {
  return { tools: HEARTBEAT, move: { nodeName, heartbeat: { right }, keepalived: null } };
}

export function keepalivedOn(nodeName: string, instance: KeepalivedInstance): Partial<HostReport> {
  const move: MoveFacts = { nodeName, heartbeat: null, keepalived: { problem: null, instance } };
  return { tools: KEEPALIVED, move };
}

/** Two hosts, lb1 with the address. */
export class HostsWorld {
  readonly scene: Scene;
  readonly world: FakeWorld;
  readonly reports = new Map<string, HostReport | null>();
  /** What the programs do: who holds the address follows from it. */
  settle: () => void = () => {};

  constructor(one: Partial<HostReport>, other: Partial<HostReport>) {
    this.scene = buildR1Twice().configure({ floatingIp: ADDRESS });
    this.world = new FakeWorld(this.scene);
    this.reports.set("lb1", { held: [{ interface: "eth0", label: "eth0:vip" }], machine: "m1", tools: null, ...one });
    this.reports.set("lb2", { held: [], machine: "m2", tools: null, ...other });
    this.tell();
    this.world.moveAddress = (change) => {
      this.take(change);
      this.settle();
      this.tell();
    };
    this.world.silenceHosts = () => {
      for (const name of this.reports.keys()) this.reports.set(name, null);
      this.tell();
    };
  }

  /** Null: it does not answer. */
  set(name: string, patch: Partial<HostReport> | null): this {
    const known = this.reports.get(name) ?? null;
    this.reports.set(name, patch === null || known === null ? null : { ...known, ...patch });
    this.tell();
    return this;
  }

  hold(...names: readonly string[]): void {
    for (const [name, report] of this.reports) {
      if (report === null) continue;
      const held = names.includes(name) ? [{ interface: "eth0", label: null }] : [];
      this.reports.set(name, { ...report, held });
    }
  }

  instance(name: string): KeepalivedInstance {
    const found = this.reports.get(name)?.move?.keepalived?.instance;
    if (found == null) throw new Error(`${name} has no keepalived`);
    return found;
  }

  /** As keepalived does: whoever has the higher priority takes it. */
  readonly byPriority = (): void => {
    const priority = (name: string) => {
      const { priority: base, trackFiles } = this.instance(name);
      return Math.max(
        1,
        trackFiles.reduce((sum, { weight, value }) => sum + weight * (value ?? 0), base),
      );
    };
    const [one, other] = [priority("lb1"), priority("lb2")];
    if (one > other) this.hold("lb1");
    else if (other > one) this.hold("lb2");
  };

  take({ host, to, means }: AddressChange): void {
    if (means.by === "heartbeat") {
      this.hold(to);
      return;
    }
    const report = this.reports.get(host);
    if (report?.move === undefined) return;
    const instance = this.instance(host);
    const trackFiles = instance.trackFiles.map((each) =>
      each.path === means.file ? { ...each, value: means.value } : each,
    );
    const keepalived = { problem: null, instance: { ...instance, trackFiles } };
    this.reports.set(host, { ...report, move: { ...report.move, keepalived } });
  }

  tell(): void {
    this.scene.floatingHosts = [...this.reports].map(([name, report]): FloatingHostInput => {
      const way = { kind: "ssh", target: name } as const;
      const reading = report === null ? failed<HostReport>(null) : fresh(report);
      return { name, way, members: [name], reading, sameInRow: 3 };
    });
  }
}

export const onHeartbeat = (): HostsWorld => new HostsWorld(heartbeatOn("lb1"), heartbeatOn("lb2"));

export function onKeepalived(one = buildInstance(110), other = buildInstance(100)): HostsWorld {
  const hosts = new HostsWorld(keepalivedOn("lb1", one), keepalivedOn("lb2", other));
  hosts.settle = hosts.byPriority;
  return hosts;
}
