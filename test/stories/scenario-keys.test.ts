/** Every scenario in a terminal, on the built program, won by nothing but keys. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { scenarios } from "../../src/simulator/training/scenarios.ts";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

/** Other programs use the machine as well. */
const patienceMs = 60_000;

interface Player {
  readonly program: RunningProgram;
  /** Waits until the screen shows it. */
  see(what: string | RegExp): Promise<void>;
  press(...keys: readonly string[]): void;
  /** Moves the cursor of a pane to the first row that begins so, after the row `below`. */
  select(pane: "1" | "2", row: string, below?: RegExp): Promise<void>;
  /**
   * Selects a row and presses keys until there is a plan that can be confirmed: on a busy machine a guard may not get its answer in time,
   * and refuses; a person looks and asks again.
   */
  plan(pane: "1" | "2", row: string, keys: readonly string[], below?: RegExp): Promise<void>;
  /** Confirms by `y`. */
  sayYes(): Promise<void>;
  /** Confirms by the name of the node. */
  sayName(name: string): Promise<void>;
  /** Leaves a plan, or what became of it. */
  back(): Promise<void>;
  /** Leaves the plan when it is done. */
  leave(): Promise<void>;
}

let stateDir: string;
let program: RunningProgram | null = null;

beforeAll(() => ensureBuilt());
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "sbx-keys-"));
});
afterEach(async () => {
  program?.kill();
  await program?.exited;
  program = null;
  rmSync(stateDir, { recursive: true, force: true });
});

const ESCAPE = "\u001b";
const PRESSES = 10;
const PRESS_MS = 3_000;
const READ_ONLY = "read-only on";
/** What is on the screen until a key has done its work. */
const past: Readonly<Record<string, string>> = { f: "f plans a failover", "\r": "Enter runs" };
/** What keys that ask for a plan lead to. */
const answer =
  /y runs it|Type \S+ and press Enter|f plans a failover|nothing can be confirmed|Refused\. Nothing|Enter runs/;
const panes = { "1": "[Nodes]", "2": "[HAProxy]" } as const;

function markedRow(screen: readonly string[]): number {
  return screen.findIndex((line) => line.startsWith("▶"));
}

function play(...args: readonly string[]): Player {
  const env = { SIGNALBOX_STATE_DIR: stateDir };
  const running = startProgram({ args: ["demo", ...args], columns: 120, rows: 40, env });
  program = running;
  const { type, waitFor } = running;
  const see: Player["see"] = async (what) => {
    await waitFor(what, patienceMs);
  };
  const select: Player["select"] = async (pane, row, below) => {
    type(pane);
    const find = (screen: readonly string[]): number => {
      const from = below === undefined ? 1 : screen.findIndex((line) => below.test(line));
      return from < 0
        ? -1
        : screen.findIndex((line, at) => at > from && line.replace(/^[▶ ├└─│]+/, "").startsWith(row));
    };
    const isThere = (screen: readonly string[]): boolean => find(screen) > 0 && markedRow(screen) > 0;
    await waitFor((screen) => screen[1]?.includes(panes[pane]) === true && isThere(screen), patienceMs);
    for (;;) {
      const screen = await waitFor(isThere, patienceMs);
      const marked = markedRow(screen);
      if (find(screen) === marked) return;
      type(find(screen) > marked ? "j" : "k");
      await waitFor((now) => isThere(now) && markedRow(now) !== marked, patienceMs);
    }
  };
  /** A key is on its own: a key right behind an Escape would be one with it. */
  const back = async (): Promise<void> => {
    type(ESCAPE);
    await waitFor((screen) => markedRow(screen) > 0, patienceMs);
  };
  const settle = async (key: string): Promise<void> => {
    // What the key before has led to gives way first.
    const isNew = (text: string): boolean =>
      !text.includes(past[key] ?? "\0") && (key !== READ_ONLY || text.includes(`▶ ${READ_ONLY}`));
    await waitFor((screen) => answer.test(screen.join("\n")) && isNew(screen.join("\n")), patienceMs);
  };
  /** A key that comes while the panel is drawn anew counts for nothing: who sees it stand there presses again. */
  const insist = async (key: string, question: string): Promise<void> => {
    for (let tries = 0; tries < PRESSES; tries += 1) {
      type(key);
      const isGone = (screen: readonly string[]) => !screen.join("\n").includes(question);
      if (await waitFor(isGone, PRESS_MS).catch(() => null)) return;
    }
    throw new Error(`The key does nothing:\n${running.screen().join("\n")}`);
  };
  return {
    program: running,
    back,
    see,
    press: (...keys) => keys.forEach(type),
    select,
    plan: async (pane, row, keys, below) => {
      for (;;) {
        await select(pane, row, below);
        for (const key of keys) {
          type(key);
          await settle(key);
        }
        if (!/nothing can be confirmed|Refused\. Nothing/.test(running.screen().join("\n"))) return;
        await back();
      }
    },
    sayYes: () => insist("y", "y runs it"),
    sayName: async (name) => {
      await see(new RegExp(`Type ${name} and press Enter`));
      type(name);
      await see(`> ${name}`);
      await insist("\r", `Type ${name} and press Enter`);
    },
    leave: async () => {
      await see(/● DONE|done and verified/i);
      await back();
    },
  };
}

