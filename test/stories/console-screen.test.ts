import { afterEach, describe, expect, it } from "vitest";
import { type ConsoleOnScreen, type ScreenOptions, startConsole } from "../support/screen.ts";
import * as build from "../support/snapshots.ts";

const running: ConsoleOnScreen[] = [];

function start(options: ScreenOptions = {}): ConsoleOnScreen {
  const console = startConsole(options);
  running.push(console);
  return console;
}

async function startWithData(options: ScreenOptions = {}, cluster = build.buildCluster()): Promise<ConsoleOnScreen> {
  const console = start(options);
  console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now(), clusters: [cluster] }) });
  await console.untilShown("signalbox  shop");
  return console;
}

afterEach(async () => {
  for (const console of running.splice(0)) {
    console.tty.unblock();
    console.type("\u0003");
    await console.exit;
  }
});

const HOSTILE = "\u001b[31mred\u001b]0;title\u0007\nsecond line\r\u202ereversed 漢字漢字漢字漢字 \u0000";

function hostileCluster() {
  const server = build.buildServer("read_nodes", "ubuntu3", {
    checkInfo: HOSTILE,
    status: `DOWN ${HOSTILE}`,
    state: "down",
    check: "L7RSP",
  });
  const cluster = build.buildCluster();
  const channels = [
    build.buildChannel("ubuntu1", { sql: "no", lagSeconds: null, sqlError: { code: 1062, message: HOSTILE } }),
  ];
  return {
    ...cluster,
    haproxies: [build.buildHaproxy("lb1", [server])],
    nodes: [
      ...cluster.nodes,
      build.buildNode(`evil\u001b[2J${HOSTILE}`, {
        channels,
        servers: [build.buildLink("lb1", server)],
        reading: build.fresh(build.buildReport({ channels, version: HOSTILE }), HOSTILE),
      }),
    ],
    alerts: [build.buildAlert({ message: HOSTILE, advice: HOSTILE, subject: HOSTILE })],
  };
}

describe("the alert strip", () => {
  const message = `${"HAProxies disagree about everything one can think of ".repeat(3)}END-OF-MESSAGE`;
  const advice = `${"look at one after the other and decide ".repeat(3)}END-OF-ADVICE`;
  const alerts = [
    build.buildAlert({ severity: "critical", message, advice, subject: "first" }),
    ...Array.from({ length: 30 }, (_, index) =>
      build.buildAlert({ subject: `more ${index}`, message: `more-${index}` }),
    ),
  ];
  const rowOf = (console: ConsoleOnScreen, text: string) =>
    console
      .text()
      .split("\n")
      .findIndex((line) => line.includes(text));

  it("takes the blank lines of the pane to tell the worst alert whole, and moves no row for it", async () => {
    const calm = await startWithData({ columns: 80, rows: 24 });
    const place = rowOf(calm, "ubuntu1");
    const console = await startWithData({ columns: 80, rows: 24 }, build.buildCluster({ alerts: alerts.slice(0, 3) }));
    expect(console.text()).toMatch(/END-OF-MESSAGE[\s\S]*END-OF-ADVICE[\s\S]*more-0[\s\S]*more-1/);
    expect(rowOf(console, "ubuntu1")).toBe(place);
    expect(rowOf(console, "more-1")).toBeGreaterThan(place + 3);
  });

  it("stays within its lines however many alerts there are", async () => {
    const console = await startWithData({ columns: 80, rows: 24 }, build.buildCluster({ alerts }));
    expect(console.text()).toMatch(/31 critical/);
    expect(console.text()).toMatch(/CRIT.*HAProxies disagree/);
    expect(rowOf(console, "ubuntu1")).toBeGreaterThan(0);
    expect(rowOf(console, "q quit")).toBe(23);
  });
});

