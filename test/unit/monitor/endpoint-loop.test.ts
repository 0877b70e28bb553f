import { describe, expect, it } from "vitest";
import type { Pollable } from "../../../src/monitor/endpoint-loop.ts";
import { EndpointLoop } from "../../../src/monitor/endpoint-loop.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { ScriptedEndpoint } from "./support/scripted-endpoint.ts";

/** A value the judge of this test cannot bear. */
const POISON = 666;

function setUp(intervalMs = 1_000) {
  const clock = new FakeClock();
  const endpoint = new ScriptedEndpoint<number>("db1 10.0.0.11:3306", clock, 1);
  const settled: string[] = [];
  const source = (): Pollable<number> => {
    endpoint.opened += 1;
    return {
      target: endpoint.target,
      poll: (bounds) => endpoint.poll(bounds),
      close: async () => {
        endpoint.closed += 1;
      },
    };
  };
  const loop: EndpointLoop<number, Pollable<number>> = new EndpointLoop<number, Pollable<number>>({
    open: source,
    clock,
    pace: { intervalMs, deadlineMs: null },
    judge: (value) => {
      if (value === POISON) throw new RangeError("a defect in judging");
      return { take: "accept" };
    },
    connectTimeoutMs: 3_000,
    onSettled: () => settled.push(loop.reading().state),
  });
  return { clock, endpoint, loop, settled };
}

/** Offers one turn per interval, as ticks do, and returns the seconds at which the endpoint was polled. */
async function tick(
  { clock, endpoint, loop }: ReturnType<typeof setUp>,
  ticks: number,
  intervalMs = 1_000,
): Promise<number[]> {
  const startedMs = clock.monotonicMs();
  endpoint.pollTimes.length = 0;
  for (let count = 0; count < ticks; count += 1) {
    loop.begin(0, false);
    await clock.advance(intervalMs);
  }
  return endpoint.pollTimes.map((at) => (at - startedMs) / 1_000);
}

