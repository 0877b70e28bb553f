/** The whole wall screen on a terminal made of memory: real Ink, real terminal emulation, a fake engine. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorkerEngine } from "../../../../src/engine/host.ts";
import type { ClusterSnapshot, Snapshot } from "../../../../src/model/snapshot.ts";
import { runWatch, type WatchOptions } from "../../../../src/ui/wall/run.tsx";
import { waitFor } from "../../../lab/wait.ts";
import { createFakeEngine, type FakeEngine } from "../../../support/fake-engine.ts";
import { FakeKeyboard, FakeTty, NO_SETTINGS } from "../../../support/screen.ts";
import * as build from "../../../support/snapshots.ts";
import { buildHaproxySettings, buildNodeSettings, buildSettings } from "../../monitor/support/settings.ts";

const DEADLINE_MS = 20_000;

interface Watching {
  readonly engine: FakeEngine;
  readonly tty: FakeTty;
  readonly keyboard: FakeKeyboard;
  readonly exit: Promise<number>;
  readonly defects: unknown[];
  show(...clusters: readonly Partial<ClusterSnapshot>[]): void;
  until(what: string, condition: (text: string) => boolean): Promise<string>;
}

const running: Watching[] = [];
let locale: string | undefined;

beforeEach(() => {
  locale = process.env.LC_ALL;
  process.env.LC_ALL = "C.UTF-8";
});

afterEach(async () => {
  for (const watching of running.splice(0)) {
    watching.tty.unblock();
    watching.keyboard.write("\u0003");
    await watching.exit;
  }
  if (locale === undefined) delete process.env.LC_ALL;
  else process.env.LC_ALL = locale;
});

/** Small, so that healths are words and not large type. */
function start(options: Partial<WatchOptions> = {}, columns = 59, rows = 6): Watching {
  const tty = new FakeTty(columns, rows);
  const keyboard = new FakeKeyboard();
  const engine = createFakeEngine();
  const defects: unknown[] = [];
  const exit = runWatch({
    engine,
    settings: NO_SETTINGS,
    themeName: "dark",
    colorDepth: "256",
    themes: [],
    rotateMs: null,
    bell: false,
    notify: null,
    stdin: keyboard as unknown as NodeJS.ReadStream,
    stdout: tty as unknown as NodeJS.WriteStream,
    onDefect: (error) => defects.push(error),
    tickMs: 20,
    ...options,
  });
  const text = () => tty.lines().join("\n");
  const watching: Watching = {
    engine,
    tty,
    keyboard,
    exit,
    defects,
    show: (...clusters) =>
      engine.emit({
        type: "snapshot",
        snapshot: build.buildSnapshot({ at: Date.now(), clusters: clusters.map((each) => build.buildCluster(each)) }),
      }),
    async until(what, condition) {
      const deadline = Date.now() + DEADLINE_MS;
      while (!condition(text())) {
        if (Date.now() > deadline) throw new Error(`the screen never showed ${what}:\n${text()}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return text();
    },
  };
  running.push(watching);
  return watching;
}

const shows = (word: string) => (text: string) => text.includes(word);
const critical = { health: "critical", alerts: [build.buildAlert()] } as const;

async function startCalm(options: Partial<WatchOptions> = {}): Promise<Watching> {
  const watching = start(options);
  watching.show({});
  await watching.until("OK", shows("OK shop"));
  return watching;
}

describe("watch", { timeout: 30_000 }, () => {
  it("does nothing on any key but q and Ctrl-C, and says so", async () => {
    const watching = await startCalm();
    watching.keyboard.write("DMEWXSPURdj\r\u001b[A :/?\u0012\u001a");
    watching.keyboard.write("\u001b[200~q\u0003\u001b[201~");
    watching.show(critical);
    await watching.until("CRITICAL", shows("CRITICAL"));
    expect(watching.engine.requests).toEqual([]);
    expect(watching.engine.stopped).toBe(false);
    watching.keyboard.write("q");
    expect(await watching.exit).toBe(0);
    expect(watching.engine.stopped).toBe(true);
    running.pop();
  });

  it("says at a key what ends it", async () => {
    const watching = start({}, 80, 24);
    watching.show({});
    watching.keyboard.write("P");
    await watching.until("what ends it", shows("q or Ctrl-C ends it"));
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("ends on %s with %i and gives the terminal back", async (signal, code) => {
    const watching = await startCalm();
    process.emit(signal);
    expect(await watching.exit).toBe(code);
    const last = (text: string) => watching.tty.written.lastIndexOf(text);
    expect(watching.keyboard.isRaw).toBe(false);
    expect(last("\u001b[?1049l")).toBeGreaterThan(last("\u001b[?1049h"));
    expect(last("\u001b[?25h")).toBeGreaterThan(last("\u001b[?25l"));
    running.pop();
  });

  it("ends when its terminal is gone", async () => {
    const watching = await startCalm();
    watching.tty.destroy(Object.assign(new Error("EIO"), { code: "EIO" }));
    expect(await watching.exit).toBe(129);
    running.pop();
  });

  it("survives defects of its own, says so, and shows the next picture", async () => {
    const watching = start({}, 100, 24);
    watching.show({});
    await watching.until("the writer", shows("4/4 nodes"));
    watching.engine.emit({
      type: "snapshot",
      snapshot: { seq: 9e9, changes: [], clusters: [null] } as unknown as Snapshot,
    });
    await watching.until("the defect", shows("a defect of its own, survived"));
    const before = process.listeners("uncaughtException");
    before.at(-1)?.(new Error("a bug elsewhere"), "uncaughtException");
    await watching.until("the other defect", shows("a bug elsewhere"));
    watching.show({ nodes: [] });
    await watching.until("the next picture", shows("0/0 nodes"));
    expect(watching.defects.length).toBeGreaterThanOrEqual(2);
    expect(watching.engine.stopped).toBe(false);
  });

  it("a picture that cannot be drawn shows as unknown, never as the one before", async () => {
    const watching = await startCalm();
    let reads = 0;
    const trap = {
      ...build.buildCluster(),
      // Read once when the picture is taken in, and then for every drawing.
      get alerts() {
        reads += 1;
        if (reads > 1) throw new Error("cannot be drawn");
        return [];
      },
    };
    watching.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now(), clusters: [trap] }) });
    await watching.until("that it is unknown", (text) => !/\bOK\b/.test(text) && text.includes("UNKNOWN"));
    watching.show({});
    await watching.until("OK again", shows("OK shop"));
  });

  it("an engine that keeps dying is started again and again, and said to be lost; nothing is OK meanwhile", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sbx-wall-"));
    const file = join(folder, "dies.mjs");
    const starts = join(folder, "starts");
    writeFileSync(
      file,
      `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(starts)}, "x"); process.exit(1);`,
    );
    const settings = buildSettings({
      haproxies: [buildHaproxySettings("lb1")],
      nodes: [buildNodeSettings("db1", "127.0.0.1")],
    });
    const engine = createWorkerEngine(settings, pathToFileURL(file));
    const watching = start({ engine, settings }, 100, 24);
    await watching.until("that it is lost", shows("signalbox's own engine is not heard; it is being started again"));
    await watching.until("the cluster as unknown", shows("signalbox's own engine is not heard"));
    await waitFor("another start", () => readFileSync(starts, "utf8").length >= 2);
    expect(await watching.until("no OK", shows("0/1 HAProxy"))).not.toMatch(/▄▀▄ █ ▄▀/);
    rmSync(folder, { recursive: true });
  });

  it("follows the size of the terminal, down to almost nothing and back", async () => {
    const watching = await startCalm();
    watching.tty.resize(20, 5);
    watching.show({ name: "tiny" });
    await watching.until("a few words", shows("OK tiny"));
    for (const [columns, rows] of [
      [1, 1],
      [320, 100],
      [3, 40],
      [80, 24],
    ] as const) {
      watching.tty.resize(columns, rows);
      watching.show({});
    }
    const isWhole = (text: string) => /^signalbox watch .*data <1s .*\n/.test(text) && text.includes("4/4 nodes");
    await watching.until("the whole screen", isWhole);
    expect(watching.defects).toEqual([]);
  });

  it("a terminal that does not read costs no memory and gets the newest picture when it reads again", async () => {
    const watching = await startCalm();
    watching.tty.block();
    for (let index = 0; index < 3_000; index++) {
      watching.show({ name: `cluster-${index}`, health: index % 2 === 0 ? "critical" : "ok" });
      if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(watching.tty.writableLength).toBeLessThan(40_000);
    watching.tty.unblock();
    await watching.until("the newest", shows("cluster-2999"));
  });

  it("rings once for what got worse, and neither for its end nor for what comes and goes", async () => {
    const watching = await startCalm({ bell: true, notify: "osc9" });
    const rings = () => watching.tty.written.split("\u001b]9;").length - 1;
    for (let round = 0; round < 10; round++) {
      watching.show(critical);
      await watching.until("CRITICAL", shows("CRITICAL"));
      watching.show({});
      await watching.until("OK", shows("OK shop"));
    }
    expect(rings()).toBe(1);
    expect(watching.tty.written).toContain("\u0007\u001b]9;shop CRITICAL: replica-sql-stopped ubuntu3\u0007");
  });

  it("draws everything anew after it was stopped, without leaving its screen", async () => {
    const watching = await startCalm();
    const enters = () => watching.tty.written.split("\u001b[?1049h").length - 1;
    const clears = () => watching.tty.written.split("\u001b[H\u001b[2J").length - 1;
    const [entered, cleared] = [enters(), clears()];
    watching.tty.write("\u001b[3;1Hkernel: something else wrote here");
    await watching.until("the mess", shows("kernel"));
    process.emit("SIGCONT");
    await watching.until("itself again", (text) => !text.includes("kernel") && text.includes("OK shop"));
    expect(enters()).toBe(entered);
    expect(clears()).toBeGreaterThan(cleared);
  });

  it("with --rotate shows the worst first, and what gets worse at once", async () => {
    const watching = start({ rotateMs: 3_600_000 });
    watching.show({ name: "shop" }, { name: "pay", ...critical }, { name: "auth" });
    await watching.until("the worst", shows("CRITICAL pay"));
    watching.show({ name: "shop" }, { name: "pay", ...critical }, { name: "auth", ...critical });
    await watching.until("what got worse", shows("CRITICAL auth"));
  });
});
