import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createConfigReader } from "../../../../src/cli/doctor/haproxy-files.ts";
import { buildR1 } from "../../../support/model-builders.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-named-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it("reads a file that is named for several HAProxies once: a pipe has nothing left for a second time", async () => {
  const pipe = join(dir, "haproxy.cfg");
  execFileSync("mkfifo", [pipe]);
  const read = createConfigReader(["haproxy.cfg"], dir, () => Promise.reject(new Error("not asked")));
  const [haproxy] = buildR1().settings.haproxies;
  if (haproxy === undefined) throw new Error("no HAProxy");
  const bounds = { signal: new AbortController().signal, timeoutMs: 1_000 };
  const [first, second] = await Promise.all([
    read(haproxy, null, 0, bounds),
    read(haproxy, null, 1, bounds),
    writeFile(pipe, "listen w\n server a 10.0.0.1:3306\n"),
  ]);
  expect(first.found?.config.proxies[0]?.name).toBe("w");
  expect(second).toBe(first);
});