describe("endpoint loop", () => {
  it("knows nothing before the first answer and says so", () => {
    expect(setUp().loop.reading()).toEqual({ state: "never", from: "db1 10.0.0.11:3306" });
  });

  it("never polls twice at once, however often it is asked to", async () => {
    const part = setUp();
    part.endpoint.delayMs = 1_700;
    const polls = await tick(part, 6);
    expect(part.endpoint.mostAtOnce).toBe(1);
    expect(polls).toEqual([0, 2, 4]);
  });

  it("waits for its place in the round before it polls", async () => {
    const { clock, endpoint, loop } = setUp();
    expect(loop.begin(150, false)).toBe(true);
    expect(endpoint.pollTimes).toEqual([]);
    await clock.advance(149);
    expect(endpoint.pollTimes).toEqual([]);
    await clock.advance(1);
    expect(endpoint.pollTimes).toHaveLength(1);
  });

  it("turns stale when the value is older than the interval and half a second", async () => {
    const { clock, loop } = setUp();
    loop.begin(0, false);
    await clock.advance(1);
    expect(loop.reading().state).toBe("fresh");
    expect(loop.staleInMs()).toBe(1_500);
    await clock.advance(1_499);
    expect(loop.reading().state).toBe("fresh");
    await clock.advance(1);
    expect(loop.reading()).toMatchObject({ state: "stale", value: 1 });
  });

  it("is stale after the machine slept, although the monotonic clock stood still", async () => {
    const { clock, loop } = setUp();
    loop.begin(0, false);
    await clock.advance(1);
    clock.jumpWall(8 * 3_600_000);
    expect(loop.reading().state).toBe("stale");
  });

  it("stays fresh when the wall clock is set back", async () => {
    const { clock, loop } = setUp();
    loop.begin(0, false);
    await clock.advance(1);
    clock.jumpWall(-3_600_000);
    expect(loop.reading().state).toBe("fresh");
    await clock.advance(1_500);
    expect(loop.reading().state).toBe("stale");
  });

  it("keeps the last good value beside the failure, with its own time", async () => {
    const { clock, endpoint, loop } = setUp();
    loop.begin(0, false);
    await clock.advance(1_000);
    const good = loop.reading();
    endpoint.behaviour = "unreachable";
    loop.begin(0, false);
    await clock.advance(10);
    const reading = loop.reading();
    expect(reading).toMatchObject({ state: "failed", failure: { kind: "unreachable" }, last: { value: 1 } });
    expect(reading.state === "failed" && good.state === "fresh" && reading.last?.at === good.at).toBe(true);
    expect(loop.staleInMs()).toBeNull();
  });

  it("backs off from a dead endpoint to five seconds and never gives it up", async () => {
    const part = setUp();
    part.endpoint.behaviour = "unreachable";
    expect(await tick(part, 30)).toEqual([0, 1, 3, 7, 12, 17, 22, 27]);
    const late = await tick(part, 600);
    expect(late.length).toBe(120);
  });

  it("retries a refused login only every fifteen seconds, so that no account is locked", async () => {
    const part = setUp();
    part.endpoint.behaviour = "auth";
    expect(await tick(part, 60)).toEqual([0, 1, 3, 7, 15, 30, 45]);
  });

  it("polls at the ordinary pace again after the first good answer", async () => {
    const part = setUp();
    part.endpoint.behaviour = "unreachable";
    await tick(part, 13);
    part.endpoint.behaviour = "answer";
    const polls = await tick(part, 8);
    expect(polls.slice(-3)).toEqual([5, 6, 7]);
    expect(part.loop.reading().state).toBe("fresh");
  });

  it("ignores back-off when it is asked to look now", async () => {
    const part = setUp();
    part.endpoint.behaviour = "auth";
    await tick(part, 4);
    part.endpoint.behaviour = "answer";
    expect(part.loop.begin(0, true)).toBe(true);
    await part.clock.advance(1);
    expect(part.loop.reading().state).toBe("fresh");
  });

  it("looks again right after a running poll when it is asked to look now", async () => {
    const { clock, endpoint, loop } = setUp();
    endpoint.delayMs = 300;
    loop.begin(0, false);
    await clock.advance(100);
    endpoint.value = 2;
    expect(loop.begin(0, true)).toBe(false);
    await clock.advance(200);
    expect(loop.reading()).toMatchObject({ value: 1 });
    await clock.advance(300);
    expect(loop.reading()).toMatchObject({ value: 2 });
    expect(endpoint.mostAtOnce).toBe(1);
  });

  it("replaces a driver that ignores its deadline, and drops what it answers later", async () => {
    const { clock, endpoint, loop, settled } = setUp();
    endpoint.behaviour = "deaf";
    loop.begin(0, false);
    await clock.advance(3_250);
    expect(loop.reading()).toMatchObject({ state: "failed", failure: { kind: "timeout" } });
    expect([endpoint.opened, endpoint.closed, endpoint.aborted]).toEqual([2, 1, 1]);
    endpoint.behaviour = "answer";
    endpoint.value = 2;
    loop.begin(0, true);
    await clock.advance(1);
    endpoint.late[0]?.(99);
    await clock.advance(1);
    expect(loop.reading()).toMatchObject({ state: "fresh", value: 2 });
    expect(settled).toEqual(["failed", "fresh"]);
  });

  it("gives a new connection the connect timeout, and an established one the shorter deadline", async () => {
    const { clock, endpoint, loop } = setUp();
    endpoint.behaviour = "hang";
    loop.begin(0, true);
    await clock.advance(2_999);
    expect(loop.reading().state).toBe("never");
    await clock.advance(1);
    expect(loop.reading().state).toBe("failed");
    endpoint.behaviour = "answer";
    loop.begin(0, true);
    await clock.advance(1_000);
    endpoint.behaviour = "hang";
    loop.begin(0, true);
    await clock.advance(2_000);
    expect(loop.reading()).toMatchObject({ state: "failed", failure: { kind: "timeout" } });
  });

  it("takes a driver that throws instead of rejecting for a failure, not for its own end", async () => {
    const { clock, endpoint, loop } = setUp();
    endpoint.poll = () => {
      throw new TypeError("a defect");
    };
    loop.begin(0, true);
    await clock.advance(1);
    expect(loop.reading()).toMatchObject({ state: "failed", failure: { kind: "protocol", message: "a defect" } });
  });

  it("survives a defect in judging an answer", async () => {
    const { clock, endpoint, loop, settled } = setUp();
    endpoint.value = POISON;
    loop.begin(0, true);
    await clock.advance(1);
    expect(loop.reading()).toMatchObject({ state: "failed", failure: { operation: "judge" } });
    endpoint.value = 1;
    loop.begin(0, true);
    await clock.advance(1);
    expect(settled).toEqual(["failed", "fresh"]);
  });

  it("aborts what is running when it is closed, and leaves no timer", async () => {
    const { clock, endpoint, loop, settled } = setUp();
    endpoint.behaviour = "deaf";
    loop.begin(0, false);
    await loop.close();
    expect([endpoint.aborted, endpoint.closed, clock.timers]).toEqual([1, 1, 0]);
    expect(loop.begin(0, true)).toBe(false);
    expect(settled).toEqual([]);
  });
});
