import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { askSystem, parseGetent } from "../../../../src/drivers/name-lookup/getent.ts";

it("reads each address once, in the system's order, and nothing else", () => {
  const text = [
    "2001:db8::7     STREAM db1.example",
    "2001:db8::7     DGRAM  ",
    "10.0.0.7        STREAM ",
    "10.0.0.7        RAW    ",
    "warning: nonsense",
    "",
  ].join("\n");
  expect(parseGetent(text)).toEqual([
    { address: "2001:db8::7", family: 6 },
    { address: "10.0.0.7", family: 4 },
  ]);
});

it("knows the names of this machine", async () => {
  expect(await askSystem("localhost")).toContainEqual({ address: "127.0.0.1", family: 4 });
});

it("says of a name that does not exist what Node says", async () => {
  await expect(askSystem("nobody.invalid", "false")).rejects.toMatchObject({
    code: "ENOTFOUND",
    hostname: "nobody.invalid",
  });
});

it("asks through Node where there is no getent", async () => {
  expect(await askSystem("localhost", "/nonexistent/getent")).toContainEqual({ address: "127.0.0.1", family: 4 });
});

it("takes no name for an option", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sbx-getent-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const program = join(dir, "getent");
  writeFileSync(program, "#!/bin/sh\necho 10.0.0.1 STREAM\n");
  chmodSync(program, 0o755);
  expect(await askSystem("db1", program)).toEqual([{ address: "10.0.0.1", family: 4 }]);
  await expect(askSystem("--service=evil", program)).rejects.toMatchObject({ code: "ENOTFOUND" });
});
