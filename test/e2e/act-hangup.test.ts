import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { ensureBuilt, PROGRAM } from "../support/program.ts";
import { Actor, adminState, openReaders } from "./act-runner.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "a terminal that is closed under a changing command", () => {
  let lab: Lab;
  let actor: Actor;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
    actor = new Actor(lab);
    ensureBuilt();
  });
  afterAll(() => lab?.stop());

  /** Runs on a terminal of its own, closes that when the text is seen, and tells the exit code, which a shell that does not mind keeps. */
  async function closeAt(text: string, args: readonly string[]): Promise<number> {
    const file = join(lab.dir, `code-${text.length}`);
    const line = `trap "" HUP; "$0" "$@"; echo $? > ${file}`;
    const terminal = spawn("sh", ["-c", line, process.execPath, PROGRAM, ...args, "-c", lab.configPath], {
      cols: 120,
      rows: 40,
      env: { PATH: process.env.PATH, HOME: "/nonexistent", SIGNALBOX_STATE_DIR: actor.stateDir },
    });
    let out = "";
    terminal.onData((data) => {
      out += data;
    });
    await waitFor(`${text} on the terminal`, () => out.includes(text));
    // Not in the type; closes our side, which is what a lost SSH session does.
    (terminal as unknown as { destroy(): void }).destroy();
    await waitFor("the exit code", () => existsSync(file) && readFileSync(file, "utf8") !== "");
    return Number(readFileSync(file, "utf8"));
  }

  it("at the question: nothing was changed, exit code 130", async () => {
    expect(await closeAt("Run it?", ["drain", "read_nodes/db2"])).toBe(130);
    expect(await adminState(lab, "lb1", "read_nodes/db2")).toBe("ready");
  });

  it("while a drain waits: it stays drained, the journal tells it, exit code 130", async () => {
    const readers = await openReaders(lab, "lb1", 3);
    try {
      expect(await closeAt("draining: 1 session", ["drain", "read_nodes/db2", "--wait", "--yes"])).toBe(130);
      expect(await adminState(lab, "lb1", "read_nodes/db2")).toBe("drain");
      const { out } = await actor.run(["operations"]);
      expect(out).toContain("Stopped waiting; everything stays drained, 1 session is left.");
      expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
    } finally {
      for (const reader of readers) reader.destroy();
    }
  });
});
