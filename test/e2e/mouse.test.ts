import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";

/** Nobody answers there: what is clicked is the console's own. */
const CONFIG = `clusters:
  - name: shop
    haproxy: [{name: lb1, socket: "unix:///nonexistent/admin.sock"}]
    nodes:
      - {name: db1, address: "127.0.0.1:1"}
      - {name: db2, address: "127.0.0.1:2"}
`;

const dir = mkdtempSync(join(tmpdir(), "sbx-mouse-"));
const plain = join(dir, "plain.yaml");
const withMouse = join(dir, "mouse.yaml");
let program: RunningProgram;

async function start(args: readonly string[]): Promise<void> {
  program = startProgram({ args, columns: 80, rows: 24, env: { XDG_CONFIG_HOME: dir, SIGNALBOX_STATE_DIR: dir } });
  await program.waitFor(/db2 +▲1/);
}

/** The bytes of a press and a release where the text stands. */
function clickOn(text: string): string {
  const screen = program.screen();
  const row = screen.findIndex((line) => line.includes(text));
  if (row < 0) throw new Error(`not on screen: ${text}\n${screen.join("\n")}`);
  const place = `${(screen[row]?.indexOf(text) ?? 0) + 1};${row + 1}`;
  return `\u001b[<0;${place}M\u001b[<0;${place}m`;
}

const count = (part: string): number => program.raw().split(part).length - 1;

beforeAll(() => {
  ensureBuilt();
  writeFileSync(plain, CONFIG, { mode: 0o600 });
  writeFileSync(withMouse, `mouse: true\n${CONFIG}`, { mode: 0o600 });
});
afterEach(async () => {
  program.kill();
  await program.exited;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the mouse of the built program", () => {
  it("clicks rows, tabs and headings, also when a report comes byte by byte; suspending gives it back and takes it again", async () => {
    await start(["-c", plain, "--mouse"]);
    expect(count(MOUSE_ON)).toBe(1);
    for (const byte of clickOn("3 Repl")) program.type(byte);
    await program.waitFor("[Replication]");
    program.type(clickOn("1 Nodes"));
    await program.waitFor("[Nodes]");
    program.type(clickOn("db2"));
    await program.waitFor(/▶.*db2/);
    program.type(clickOn("db2"));
    await program.waitFor("nodes → db2");
    program.type("\u001a");
    // In a session of its own there is no shell to stop for: the program comes back at once.
    await program.waitFor(() => count(MOUSE_ON) === 2);
    expect(count(MOUSE_OFF)).toBe(1);
    program.type("q");
    expect((await program.exited).exitCode).toBe(0);
    expect(program.raw().lastIndexOf(MOUSE_OFF)).toBeGreaterThan(program.raw().lastIndexOf(MOUSE_ON));
  });

  it("is asked for in the configuration, and given back when the program is told to end", async () => {
    await start(["-c", withMouse]);
    expect(count(MOUSE_ON)).toBe(1);
    process.kill(program.pid, "SIGTERM");
    expect((await program.exited).exitCode).toBe(143);
    expect(program.raw().lastIndexOf(MOUSE_OFF)).toBeGreaterThan(program.raw().lastIndexOf(MOUSE_ON));
  });

  it("is the terminal's own otherwise", async () => {
    await start(["-c", plain]);
    program.type("q");
    expect((await program.exited).exitCode).toBe(0);
    expect(program.raw()).not.toContain(MOUSE_ON);
  });
});
