import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab } from "../lab/index.ts";
import { Actor, adminState, openReaders } from "./act-runner.ts";
import { closeTerminalAt } from "./close-terminal.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "a terminal that is closed under a changing command", () => {
  let lab: Lab;
  let actor: Actor;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
    actor = new Actor(lab);
  });
  afterAll(() => lab?.stop());

  const closeAt = (text: string, args: readonly string[]) => closeTerminalAt(lab, actor, text, args);

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
