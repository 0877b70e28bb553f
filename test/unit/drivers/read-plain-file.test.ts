import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readPlainFile } from "../../../src/drivers/read-plain-file.ts";
import { loadCredentials } from "../../../src/drivers/ssh/credentials.ts";
import { readKnownHosts } from "../../../src/drivers/ssh/known-hosts/read.ts";
import { loadSshLibrary } from "../../../src/drivers/ssh/library.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-files-"));
const pipe = join(dir, "pipe");
execFileSync("mkfifo", [pipe]);
afterAll(() => rmSync(dir, { recursive: true }));

it("reads a file, and nothing of /dev/null", async () => {
  const file = join(dir, "file");
  writeFileSync(file, "text");
  expect((await readPlainFile(file)).toString()).toBe("text");
  expect(await readPlainFile("/dev/null")).toHaveLength(0);
  await expect(readPlainFile(join(dir, "none"))).rejects.toMatchObject({ code: "ENOENT" });
});

it("a pipe that nobody writes to keeps nobody waiting, as known_hosts or as a key", async () => {
  await expect(readKnownHosts([pipe])).rejects.toThrow("no regular file");
  const host = {
    hostName: "h",
    port: 22,
    user: "ops",
    identityFiles: [pipe],
    identitiesOnly: true,
    agent: null,
    proxyJump: [],
    hasProxyCommand: false,
    knownHostsFiles: [],
    hostKeyAlias: null,
  };
  const { methods, notes } = await loadCredentials(host, [], await loadSshLibrary());
  expect(methods).toEqual([]);
  expect(notes).toEqual([`${pipe} cannot be read (no regular file)`]);
});
