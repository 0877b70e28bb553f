import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab } from "../lab/index.ts";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

const DEADLINE_MS = 10_000;

describeEngine(["mariadb-10.11", "haproxy-2.6"], "acting from the console on a real R1", () => {
  let lab: Lab;
  let program: RunningProgram;
  let stateDir: string;

  /** Status word of a server as `show stat` has it. */
  async function statusOf(backend: string, server: string): Promise<string> {
    const rows = (await lab.haproxy().command("show stat")).split("\n").map((line) => line.split(","));
    const column = rows[0]?.indexOf("status") ?? -1;
    return rows.find(([proxy, name]) => proxy === backend && name === server)?.[column] ?? "?";
  }

  async function untilStatus(backend: string, server: string, wanted: RegExp): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const status = await statusOf(backend, server);
      if (wanted.test(status)) return;
      if (Date.now() > deadline)
        throw new Error(`${backend}/${server} is ${status}, never ${wanted}\n${program.screen().join("\n")}`);
    }
  }

  function start(...args: string[]): RunningProgram {
    return startProgram({
      args: ["-c", lab.configPath, ...args],
      columns: 80,
      rows: 24,
      env: { SIGNALBOX_STATE_DIR: stateDir },
    });
  }

  /** In the HAProxy pane, on the row of read_nodes/db2. */
  async function goToServer(): Promise<void> {
    await program.waitFor("no alerts");
    program.type("2");
    await program.waitFor("[HAProxy]");
    program.type("/read_nodes/db2\r");
    await program.waitFor((screen) => screen.some((line) => /^▶.*\bdb2\b/.test(line)));
  }

  /** Esc, and the panel is gone: a key right behind the Esc would be taken for Alt with that key. */
  async function leave(): Promise<void> {
    program.type("\u001b");
    await program.waitFor((screen) => !/^(plan|operation) /.test(screen[2] ?? ""));
  }

  beforeAll(async () => {
    ensureBuilt();
    lab = await startLab({ topology: "r1" });
  });
  afterAll(() => lab?.stop());

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), "sb-act-"));
    program = start();
  });
  afterEach(async () => {
    program.kill();
    await program.exited;
    for (const server of ["db2", "db4"]) {
      await lab.haproxy().command(`set server read_nodes/${server} state ready`);
      await untilStatus("read_nodes", server, /^UP/);
    }
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("drains a server with D and y, puts it back with E and y, and takes that back with U and its name", async () => {
    await goToServer();
    program.type("D");
    await program.waitFor("set server read_nodes/db2 state drain");
    await program.waitFor("y runs it");
    expect(await statusOf("read_nodes", "db2")).toMatch(/^UP/);
    program.type("y");
    await untilStatus("read_nodes", "db2", /^DRAIN/);
    await program.waitFor("DONE");
    await program.waitFor("no session is left");
    await leave();
    await program.waitFor((screen) => screen.some((line) => /^▶.*DRAIN/.test(line)));
    program.type("E");
    await program.waitFor("y runs it");
    program.type("y");
    await untilStatus("read_nodes", "db2", /^UP/);
    await program.waitFor("DONE");
    await leave();
    program.type("U");
    await program.waitFor(/Type db2 and press Enter/);
    program.type("db2");
    await program.waitFor("> db2", 3_000);
    expect(await statusOf("read_nodes", "db2")).toMatch(/^UP/);
    program.type("\r");
    await untilStatus("read_nodes", "db2", /^DRAIN/);
    await program.waitFor("DONE");
    await leave();
    program.type("5");
    await program.waitFor("[Operations]");
    await program.waitFor(/TAKEN BACK +Enable read_nodes\/db2/);
    program.type("G\r");
    await program.waitFor("set server read_nodes/db2 state drain");
  });

  it("a y that was typed ahead, or is held down, does not confirm; one pressed after reading does", async () => {
    await goToServer();
    program.type("Dyyyyyy");
    await program.waitFor("y runs it");
    for (let presses = 0; presses < 20; presses++) {
      program.type("y");
      await new Promise((resolve) => setTimeout(resolve, 35));
    }
    await program.waitFor(/held down does not confirm/);
    expect(await statusOf("read_nodes", "db2")).toMatch(/^UP/);
    program.type("j");
    program.type("\u001b[200~y\u001b[201~");
    await program.waitFor(/paste never confirms/);
    expect(await statusOf("read_nodes", "db2")).toMatch(/^UP/);
    program.type("y");
    await untilStatus("read_nodes", "db2", /^DRAIN/);
  });

  it("refuses to drain the writer whose backup is read-only, and offers nothing to confirm", async () => {
    await program.waitFor("no alerts");
    program.type("D");
    await program.waitFor("nothing can be confirmed here");
    await program.waitFor("BLOCKED");
    program.type("y\r");
    await program.waitFor(/guards refuse this/);
    expect(await statusOf("write_nodes", "db1")).toMatch(/^UP/);
  });

  it("stops and starts replication with S, by how it is", async () => {
    await program.waitFor("no alerts");
    program.type("/db4\r");
    await program.waitFor((screen) => screen.some((line) => /^▶.*db4/.test(line)));
    // Readers would go on reading what grows old: a guard says so until it is out of the reader backend.
    program.type("M");
    await program.waitFor("y runs it");
    program.type("y");
    await program.waitFor("DONE");
    await leave();
    program.type("S");
    await program.waitFor(/STOP (SLAVE|REPLICA)/);
    await program.waitFor("y runs it");
    program.type("y");
    await program.waitFor("DONE");
    await leave();
    await program.waitFor((screen) => screen.some((line) => /^▶.*db4.*No\/No/.test(line)));
    program.type("S");
    await program.waitFor(/START (SLAVE|REPLICA)/);
    await program.waitFor("y runs it");
    program.type("y");
    await program.waitFor("DONE");
    await leave();
    await program.waitFor((screen) => screen.some((line) => /^▶.*db4.*Yes\/Yes/.test(line)));
  });

  it("binds nothing in read-only mode", async () => {
    program.kill();
    await program.exited;
    program = start("--read-only");
    await program.waitFor("READ-ONLY");
    await program.waitFor("no alerts");
    for (const key of ["D", "y", "U", "S"]) program.type(key);
    program.type(":drain");
    await program.waitFor(
      (screen) => screen.some((line) => /draw the screen/.test(line)) && !screen.some((line) => /^.. drain/.test(line)),
    );
    program.type("\u001b");
    await program.waitFor((screen) => !/^commands/.test(screen[2] ?? ""));
    program.type("j");
    await program.waitFor((screen) => screen.some((line) => /^▶.*db2/.test(line)));
    expect(program.screen().join("\n")).not.toMatch(/plan|runs it/);
    expect(await statusOf("read_nodes", "db2")).toMatch(/^UP/);
  });
});