/** By scenario: how much faster than the clock it lives, and the keys. */
const ways: Readonly<Record<string, readonly [speed: string, keys: (player: Player) => Promise<void>]>> = {
  "primary-crash": [
    "4",
    async ({ see, plan, sayName, leave }) => {
      await see(/writer-read-only/);
      await plan("1", "db2", ["P", "f"]);
      await sayName("db2");
      await leave();
      await see(/db1 is back/);
      await plan("1", "db1", ["R"]);
      await sayName("db1");
    },
  ],
  "lagging-replica": [
    "6",
    async ({ see, press, plan, sayYes, back }) => {
      await see(/db4 lags more and more|Keep new readers off/);
      await plan("2", "db4", ["D"]);
      await sayYes();
      await see(/Sessions that are left/);
      press(ESCAPE);
      await see("UNFINISHED");
      await back();
      await see(/db4 has caught up/);
      await plan("2", "db4", ["E"]);
      await sayYes();
    },
  ],
  "split-brain": [
    "2",
    async ({ see, plan, sayName }) => {
      await see(/Two nodes are writable/);
      await plan("1", "db2", [":", READ_ONLY, "\r"]);
      await sayName("db2");
    },
  ],
  "broken-applier": [
    "4",
    async ({ see, plan, sayYes }) => {
      await see(/db3 receives but does not apply|1205 is a lock wait/);
      await plan("1", "db3", ["S"]);
      await sayYes();
    },
  ],
  "haproxy-reload": [
    "4",
    async ({ see, plan, sayYes, sayName, leave }) => {
      await see(/lb1 was reloaded|Put read_nodes\/db3 out/);
      await plan("2", "db3", ["M"]);
      await sayYes();
      await leave();
      await plan("2", "db3", ["X"]);
      await sayName("db3");
    },
  ],
  "drain-never-ends": [
    "2",
    async ({ see, press, plan, sayYes, sayName, back }) => {
      await plan("2", "db4", ["D"]);
      await sayYes();
      await see(/Sessions that are left/);
      press(ESCAPE);
      await see("UNFINISHED");
      await back();
      await plan("2", "db4", ["X"]);
      await sayName("db4");
    },
  ],
  "vip-double": [
    "3",
    async ({ see, plan, sayYes }) => {
      await see(/floating-ip-double/);
      await plan("2", "db-01", ["E"], /^[▶ ]+lb-02 /);
      await sayYes();
    },
  ],
  drill: [
    "3",
    async ({ see, plan, sayName, leave }) => {
      await see(/db-01 stops next/);
      await plan("1", "db-02", ["P"]);
      await sayName("db-02");
      await leave();
      await see(/make it read-only/);
      await plan("1", "db-01", [":", READ_ONLY, "\r"]);
      await sayName("db-01");
      await leave();
      await plan("1", "db-01", ["P"]);
      await sayName("db-01");
    },
  ],
};

async function quit({ program: { screen, type, exited, waitFor } }: Player, name: string): Promise<string> {
  // A q right behind an Escape would be one key.
  if (markedRow(screen()) < 0) type(ESCAPE);
  await waitFor((now) => markedRow(now) > 0, patienceMs);
  type("q");
  expect(await exited).toMatchObject({ exitCode: 0 });
  return (await waitFor(new RegExp(`Scenario ${name}: `))).join("\n");
}

it.each(scenarios.map(({ name }) => name))("%s is won by keys", { timeout: 180_000 }, async (name) => {
  const [speed, keys] = ways[name] ?? ["1", async () => undefined];
  const player = play("--scenario", name, "--speed", speed);
  await player.see(/INFO scenario/);
  await keys(player);
  await player.see(new RegExp(`${name} is won: \\d+ of 100 points`));
  const end = await quit(player, name);
  expect(end).toMatch(new RegExp(`Scenario ${name}: won, \\d+ of 100 points`));
  expect(end).toMatch(/acknowledged writes lost: 0, .*hints used: \d+, mistakes: 0/s);
});
