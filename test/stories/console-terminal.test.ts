import { afterEach, describe, expect, it } from "vitest";
import { type ConsoleOnScreen, startConsole } from "../support/screen.ts";
import * as build from "../support/snapshots.ts";

const running: ConsoleOnScreen[] = [];

async function start(): Promise<ConsoleOnScreen> {
  const console = startConsole();
  running.push(console);
  console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now() }) });
  await console.untilShown("signalbox  shop");
  return console;
}

function expectRestored(console: ConsoleOnScreen): void {
  expect(console.keyboard.isRaw).toBe(false);
  expect(console.tty.written).toContain("\u001b[?2004h");
  const last = (text: string) => console.tty.written.lastIndexOf(text);
  expect(last("\u001b[?2004l")).toBeGreaterThan(last("\u001b[?2004h"));
  expect(last("\u001b[?1049l")).toBeGreaterThan(last("\u001b[?1049h"));
  expect(last("\u001b[?25h")).toBeGreaterThan(last("\u001b[?25l"));
}

afterEach(async () => {
  for (const console of running.splice(0)) {
    console.tty.unblock();
    console.type("\u0003");
    await console.exit;
  }
});

describe("the way out", () => {
  it.each([["q"], ["\u0003"]])("%j ends with 0, the terminal as it was and the engine stopped", async (key) => {
    const console = await start();
    console.type(key);
    expect(await console.exit).toBe(0);
    expectRestored(console);
    expect(console.engine.stopped).toBe(true);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("%s ends with %i and gives the terminal back", async (signal, code) => {
    const console = await start();
    const installed = process.listenerCount(signal);
    process.emit(signal);
    expect(await console.exit).toBe(code);
    expectRestored(console);
    expect(process.listenerCount(signal)).toBeLessThan(installed);
  });

  it("an uncaught error gives the terminal back before it is reported", async () => {
    const others = process.listeners("uncaughtException");
    const console = await start();
    const ours = process.listeners("uncaughtException").filter((listener) => !others.includes(listener));
    const failure = new Error("a bug");
    const ended = expect(console.exit).rejects.toBe(failure);
    for (const listener of ours) listener(failure, "uncaughtException");
    await ended;
    expectRestored(console);
    expect(ours).toHaveLength(1);
    running.pop();
  });

  it("ends when the keyboard goes away", async () => {
    const console = await start();
    console.keyboard.end();
    expect(await console.exit).toBe(129);
    expect(console.engine.stopped).toBe(true);
  });

  it.each(["EIO", "EPIPE"])("ends when the terminal answers %s", async (code) => {
    const console = await start();
    console.tty.destroy(Object.assign(new Error(code), { code }));
    expect(await console.exit).toBe(129);
    expect(console.keyboard.isRaw).toBe(false);
  });
});

describe("a terminal that stops reading", () => {
  it("gets no more frames, and the newest one when it reads again", async () => {
    const console = await start();
    console.tty.block();
    for (let index = 0; index < 400; index++) {
      const nodes = [build.buildNode(`node${index}`)];
      console.engine.emit({
        type: "snapshot",
        snapshot: build.buildSnapshot({ at: Date.now(), clusters: [build.buildCluster({ nodes })] }),
      });
      if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // One frame in flight and one buffered at most: far below 400 frames of more than a kilobyte.
    expect(console.tty.writableLength).toBeLessThan(40_000);
    console.tty.unblock();
    await console.untilShown("node399");
  });

  it("still ends on SIGTERM", async () => {
    const console = await start();
    console.tty.block();
    process.emit("SIGTERM");
    console.tty.unblock();
    expect(await console.exit).toBe(143);
  });
});
