import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandRequest, OperationProgress, Plan } from "../../../../src/model/operation.ts";
import { buildRequest } from "../../../support/requests.ts";
import { createDesk, type Desk } from "../support/fake-world.ts";
import {
  ADDRESS,
  buildInstance,
  buildTrackFile,
  FILE,
  type HostsWorld,
  onHeartbeat,
  onKeepalived,
  STANDBY,
} from "./hosts.ts";

let desk: Desk;

function open(hosts: HostsWorld): HostsWorld {
  desk = createDesk(hosts.world);
  return hosts;
}

beforeEach(() => {
  open(onHeartbeat());
});
afterEach(() => desk.remove());

const plan = (patch: Partial<CommandRequest> = {}): Promise<Plan> =>
  desk.operations.plan(buildRequest({ command: "move-ip", ...patch }));

async function move(patch: Partial<CommandRequest> = {}): Promise<OperationProgress> {
  return desk.operations.run(await plan(patch));
}

const write = (value: number) => `sh -c 'printf '\\''%-12s\\n'\\'' "$1" 1<>"$2"' sh ${value} ${FILE}`;

const again = (hosts: HostsWorld): HostsWorld => {
  desk.remove();
  return open(hosts);
};

describe("Heartbeat gives the address away", () => {
  it("by hb_standby on the holder, for the resources that it prefers, with the way back on the other host", async () => {
    const { title, steps, danger, confirmWord } = await plan();
    expect(title).toBe(`Move ${ADDRESS} from lb1 to lb2`);
    expect([danger, confirmWord]).toEqual(["disruptive", "lb2"]);
    expect(steps.map(({ command, undo, target }) => [target, command, undo?.command])).toEqual([
      [{ kind: "host", host: "lb1" }, `${STANDBY} local`, `${STANDBY} foreign`],
    ]);
  });

  it("from the host that is not preferred with the other word, named by its HAProxy or itself", async () => {
    const hosts = again(onHeartbeat());
    hosts.hold("lb2");
    hosts.tell();
    const { steps } = await plan({ targets: ["lb1"] });
    expect(steps.map(({ target, command }) => [target, command])).toEqual([
      [{ kind: "host", host: "lb2" }, `${STANDBY} foreign`],
    ]);
  });

  it("is done once the other host holds it and this one does not, is in the journal, and is taken back by undo", async () => {
    const end = await move();
    expect(end.state).toBe("done");
    expect(end.summary).toContain("done and verified");
    expect(desk.world.sent).toEqual([`lb1: ${STANDBY} local`]);
    expect((await desk.journal.show(end.id))?.lines.map(({ step, phase }) => [step, phase])).toEqual([
      [0, "intent"],
      [1, "intent"],
      [1, "done"],
      [0, "done"],
    ]);
    const back = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "undo" })));
    expect([back.state, desk.world.sent[1]]).toEqual(["done", `lb2: ${STANDBY} foreign`]);
  });

  it("takes the lock of the cluster meanwhile, and is refused while another operation has it", async () => {
    await move();
    expect(desk.world.lockCalls.filter((call) => call.startsWith("get"))).toHaveLength(4);
    again(onHeartbeat());
    desk.world.lockedBy = { user: "bea", host: "lab" };
    const end = await move();
    expect([end.state, end.summary]).toEqual(["refused", expect.stringContaining("Another operation runs")]);
    expect(desk.world.sent).toEqual([]);
  });

  it("is never done while both hold it, and says so loudly", async () => {
    const hosts = again(onHeartbeat());
    hosts.settle = () => hosts.hold("lb1", "lb2");
    const end = await move();
    expect(end.state).toBe("unfinished");
    expect(end.summary).toContain(`TWO HOSTS HOLD ${ADDRESS}: lb1 (eth0) and lb2 (eth0)`);
    expect(end.summary).toContain("signalbox undo");
  });

  it("is never done while nobody holds it, and says so loudly", async () => {
    const hosts = again(onHeartbeat());
    hosts.settle = () => hosts.hold();
    const end = await move();
    expect(end.state).toBe("unfinished");
    expect(end.summary).toContain(`NOBODY HOLDS ${ADDRESS}`);
  });

  it("that ended with nobody, or two, is ended by undo when the address is back where it was, and not before", async () => {
    for (const after of [[], ["lb1", "lb2"]]) {
      const hosts = again(onHeartbeat());
      hosts.settle = () => hosts.hold(...after);
      const { id } = await move();
      const undo = () => desk.operations.plan(buildRequest({ command: "undo" }));
      expect((await desk.journal.lastUndoable("shop"))?.id).toBe(id);
      expect((await desk.operations.run(await undo())).state).toBe("refused");
      hosts.hold("lb1");
      hosts.tell();
      expect((await plan()).guards.find(({ guard }) => guard === "address-alone")?.verdict).toBe("block");
      expect((await desk.operations.run(await undo())).state).toBe("done");
      expect((await plan()).guards.find(({ guard }) => guard === "address-alone")?.verdict).not.toBe("block");
      expect(desk.world.sent).toEqual([`lb1: ${STANDBY} local`]);
    }
  });

  it("that did not move is rolled back: nothing was changed", async () => {
    const hosts = again(onHeartbeat());
    hosts.settle = () => hosts.hold("lb1");
    expect((await move()).state).toBe("rolled-back");
  });

  it("whose answer was lost is told by reading: done, not done, and not known", async () => {
    desk.world.fault("lb1", { kind: "lost", done: true });
    expect((await move()).state).toBe("done");
    again(onHeartbeat());
    desk.world.fault("lb1", { kind: "lost", done: false });
    expect((await move()).state).toBe("rolled-back");
    again(onHeartbeat());
    desk.world.fault("lb1", { kind: "lost-and-silent" });
    const end = await move();
    expect([end.state, end.steps[0]?.outcome]).toEqual(["unfinished", "unknown"]);
    expect(end.summary).toContain("cannot be read");
  });

  it("was cut short: resume looks first, and sends nothing twice", async () => {
    desk.world.fault("lb1", { kind: "lost-and-silent" });
    const end = await move();
    const hosts = onHeartbeat();
    hosts.hold("lb2");
    hosts.tell();
    desk.world.scene.floatingHosts = hosts.scene.floatingHosts ?? null;
    const resumed = await desk.operations.plan(buildRequest({ command: "resume", operationId: end.id }));
    expect(resumed.doneBefore).toEqual([1]);
    expect((await desk.operations.run(resumed)).state).toBe("done");
    expect(desk.world.sent).toHaveLength(1);
  });

  it("is not moved when the holder changed after the plan was shown", async () => {
    const hosts = again(onHeartbeat());
    const shown = await plan();
    hosts.hold("lb2");
    hosts.tell();
    await expect(desk.operations.run(shown)).rejects.toThrow("The cluster has changed");
    expect(desk.world.sent).toEqual([]);
  });

  it("is there already: nothing is sent", async () => {
    const shown = await plan({ targets: ["lb1"] });
    expect([shown.steps, shown.notes]).toEqual([[], ["lb1 holds it already."]]);
    expect(shown.guards.filter(({ verdict }) => verdict === "block" || verdict === "unknown")).toEqual([]);
  });

  it("has a probe through the address at the end where one is configured; one that fails brings the address back", async () => {
    const hosts = again(onHeartbeat());
    hosts.scene.configure({
      writer: { backend: "write_nodes", address: { host: ADDRESS, port: 3306 }, multiWriter: false },
    });
    desk.world.routesTo = "db1";
    const { steps } = await plan();
    expect(steps.map(({ command }) => command)).toEqual([`${STANDBY} local`, "probe-writer db1"]);
    expect((await move()).state).toBe("done");
    desk.world.routesTo = "db3";
    const end = await move({ targets: ["lb1"] });
    expect(end.state).toBe("rolled-back");
    expect(end.summary).toContain("which is not db1");
    expect(desk.world.sent.slice(-2)).toEqual([`lb2: ${STANDBY} foreign`, `lb1: ${STANDBY} local`]);
  });
});

