import { afterEach, describe, expect, it } from "vitest";
import type { EngineRequest } from "../../src/engine/protocol.ts";
import type { FloatingIpSnapshot } from "../../src/model/floating-ip.ts";
import { buildPlan, buildProgress } from "../support/plans.ts";
import { type ConsoleOnScreen, startConsole } from "../support/screen.ts";
import * as build from "../support/snapshots.ts";

const running: ConsoleOnScreen[] = [];

afterEach(async () => {
  for (const console of running.splice(0)) {
    console.type("\u0003");
    await console.exit;
  }
});

function address(patch: Partial<FloatingIpSnapshot>): FloatingIpSnapshot {
  const tools = {
    heartbeat: { running: true, standbyPath: "/x", preferred: "lb1" },
    keepalived: null,
    pacemaker: false,
  };
  const hosts = ["lb1", "lb2"].map((name) => ({
    name,
    way: { kind: "ssh", target: name } as const,
    members: [name],
    state: "fresh" as const,
    held: name === "lb1" ? [{ interface: "eth0", label: null }] : [],
    tools,
    at: Date.now(),
    failure: null,
  }));
  return { address: "10.10.10.1", state: "held", holders: ["lb1"], hosts, confirmed: true, ...patch };
}

async function start(floatingIp: FloatingIpSnapshot | null, readOnly = false): Promise<ConsoleOnScreen> {
  const console = startConsole({ readOnly });
  running.push(console);
  const clusters = [{ ...build.buildCluster(), floatingIp }];
  console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now(), clusters }) });
  await console.untilShown("signalbox  shop");
  return console;
}

const asked = (console: ConsoleOnScreen) =>
  console.engine.requests.filter(
    (request): request is Extract<EngineRequest, { readonly type: "plan" }> => request.type === "plan",
  );

/** What is typed right when the panel appears does not count. */
async function settled(console: ConsoleOnScreen): Promise<void> {
  await console.untilShown("Type lb2 and press Enter");
  await new Promise((resolve) => setTimeout(resolve, 60));
}

describe("Moving the floating address in the console", () => {
  it.each([
    ["I", "I"],
    [":hb_takeover", ":hb_takeover\r"],
    [":move the floating address", ":move the floating\r"],
  ])("%s asks for a plan to the other host, which runs once the name of that host is typed", async (_name, keys) => {
    const console = await start(address({}));
    console.type(keys);
    await console.untilShown("looking at the servers");
    const [found] = asked(console);
    if (found === undefined) throw new Error("no plan was asked for");
    expect(found.request).toMatchObject({ command: "move-ip", cluster: "shop", targets: [], force: false });
    const plan = buildPlan(found.request, { danger: "disruptive", confirmWord: "lb2", title: "Move 10.10.10.1" });
    console.engine.emit({ type: "plan", answer: { requestId: found.requestId, plan, refusal: null, replaces: null } });
    await settled(console);
    console.type("y");
    await console.untilShown("> y");
    console.type("\r");
    await console.untilShown("type lb2 and press Enter; Esc leaves");
    expect(console.engine.requests.filter(({ type }) => type === "run")).toEqual([]);
    console.type("\u007f");
    console.type("lb2");
    await console.untilShown("> lb2");
    console.type("\r");
    await console.untilShown("waiting for the engine");
    expect(console.engine.requests.filter(({ type }) => type === "run")).toHaveLength(1);
    const progress = buildProgress(plan, { state: "done", summary: "done and verified.", endedAt: Date.now() });
    console.engine.emit({ type: "operation", progress });
    await console.untilShown("done and verified");
  });

  it.each([
    ["No floating address is configured", null],
    ["Two hosts hold 10.10.10.1", address({ state: "double", holders: ["lb1", "lb2"] })],
    ["Who holds 10.10.10.1 is not known", address({ state: "unknown", holders: [] })],
  ])("says why it cannot: %s", async (why, floatingIp) => {
    const console = await start(floatingIp);
    console.type("I");
    await console.untilShown(why);
    expect(asked(console)).toEqual([]);
  });

  it("has no such key when it was started read-only", async () => {
    const console = await start(address({}), true);
    console.type("I");
    console.type("2");
    await console.untilShown("2 [HAProxy]");
    expect(asked(console)).toEqual([]);
  });
});
