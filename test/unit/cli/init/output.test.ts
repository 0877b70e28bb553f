import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runInitCommand } from "../../../../src/cli/commands/init.ts";
import { createFakeIo } from "../fake-io.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sbx-init-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const init = (output: string) => {
  const { io } = createFakeIo({ cwd: dir });
  return runInitCommand(io, { color: false, haproxy: [`unix://${dir}/none.sock`], output }, () => {
    throw new Error("looked");
  });
};

it("says before it looks at anything that the folder is not there, and what to do", async () => {
  await expect(init("config/signalbox.yaml")).rejects.toThrow(/no folder .*config": make it first \(mkdir -p\)/);
});

it("says before it looks at anything that the file is there", async () => {
  writeFileSync(join(dir, "signalbox.yaml"), "");
  await expect(init("signalbox.yaml")).rejects.toThrow(/exists and is not overwritten/);
});

it("looks when it can write", async () => {
  await expect(init("signalbox.yaml")).rejects.toThrow("looked");
});