describe("keepalived gives the address away", () => {
  it("by a number in the track_file that brings its priority down to 1, and back by the number that was there", async () => {
    again(onKeepalived());
    const { steps, notes } = await plan();
    expect(steps.map(({ command, undo }) => [command, undo?.command])).toEqual([[write(-109), write(0)]]);
    expect(notes[0]).toContain("lb1 stays a backup");
    const end = await move();
    expect(end.state).toBe("done");
    const back = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "undo" })));
    expect(back.state).toBe("done");
    expect(desk.world.sent).toEqual([`lb1: ${write(-109)}`, `lb1: ${write(0)}`]);
  });

  it("back without undo by the number 0 on the host that gave it away", async () => {
    again(onKeepalived());
    await move();
    expect((await move({ targets: ["lb1"] })).state).toBe("done");
    expect(desk.world.sent).toEqual([`lb1: ${write(-109)}`, `lb1: ${write(0)}`]);
  });

  it("between hosts of one priority: the one is raised before the other is lowered, and undo takes both back", async () => {
    const hosts = again(
      onKeepalived(buildInstance(100), buildInstance(100, { trackFiles: [buildTrackFile({ value: -99 })] })),
    );
    expect((await move()).state).toBe("done");
    expect(desk.world.sent).toEqual([`lb2: ${write(0)}`, `lb1: ${write(-99)}`]);
    const back = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "undo" })));
    expect([back.state, hosts.reports.get("lb1")?.held.length]).toEqual(["done", 1]);
    expect(desk.world.sent.slice(2)).toEqual([`lb1: ${write(0)}`, `lb2: ${write(-99)}`]);
  });

  it("that nobody takes over gets its number back", async () => {
    const hosts = again(onKeepalived());
    hosts.settle = () => hosts.hold("lb1");
    const end = await move();
    expect(end.state).toBe("rolled-back");
    expect(desk.world.sent).toEqual([`lb1: ${write(-109)}`, `lb1: ${write(0)}`]);
  });

  it("whose number is another by now is left alone by undo", async () => {
    const hosts = again(onKeepalived());
    await move();
    const trackFiles = [buildTrackFile({ value: -50 })];
    const keepalived = { problem: null, instance: buildInstance(110, { trackFiles }) };
    hosts.set("lb1", { move: { nodeName: "lb1", heartbeat: null, keepalived } });
    const { guards } = await desk.operations.plan(buildRequest({ command: "undo" }));
    expect(guards.filter(({ guard }) => guard === "changed-since").map(({ verdict }) => verdict)).toEqual(["block"]);
  });

  it("is undone also when the address has gone back by itself: the number is what holds a host down", async () => {
    const hosts = again(onKeepalived());
    await move();
    hosts.hold("lb1");
    hosts.settle = () => hosts.hold("lb1");
    hosts.tell();
    const back = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "undo" })));
    expect([back.state, hosts.instance("lb1").trackFiles[0]?.value]).toEqual(["done", 0]);
  });
});
