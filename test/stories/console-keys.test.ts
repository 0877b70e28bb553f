import { afterEach, describe, expect, it } from "vitest";
import { type ConsoleOnScreen, type ScreenOptions, startConsole } from "../support/screen.ts";
import * as build from "../support/snapshots.ts";

const ESC = "\u001b";
const running: ConsoleOnScreen[] = [];

async function start(options: ScreenOptions = {}, clusters = [build.buildCluster()]): Promise<ConsoleOnScreen> {
  const console = startConsole(options);
  running.push(console);
  console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now(), clusters }) });
  await console.untilShown("signalbox  shop");
  return console;
}

const selectedRow = (console: ConsoleOnScreen) => console.tty.lines().find((line) => line.startsWith("▶")) ?? "";

afterEach(async () => {
  for (const console of running.splice(0)) {
    console.tty.unblock();
    console.type("\u0003");
    await console.exit;
  }
});

describe("moving and looking", () => {
  it("1 to 6, Tab and Shift-Tab go through the panes", async () => {
    const console = await start();
    for (const [key, title] of [
      ["2", "[HAProxy]"],
      ["3", "[Replication]"],
      ["4", "[Timeline]"],
      ["5", "[Operations]"],
      ["6", "[Sessions]"],
      ["\t", "[Nodes]"],
      [`${ESC}[Z`, "[Sessions]"],
    ] as const) {
      console.type(key);
      await console.untilShown(title);
    }
    console.type("5");
    await console.untilShown("Reading the journal...");
    console.engine.emit({ type: "operations", cluster: "shop", entries: [] });
    await console.untilShown("No operations yet");
  });

  it("j and G move the selection, which stays on its node when the order changes", async () => {
    const console = await start();
    console.type("jj");
    await console.until(() => selectedRow(console).includes("ubuntu3"), "ubuntu3 selected");
    const cluster = build.buildCluster();
    console.engine.emit({
      type: "snapshot",
      snapshot: build.buildSnapshot({
        at: Date.now(),
        clusters: [{ ...cluster, nodes: cluster.nodes.filter((node) => node.name !== "ubuntu2") }],
      }),
    });
    await console.untilGone("ubuntu2");
    expect(selectedRow(console)).toContain("ubuntu3");
    console.type("G");
    await console.until(() => selectedRow(console).includes("ubuntu4"), "the last row selected");
  });

  it("Enter opens everything known about a node, Esc goes back", async () => {
    const console = await start({ rows: 80, columns: 120 });
    console.type("j\r");
    await console.untilShown("nodes → ubuntu2");
    for (const text of ["last good answer", "In HAProxy", "linked by address", "GTID executed", "applier backlog"])
      expect(console.text()).toContain(text);
    console.type(ESC);
    await console.untilGone("nodes → ubuntu2");
  });

  it("/ filters while typing; Enter keeps it, Esc clears it", async () => {
    const console = await start();
    console.type("/ubuntu3");
    await console.untilGone("ubuntu4");
    expect(console.text()).toContain("/ubuntu3");
    console.type("\r");
    await console.untilShown("1/4");
    console.type(ESC);
    await console.untilShown("ubuntu4");
  });

  it("says so when no row matches", async () => {
    const console = await start();
    console.type("/nothing here\r");
    await console.untilShown('No row matches "nothing here"');
  });

  it("o sorts by the next column and O turns it; tree lines go because they would lie", async () => {
    const console = await start();
    console.type("o");
    await console.untilShown("sort: node, ascending");
    await console.untilGone("├─");
    console.type("O");
    await console.untilShown("sort: node, descending");
    const names = console.tty.lines().flatMap((line) => /ubuntu\d/.exec(line)?.[0] ?? []);
    expect(names.slice(0, 4)).toEqual(["ubuntu4", "ubuntu3", "ubuntu2", "ubuntu1"]);
  });

  it("] and [ change the cluster, and the health of the others is always in sight", async () => {
    const console = await start({}, [
      build.buildCluster(),
      build.buildCluster({ name: "billing", health: "critical" }),
    ]);
    await console.untilShown("✖billing");
    console.type("]");
    await console.untilShown("signalbox  billing ✖ CRITICAL");
    console.type("[");
    await console.untilShown("signalbox  shop ● OK");
  });

  it("f freezes the picture while polling goes on", async () => {
    const console = await start();
    console.type("f");
    await console.untilShown("FROZEN");
    const cluster = build.buildCluster({ health: "critical" });
    console.engine.emit({
      type: "snapshot",
      snapshot: build.buildSnapshot({
        at: Date.now(),
        clusters: [cluster],
        changes: [
          {
            at: Date.now(),
            cluster: "shop",
            kind: "node",
            severity: "critical",
            subject: "ubuntu1",
            before: "up",
            after: "dead",
          },
        ],
      }),
    });
    console.type("j");
    await console.until(() => selectedRow(console).includes("ubuntu2"), "ubuntu2 selected");
    expect(console.text()).toContain("● OK");
    console.type("f");
    await console.untilShown("✖ CRITICAL");
    console.type("4");
    await console.untilShown("up → dead");
  });

  it("a lists all alerts with their advice", async () => {
    const console = await start({}, [build.buildCluster({ alerts: [build.buildAlert()], health: "critical" })]);
    await console.untilShown("✖1 critical");
    console.type("a");
    await console.untilShown("✖ CRITICAL replica-sql-stopped");
    expect(console.text()).toContain("Look at the row on both sides");
  });

  it("? lists the keys of the pane and searches them", async () => {
    const console = await start();
    console.type("?");
    await console.untilShown("keys type to search");
    console.type("clipboard");
    await console.untilShown("copy the row");
    await console.untilGone("page down");
  });

  it("c copies the row through the terminal", async () => {
    const console = await start();
    console.type("c");
    await console.untilShown("copied");
    const copied = console.tty.written.split("\u001b]52;c;")[1]?.split("\u0007")[0] ?? "";
    expect(Buffer.from(copied, "base64").toString("utf8")).toMatch(/^ubuntu1\t/);
  });

  it("Ctrl-R asks the engine for fresh data", async () => {
    const console = await start();
    console.type("\u0012");
    await console.untilShown("refreshing");
    expect(console.engine.requests).toContainEqual({ type: "refresh" });
  });

  it("the processlist of the selected node is asked for only while its pane is open", async () => {
    const console = await start();
    console.type("j6");
    await console.untilShown("Asking ubuntu2 for its sessions");
    expect(console.engine.requests).toEqual([{ type: "watch-sessions", cluster: "shop", node: "ubuntu2" }]);
    const session = {
      id: 42,
      user: "shop",
      host: "10.0.0.9:5",
      database: "shop",
      command: "Query",
      seconds: 3,
      state: "Sending data",
      query: "SELECT 1\n/* \u001b[5m */",
      system: false,
    };
    console.engine.emit({
      type: "sessions",
      report: { cluster: "shop", node: "ubuntu2", reading: build.fresh([session], "ubuntu2", Date.now()) },
    });
    await console.untilShown("SELECT 1\\n");
    console.type("1");
    await console.untilShown("[Nodes]");
    expect(console.engine.requests.at(-1)).toEqual({ type: "watch-sessions", cluster: "shop", node: null });
  });
});