describe("the screen", () => {
  it("stands at once, before there are any data, and says so", async () => {
    const console = start();
    await console.untilShown("connecting...");
    expect(console.text()).toContain("1 [Nodes]");
    expect(console.text()).toContain("Waiting for the first answers");
    expect(console.tty.isAlternate).toBe(true);
    expect(console.keyboard.isRaw).toBe(true);
  });

  it.each([
    [80, 24],
    [140, 40],
    [200, 60],
    [300, 100],
  ])("fills %i x %i exactly, with the essential columns first", async (columns, rows) => {
    const console = await startWithData({ columns, rows });
    const lines = console.tty.lines();
    expect(lines).toHaveLength(rows);
    expect(lines.at(-1)).toContain("? help");
    for (const word of ["NODE", "ROLE", "HAPROXY", "IO/SQL", "RO", "SESS", "LAG"])
      expect(console.text()).toContain(word);
    expect(console.text()).toContain("POSITION".slice(0, columns >= 140 ? 8 : 0));
    expect(lines.find((line) => line.includes("ubuntu2"))).toMatch(/└─|├─/);
  });

  it("shows one joined row per node at 80 x 24", async () => {
    const console = await startWithData();
    const rows = console.tty.lines().slice(2, 7);
    expect(rows.join("\n").replaceAll(/ +$/gm, "")).toMatchInlineSnapshot(`
      "  NODE      !  ROLE     HAPROXY      IO/SQL   RO   AGE   SESS   LAG BEHIND
      ▶ ubuntu1      source   W●UP         –        RW           12     –      –
        ├─ubuntu2    replica  W●UP/bk R●UP Yes/Yes  RO            5    0s      0
        ├─ubuntu3    replica  R●UP         Yes/Yes  RO            6    0s      0
        └─ubuntu4    replica  R●UP         Yes/Yes  RO            4    0s      0"
    `);
  });

  it("follows a resize down to a notice and back up", async () => {
    const console = await startWithData({ columns: 140, rows: 40 });
    console.tty.resize(50, 10);
    await console.untilShown("Terminal too small: 50x10");
    console.tty.resize(80, 24);
    await console.untilShown("ubuntu4");
    expect(console.tty.lines()).toHaveLength(24);
    expect(console.tty.lines().at(-1)).toContain("quit");
  });

  it("lets nothing a server says reach the terminal", async () => {
    const console = await startWithData({ columns: 200, rows: 60 }, hostileCluster());
    await console.untilShown("evil\\e[2J");
    for (const [key, shown] of [
      ["2", "[HAProxy]"],
      ["3", "[Replication]"],
      ["a", "CRITICAL replica-sql-stopped"],
    ] as const) {
      console.type(key);
      await console.untilShown(shown);
      expect(console.tty.lines()).toHaveLength(60);
    }
    console.type("3");
    await console.untilShown("1062 \\e[31mred");
    console.type("G\r");
    await console.untilShown("replication →");
    // Ours are SGR, cursor and mode sequences only: no title, no clear that a server asked for, no bell.
    expect(console.tty.written).not.toContain("\u001b]0;");
    expect(console.tty.written).not.toContain("\u001b[2J");
    expect(console.tty.written).not.toContain("\u0007");
    expect(console.tty.written).not.toContain("\u202e");
    expect(console.tty.written).not.toContain("\u0000");
  });

  it("never lets a wide character push a row beyond the edge", async () => {
    const wide = build.buildCluster({
      nodes: [build.buildNode("数据库服务器一号数据库服务器一号数据库服务器一号"), build.buildNode("zz")],
    });
    const console = await startWithData({}, wide);
    await console.untilShown("数据库");
    const rows = console.tty.lines();
    const roleColumns = rows.filter((line) => line.includes("source")).length;
    expect(roleColumns).toBe(2);
    expect(rows.at(-1)).toContain("quit");
  });

  it("marks stale values and shows no value of a failed endpoint", async () => {
    const cluster = build.buildCluster();
    const [first, second, third, fourth] = cluster.nodes;
    const now = Date.now();
    if (!first || !second || !third || !fourth || second.reading.state !== "fresh" || third.reading.state !== "fresh")
      throw new Error("R1 has four nodes");
    const nodes = [
      first,
      { ...second, reading: build.stale(second.reading.value, "ubuntu2", now - 12_000) },
      {
        ...third,
        reading: build.failed({ kind: "timeout" as const }, { value: third.reading.value, at: now - 90_000 }, now),
      },
      { ...fourth, role: "unknown" as const, reading: { state: "never" as const, from: "ubuntu4" } },
    ];
    const console = await startWithData({}, { ...cluster, nodes });
    const rowOf = (name: string) => console.tty.lines().find((line) => line.includes(name)) ?? "";
    await console.untilShown("~12s");
    expect(rowOf("ubuntu2")).toContain("~Yes/Yes");
    expect(rowOf("ubuntu3")).toContain("✖1m");
    expect(rowOf("ubuntu3")).not.toContain("Yes/Yes");
    expect(rowOf("ubuntu3")).not.toContain("0s");
    expect(
      rowOf("ubuntu4")
        .split(" ")
        .filter((word) => word === "?").length,
    ).toBeGreaterThanOrEqual(5);
  });

  it("scrolls through 1,000 servers and 50 nodes and never draws more than fit", async () => {
    const servers = Array.from({ length: 1_000 }, (_, index) =>
      build.buildServer(`pool_${Math.floor(index / 100)}`, `web${index}`),
    );
    const nodes = Array.from({ length: 50 }, (_, index) => build.buildNode(`db${index + 1}`));
    const console = await startWithData(
      { columns: 140, rows: 40 },
      build.buildCluster({ haproxies: [build.buildHaproxy("lb1", servers)], nodes, writer: null }),
    );
    await console.untilShown("db30");
    console.type("G");
    await console.untilShown("db50");
    console.type("2G");
    await console.untilShown("web999");
    expect(console.tty.lines()).toHaveLength(40);
    console.type("g");
    await console.untilShown("web0 ");
    console.type("/web77");
    await console.untilShown("11/1021");
  });

  it("shows shapes and words in mono as well as in colour, and no colour with colour off", async () => {
    const console = await startWithData({ color: false });
    await console.untilShown("● OK");
    expect(console.tty.written).not.toMatch(/\u001b\[(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]/);
    expect(console.text()).toContain("●UP");
  });

  it("says that the engine has stopped instead of showing old data as new", async () => {
    const console = await startWithData();
    console.engine.emit({ type: "stopped" });
    await console.untilShown("engine stopped");
  });
});
