import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { examineStateDir, findRivalProcesses, findRivalsThere } from "../../../src/doctor/machine.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-machine-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the folder of the journal", () => {
  it("is fine when it is ours alone, and when it can be made", async () => {
    const path = join(dir, "ours");
    mkdirSync(path);
    chmodSync(path, 0o700);
    expect(await examineStateDir(path)).toMatchObject({ problem: null });
    expect(((await examineStateDir(path)).mode ?? 0) & 0o777).toBe(0o700);
    expect(await examineStateDir(join(dir, "a", "b", "c"))).toEqual({
      path: join(dir, "a", "b", "c"),
      mode: null,
      problem: null,
    });
  });

  it("is no folder, or below something that is none", async () => {
    const file = join(dir, "file");
    writeFileSync(file, "");
    expect(await examineStateDir(file)).toMatchObject({ problem: "it is no folder" });
    expect(await examineStateDir(join(file, "below"))).toMatchObject({ problem: "a part of the path is no folder" });
  });
});

describe("programs of another host", () => {
  const bounds = { signal: new AbortController().signal, timeoutMs: 1_000 };
  const answer =
    (stdout: string, pid = 7) =>
    async () => ({ exitCode: 1, stdout, stderr: `cat: /proc/${pid}/comm: No such process` });

  it("are told by their names, each once", async () => {
    const names = "systemd\norchestrator\nkeepalived\nkeepalived\nbash\ncat\n";
    expect(await findRivalsThere(answer(names), bounds)).toEqual(["keepalived", "orchestrator"]);
  });

  it("are not none where the host does not show them", async () => {
    await expect(findRivalsThere(answer(""), bounds)).rejects.toThrow("cannot be seen");
    await expect(findRivalsThere(answer("sh\ncat\n", 1), bounds)).rejects.toThrow("cannot be seen");
  });
});

it("looks for programs that move addresses, and does not take itself for one", async () => {
  expect(await findRivalProcesses()).not.toContain("node");
});
