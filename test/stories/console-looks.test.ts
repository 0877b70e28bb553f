import { afterEach, describe, expect, it } from "vitest";
import { THEMES, type ThemeFile } from "../../src/ui/theme.ts";
import { type ConsoleOnScreen, type ScreenOptions, startConsole } from "../support/screen.ts";
import * as build from "../support/snapshots.ts";

const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";
const running: ConsoleOnScreen[] = [];

async function start(options: ScreenOptions = {}): Promise<ConsoleOnScreen> {
  const console = startConsole(options);
  running.push(console);
  console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now() }) });
  await console.untilShown("signalbox  shop");
  return console;
}

const count = (text: string, part: string): number => text.split(part).length - 1;
const selectedRow = (console: ConsoleOnScreen) => console.tty.lines().find((line) => line.startsWith("▶")) ?? "";

/** Presses where the text stands, and lets go. */
function click(console: ConsoleOnScreen, text: string): void {
  const lines = console.tty.lines();
  const row = lines.findIndex((line) => line.includes(text));
  if (row < 0) throw new Error(`not on screen: ${text}\n${lines.join("\n")}`);
  const place = `${(lines[row]?.indexOf(text) ?? 0) + 1};${row + 1}`;
  console.type(`\u001b[<0;${place}M\u001b[<0;${place}m`);
}

afterEach(async () => {
  for (const console of running.splice(0)) {
    console.tty.unblock();
    console.type("\u0003");
    await console.exit;
  }
});

describe("the mouse", () => {
  it("is left to the terminal unless it is asked for, and the way out says so once more", async () => {
    const console = await start();
    expect(console.tty.written).not.toContain(MOUSE_ON);
    click(console, "ubuntu3");
    console.type("q");
    await console.exit;
    expect(console.tty.written).toContain(MOUSE_OFF);
  });

  it("selects, opens, changes the pane and sorts, and is given back at the end", async () => {
    const console = await start({ mouse: true });
    expect(count(console.tty.written, MOUSE_ON)).toBe(1);
    click(console, "ubuntu3");
    await console.until(() => selectedRow(console).includes("ubuntu3"), "ubuntu3 selected");
    click(console, "ubuntu3");
    await console.untilShown("nodes → ubuntu3");
    click(console, "2 HAProxy");
    await console.untilShown("[HAProxy]");
    click(console, "1 Nodes");
    await console.untilShown("[Nodes]");
    click(console, "NODE");
    await console.untilShown("NODE▲");
    console.type("q");
    await console.exit;
    const { written } = console.tty;
    expect(written.lastIndexOf(MOUSE_OFF)).toBeGreaterThan(written.lastIndexOf(MOUSE_ON));
    expect(written.lastIndexOf("\u001b[?1049l")).toBeGreaterThan(written.lastIndexOf(MOUSE_OFF));
  });

  it("is switched by the palette", async () => {
    const console = await start();
    console.type(":mouse on");
    await console.untilShown("mouse on or off");
    console.type("\r");
    await console.untilShown("mouse on: Shift selects text");
    expect(console.tty.written).toContain(MOUSE_ON);
    console.type(":mouse on");
    await console.untilShown("mouse on or off");
    console.type("\r");
    await console.untilShown("mouse off: the terminal selects text");
    expect(console.tty.written.lastIndexOf(MOUSE_OFF)).toBeGreaterThan(console.tty.written.lastIndexOf(MOUSE_ON));
  });

  it("is given back when a defect ends the program", async () => {
    const others = process.listeners("uncaughtException");
    const console = await start({ mouse: true });
    running.pop();
    const ended = expect(console.exit).rejects.toThrow("a bug");
    for (const listener of process.listeners("uncaughtException"))
      if (!others.includes(listener)) listener(new Error("a bug"), "uncaughtException");
    await ended;
    expect(console.tty.written.lastIndexOf(MOUSE_OFF)).toBeGreaterThan(console.tty.written.lastIndexOf(MOUSE_ON));
  });
});

describe("warnings of the configuration", () => {
  const warnings = [
    "/etc/signalbox/config.yaml holds a password and everyone on this machine can read it; chmod o-r /etc/signalbox/config.yaml",
    "the password in --haproxy is \u001b]0;visible\u0007; a configuration file is not",
  ];

  it("are counted below the pane and read with `a`, with what to do", async () => {
    const console = await start({ warnings });
    await console.untilShown("no alerts ▲2 config a all with advice");
    console.type("a");
    const text = await console.untilShown("Configuration");
    expect(text).toContain("No alerts.");
    expect(text).toContain("▲ WARNING /etc/signalbox/config.yaml holds a password");
    expect(text).toContain("→ chmod o-r /etc/signalbox/config.yaml");
    expect(text).toContain("\\e]0;visible\\a");
  });

  it("stand beside the alerts of the servers", async () => {
    const console = await start({ warnings, columns: 120 });
    const cluster = build.buildCluster({ alerts: [build.buildAlert({ severity: "critical" })] });
    console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now(), clusters: [cluster] }) });
    await console.untilShown("✖1 critical ▲2 config a all with advice");
  });

  it("leave the health of other clusters its place at 80 columns", async () => {
    const console = await start({ warnings });
    const alerts = [
      build.buildAlert({ severity: "critical" }),
      build.buildAlert({ severity: "warning" }),
      build.buildAlert({ severity: "info" }),
    ];
    const clusters = [build.buildCluster({ alerts }), build.buildCluster({ name: "next", health: "critical" })];
    console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now(), clusters }) });
    const text = await console.untilShown("▲2 config a all ──");
    expect(text).toContain("[ ]  ●shop  ✖next");
  });

  it("take no room where there are none", async () => {
    const console = await start();
    expect(console.text()).not.toContain("config");
    console.type("a");
    expect(await console.untilShown("No alerts.")).not.toContain("Configuration");
  });
});

describe("a theme of the user", () => {
  const [dark] = THEMES as readonly [ThemeFile, ...ThemeFile[]];
  const night: ThemeFile = {
    ...dark,
    name: "night",
    title: "Night shift",
    tokens: { ...dark.tokens, title: { fg: "#12ab34" } },
  };
  const faint: ThemeFile = { ...dark, name: "faint", tokens: { ...dark.tokens, dim: { fg: 236 }, ok: { fg: 235 } } };

  it("is drawn from the first frame on", async () => {
    const console = await start({ themeName: "night", themes: [night] });
    // 256 colours unless told: the nearest of them.
    expect(console.tty.written).toContain("\u001b[38;5;28m");
  });

  it("is chosen in the palette like the others; low contrast is told", async () => {
    const console = await start({ themes: [night, faint] });
    console.type(":theme night");
    await console.untilShown("Night shift");
    console.type("\r");
    await console.untilGone("commands");
    expect(console.tty.written).toContain("\u001b[38;5;28m");
    console.type(":theme faint");
    await console.untilShown("theme faint");
    console.type("\r");
    await console.untilShown("theme faint: 2 tokens below the contrast that text needs");
  });
});
