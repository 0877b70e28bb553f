/** The tour as a newcomer meets it: the built program in a terminal, every step done by its keys. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

let state: string;
let program: RunningProgram | null = null;

beforeAll(() => ensureBuilt());
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "sbx-tour-"));
});
afterEach(async () => {
  program?.kill();
  await program?.exited;
  program = null;
  rmSync(state, { recursive: true, force: true });
});

function demo(...args: readonly string[]): RunningProgram {
  const env = { XDG_STATE_HOME: state, CI: "" };
  program = startProgram({ args: ["demo", ...args], columns: 80, rows: 24, env });
  return program;
}

const ESC = "\u001b";
const ENTER = "\r";

it("is offered in the first demo, goes through by keys from its first step to its last, changes nothing, and is not offered again", async () => {
  const first = demo();
  await first.waitFor(/^t tour of two minutes {2}1-6 pane/m);
  first.type("t");
  const steps: readonly (readonly [string, RegExp])[] = [
    ["j", /▶ db1[\s\S]*tour 1\/14 .*\n.*Go to/],
    [ENTER, /tour 2\/14 .*\n.*Enter opens/],
    ["z", /History {2}−60 s[\s\S]*tour 3\/14 /],
    [ESC, /History {2}−5 min[\s\S]*tour 4\/14 /],
    ["/", /tour 5\/14 .*\n.*filters the rows/],
    [`replica${ENTER}`, /^\/▏/m],
    [ESC, /\/replica 3\/4 [\s\S]*tour 6\/14 /],
    ["2", /tour 7\/14 /],
    [":", /\[HAProxy\][\s\S]*tour 8\/14 /],
    ["nodes", /^:▏/m],
    [ENTER, /▶ go to Nodes[\s\S]*:nodes▏/],
    ["D", /\[Nodes\][\s\S]*tour 9\/14 /],
    [ESC, /y runs it[\s\S]*state drain[\s\S]*tour 10\/14 /],
    ["f", /tour 11\/14 /],
    ["f", /FROZEN[\s\S]*tour 12\/14 /],
    ["?", /tour 13\/14 /],
    [ESC, /type to search[\s\S]*tour 14\/14 /],
  ];
  for (const [keys, shown] of steps) {
    await first.waitFor((screen) => shown.test(screen.join("\n")));
    first.type(keys);
  }
  const screen = await first.waitFor("the tour is over");
  expect(screen.join("\n")).not.toMatch(/tour \d|DRAIN/);
  first.type("q");
  expect(await first.exited).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(state, "signalbox", "tour"))).toBe(true);

  const second = demo();
  await second.waitFor(/^1-6 pane/m);
  second.type("q");
  expect(await second.exited).toMatchObject({ exitCode: 0 });
});

it("--tour begins it at once, Esc on the table leaves it for good, and the palette finds it again", async () => {
  const { waitFor, type, exited } = demo("--tour");
  await waitFor(/tour 1\/14/);
  await waitFor(/▶ db1/);
  type(ESC);
  await waitFor("the tour is over");
  type(":");
  await waitFor(/^:▏/m);
  type("tutorial");
  await waitFor(/▶ a tour of two minutes/);
  type(ENTER);
  await waitFor(/tour 1\/14/);
  type("q");
  expect(await exited).toMatchObject({ exitCode: 0 });
});