describe("the palette", () => {
  it("finds an action by the words of the server: stop slave", async () => {
    const console = await start();
    console.type(":stop slave");
    await console.untilShown("▶ stop replication");
    console.type("\r");
    await console.untilShown("replication: replication of ubuntu1: it follows nobody");
  });

  it("completes with Tab and runs with Enter", async () => {
    const console = await start();
    console.type(":theme li");
    await console.untilShown("theme light");
    console.type("\t");
    await console.untilShown(":theme light");
    console.type("\r");
    await console.untilShown("theme light");
    await console.untilGone("commands");
  });

  it("names every action, also those of other panes", async () => {
    const console = await start();
    console.type("4:promote");
    await console.untilShown("works in panes 1 2 3");
  });
});

describe("action keys", () => {
  it.each([
    ["P", "promote (planned)"],
    ["R", "rejoin as a replica"],
  ])("%s takes one node, and says so when more are marked", async (key, title) => {
    const console = await start();
    console.type("  ");
    console.type(key);
    await console.untilShown(`${title}: 2 nodes are marked: one at a time (Esc clears the marks)`);
    expect(console.engine.requests.filter(({ type }) => type === "plan")).toEqual([]);
  });

  it("a lower-case twin only says which key acts", async () => {
    const console = await start();
    console.type("p");
    await console.untilShown('p does nothing; P is "promote (planned)"');
  });

  it("read-only mode binds none of them and says READ-ONLY", async () => {
    const console = await start({ readOnly: true });
    await console.untilShown("READ-ONLY");
    const before = console.text();
    console.type("DMEWXSPURdmewxspur");
    console.type("j");
    await console.until(() => selectedRow(console).includes("ubuntu2"), "ubuntu2 selected");
    expect(console.engine.requests.filter(({ type }) => type === "plan")).toEqual([]);
    expect(before).not.toContain("drain");
    console.type(":drain");
    await console.until((text) => text.includes(":drain"), "the palette");
    expect(console.text()).not.toMatch(/▶ drain/);
  });

  it("a paste never acts: outside of a text field it is ignored, inside it is text", async () => {
    const console = await start();
    console.type(`${ESC}[200~q4D\r${ESC}[201~`);
    await console.untilShown("pasted text is ignored here");
    expect(console.text()).toContain("[Nodes]");
    console.type(`/${ESC}[200~ubuntu3\n${ESC}[201~`);
    await console.untilGone("ubuntu4");
  });
});
