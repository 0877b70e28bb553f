import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { namedPlace } from "../../../../src/drivers/haproxy-config/place.ts";
import { readHaproxyConfig } from "../../../../src/drivers/haproxy-config/read.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-cfg-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it("reads files only: a pipe nobody writes to and a device without end are not waited for", async () => {
  const pipe = join(dir, "pipe.cfg");
  execFileSync("mkfifo", [pipe]);
  for (const path of [pipe, "/dev/zero"])
    expect(await readHaproxyConfig([path])).toEqual({ found: null, why: `${path} is not a file` });
  const file = join(dir, "haproxy.cfg");
  writeFileSync(file, "listen w\n server a 10.0.0.1:3306\n");
  expect((await readHaproxyConfig([file])).found?.config.proxies[0]?.name).toBe("w");
});

it("reads a pipe that somebody names, as of <(ssh lb1 cat …), and no device", async () => {
  const pipe = join(dir, "named.cfg");
  execFileSync("mkfifo", [pipe]);
  const [result] = await Promise.all([
    readHaproxyConfig([pipe], namedPlace),
    writeFile(pipe, "listen w\n server a 10.0.0.1:3306\n"),
  ]);
  expect(result.found?.config.proxies[0]?.name).toBe("w");
  expect(await readHaproxyConfig(["/dev/zero"], namedPlace)).toMatchObject({ why: "/dev/zero is not a file" });
});
