import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { openOperations } from "../../src/engine/operations.ts";
import type { CommandRequest } from "../../src/model/operation.ts";
import type { Operations } from "../../src/operations/operations.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab } from "../lab/index.ts";
import { buildRequest } from "../unit/operations/support/requests.ts";
import { settingsOf } from "./support/lab-settings.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "operations over R1 on real servers", () => {
  let lab: Lab;
  let stateDir: string;
  let operations: Operations;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
  });
  afterAll(() => lab.stop());
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), "sbx-ops-"));
    const opened = openOperations(settingsOf(lab), { env: { SIGNALBOX_STATE_DIR: stateDir } });
    if (opened === null) throw new Error("operations are missing although not read-only");
    operations = opened;
  });
  afterEach(async () => {
    await operations.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const statusOf = async (server: string, haproxy = "lb1") => {
    const [backend, name] = server.split("/");
    const stat = await lab.haproxy(haproxy).command("show stat -1 4 -1");
    return stat
      .split("\n")
      .map((line) => line.split(","))
      .find((fields) => fields[0] === backend && fields[1] === name)?.[17];
  };
  const run = async (request: Partial<CommandRequest> & Pick<CommandRequest, "command">) =>
    operations.run(await operations.plan(buildRequest(request)));

  it("drains a server, keeps it in the journal, and undo brings it back", async () => {
    const drained = await run({ command: "drain", targets: ["read_nodes/db2"] });
    expect(drained.summary).toContain("done and verified");
    expect(await statusOf("read_nodes/db2")).toBe("DRAIN");
    const undone = await run({ command: "undo", operationId: drained.id });
    expect(undone.state).toBe("done");
    expect(await statusOf("read_nodes/db2")).toBe("UP");
    expect((await operations.journal.show(drained.id))?.undoneBy).toBe(undone.id);
  });
});
