import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { buildMoveArgv, formatArgv } from "../../../../src/drivers/host/move-argv.ts";
import { type RunCommand, runLocally } from "../../../../src/drivers/host/run-command.ts";
import { createHostWriter } from "../../../../src/drivers/host/writer.ts";
import { buildRemoteCommand } from "../../../../src/drivers/ssh/run-command.ts";
import type { AddressMeans } from "../../../../src/model/floating-move.ts";
import type { AddressChange } from "../../../../src/model/operation.ts";
import type { FailureKind } from "../../../../src/model/reading.ts";

const BOUNDS = { signal: new AbortController().signal, timeoutMs: 5_000 };

const change = (means: AddressMeans): AddressChange => ({
  kind: "move-address",
  host: "lb1",
  address: "10.10.10.1",
  from: "lb1",
  to: "lb2",
  means,
});
const toFile = (file: string, value = -109): AddressChange => change({ by: "keepalived", file, value });
const standby = (sudo: boolean): AddressChange =>
  change({ by: "heartbeat", program: "/usr/share/heartbeat/hb_standby", what: "local", sudo });

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sbx-host-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe("What is run", () => {
  it("is hb_standby with one word, through sudo where root is not at hand", () => {
    expect(formatArgv(buildMoveArgv(standby(false)))).toBe("/usr/share/heartbeat/hb_standby local");
    expect(formatArgv(buildMoveArgv(standby(true)))).toBe("sudo -n -- /usr/share/heartbeat/hb_standby local");
  });

  it.each(["/bin/sh", "hb_standby", "/tmp/hb_standby", ""])(
    "is no other program, also when a journal says so: %j",
    (program) => {
      const means = { by: "heartbeat", program, what: "local", sudo: true } as const;
      expect(() => buildMoveArgv(change(means))).toThrow("no hb_standby");
    },
  );

  it.each(["relative/file", "", "/a\nb", "/a\u0000b"])("is never for a file that nobody can mean: %j", (file) => {
    expect(() => buildMoveArgv(toFile(file))).toThrow(DriverError);
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])("is never for what is no whole number: %s", (value) => {
    expect(() => buildMoveArgv(toFile("/tmp/x", value))).toThrow(DriverError);
  });

  it.each([
    "plain",
    "with space",
    "$(touch pwned)",
    "`touch pwned`",
    "a;touch pwned",
    "'quoted'",
    '"quoted"',
    "-n",
    "$2",
    "*",
  ])("writes the number into a file whatever its name is, and nothing of the name is a command: %j", async (name) => {
    const file = join(dir, name);
    writeFileSync(file, "0\n");
    const argv = buildMoveArgv(toFile(file));
    expect((await runLocally(argv, BOUNDS)).exitCode).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("-109        \n");
    // As the login shell of another host gets it, and as a person would type it.
    for (const line of [buildRemoteCommand(argv), formatArgv(argv)]) {
      writeFileSync(file, "0\n");
      execFileSync("sh", ["-c", line], { cwd: dir });
      expect(readFileSync(file, "utf8")).toBe("-109        \n");
    }
    expect(readdirSync(dir)).toEqual([name]);
  });
});

describe("A number that is written over another one", () => {
  it.each(["-109\n", "-109        \n", "+0000000109\n", "0", ""])("leaves nothing of it: %j", async (before) => {
    const file = join(dir, "file");
    writeFileSync(file, before);
    expect((await runLocally(buildMoveArgv(toFile(file, 0)), BOUNDS)).exitCode).toBe(0);
    expect(readFileSync(file, "utf8").trim()).toBe("0");
  });

  it("takes nothing away where there is no room for it", async () => {
    const file = join(dir, "file");
    writeFileSync(file, "-109\n");
    const withoutRoom = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", ...buildMoveArgv(toFile(file, 0))];
    expect((await runLocally(withoutRoom, BOUNDS)).exitCode).not.toBe(0);
    expect(readFileSync(file, "utf8")).toBe("-109\n");
  });
});

describe("The writer of a host", () => {
  const failing =
    (kind: FailureKind): RunCommand =>
    () =>
      Promise.reject(new DriverError({ kind, target: "lb1", operation: "sh", message: "gone" }));

  it("tells what it ran, or that it was refused, with what to do", async () => {
    const file = join(dir, "file");
    writeFileSync(file, "");
    const writer = createHostWriter("lb1", runLocally);
    expect(await writer.change(toFile(file), BOUNDS)).toMatchObject({ refusal: null });
    const refused = await writer.change(toFile(join(dir, "missing", "file")), BOUNDS);
    expect(refused.refusal).toMatch(/^exit code [12]: /);
    expect(refused.advice).toContain("has to be able to write");
  });

  it("runs nothing but what was confirmed", async () => {
    let runs = 0;
    const writer = createHostWriter("lb1", async () => {
      runs += 1;
      return { exitCode: 0, stdout: "", stderr: "" };
    });
    await expect(writer.change(standby(true), { ...BOUNDS, expectedCommand: "hb_standby all" })).rejects.toMatchObject({
      kind: "rejected",
    });
    expect(runs).toBe(0);
  });

  it.each(["timeout", "unreachable", "protocol", "cancelled"] as const)(
    "does not know the end of what was cut off: %s",
    async (kind) => {
      const change = createHostWriter("lb1", failing(kind)).change(standby(false), BOUNDS);
      await expect(change).rejects.toMatchObject({ kind: "unknown-outcome", message: "gone" });
    },
  );

  it("does not know the end of a program that a signal ended: it may have done its work before", async () => {
    const run: RunCommand = async () => ({ exitCode: null, stdout: "", stderr: "" });
    await expect(createHostWriter("lb1", run).change(standby(true), BOUNDS)).rejects.toMatchObject({
      kind: "unknown-outcome",
      message: expect.stringContaining("by a signal"),
    });
  });

  it.each(["auth", "unsupported"] as const)("knows that nothing was run: %s", async (kind) => {
    await expect(createHostWriter("lb1", failing(kind)).change(standby(false), BOUNDS)).rejects.toMatchObject({ kind });
  });
});
