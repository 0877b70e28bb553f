import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { describeEngine } from "./describe-engine.ts";
import { waitFor } from "./index.ts";
import { isRunning } from "./probe.ts";

const run = promisify(execFile);
const tsx = fileURLToPath(new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url));
const main = fileURLToPath(new URL("cli/main.ts", import.meta.url));

describeEngine(["mariadb-10.11", "haproxy-2.6"], "the lab's command line and the end of its owner", () => {
  const dir = mkdtempSync(join(tmpdir(), "sbx-cli-"));
  const lab = async (...words: string[]): Promise<string> =>
    (await run(process.execPath, [tsx, main, ...words, "--dir", dir])).stdout;
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it("starts in the background, runs faults and SQL, and ends everything", async () => {
    const shown = await lab("up", "--topology", "r3", "--traffic");
    expect(shown).toContain(`signalbox -c ${dir}/signalbox.yaml`);
    expect(await lab("fault", "stop-applier", "db2")).toContain("done");
    const status = await lab("status");
    expect(status).toMatch(/^db2 .* io Yes {2}sql No$/m);
    expect(status).toMatch(/^traffic {2}\d+ rows/m);
    expect(JSON.parse(await lab("sql", "db1", "SELECT @@server_id AS id"))).toEqual([{ id: 1 }]);
    expect(await lab("haproxy", "lb1", "show info")).toContain("Name: HAProxy");
    await expect(lab("fault", "nonsense", "db1")).rejects.toMatchObject({
      stderr: expect.stringContaining("no fault nonsense"),
    });
    const pids = [...status.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
    expect(pids).toHaveLength(3);
    await lab("down");
    expect(pids.map(isRunning)).toEqual([false, false, false]);
    await expect(lab("status")).rejects.toMatchObject({ stderr: expect.stringContaining("no lab runs") });
  });

  it("takes every server along when its process is killed with SIGKILL", async () => {
    const script = `
      import { startLab } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
      const lab = await startLab({ topology: "single", dir: ${JSON.stringify(join(dir, "k"))} });
      console.log(JSON.stringify([lab.node("db1").pid, lab.haproxy().pid, lab.haproxy().masterPid]));
      setInterval(() => undefined, 1000);`;
    const owner = spawn(
      process.execPath,
      [
        "--import",
        new URL("../../node_modules/tsx/dist/esm/index.mjs", import.meta.url).href,
        "--input-type=module",
        "-e",
        script,
      ],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const line = await new Promise<string>((resolve) =>
      owner.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())),
    );
    const pids = JSON.parse(line) as number[];
    expect(pids.map(isRunning)).toEqual([true, true, true]);
    owner.kill("SIGKILL");
    await waitFor("the servers to follow their owner", () => pids.every((pid) => !isRunning(pid)));
  });
});
