import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "../../../src/cli/main.ts";
import { createFakeIo, type FakeIoOptions } from "./fake-io.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-cli-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function runWith(argv: readonly string[], options: FakeIoOptions = {}) {
  const fake = createFakeIo({ cwd: dir, ...options });
  const exitCode = await run(argv, fake.io);
  return { exitCode, out: fake.out(), err: fake.err() };
}

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

describe("the command line", () => {
  it.each([[["--version"]], [["-V"]], [["status", "--version"]], [["--no-color", "-V"]]])(
    "%j prints the version",
    async (argv) => {
      expect(await runWith(argv)).toEqual({ exitCode: 0, out: `${version}\n`, err: "" });
    },
  );

  it.each([[["--help"]], [["-h"]], [["status", "-h"]]])("%j prints help to stdout", async (argv) => {
    const { exitCode, out, err } = await runWith(argv);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    for (const option of [
      "--config",
      "--cluster",
      "--haproxy",
      "--mysql",
      "--read-only",
      "--theme",
      "--interval",
      "--log",
      "--no-color",
    ]) {
      expect(out).toContain(option);
    }
  });

  it.each([
    [["statsu"], 'signalbox: unknown command "statsu"; did you mean status?\n'],
    [["zzz"], 'signalbox: unknown command "zzz"; signalbox --help lists the commands\n'],
    [["a\u001b[2Jb"], 'signalbox: unknown command "a\\u001b[2Jb"; signalbox --help lists the commands\n'],
    [["--intervall", "1s"], "signalbox: unknown option '--intervall' (Did you mean --interval?)\n"],
    [["status", "--config"], "signalbox: option '-c, --config <file>' argument missing\n"],
    [["status", "x"], "signalbox: too many arguments for 'status'. Expected 0 arguments but got 1.\n"],
    [
      ["status", "--interval", "1"],
      'signalbox: --interval "1" has no unit; write 1s or 1ms; from 250ms to 1m is allowed\n',
    ],
  ])("%j is one line on stderr and exit code 64", async (argv, err) => {
    expect(await runWith(argv)).toEqual({ exitCode: 64, out: "", err });
  });

  it.each([
    ["", "the console"],
    ["console", "the console"],
    ["watch", "watch"],
    ["demo", "the demo"],
  ])("%j needs a terminal on both sides", async (command, what) => {
    const argv = command === "" ? [] : [command];
    const hint = 'none; "signalbox status" works anywhere\n';
    const both = await runWith(argv);
    expect(both).toEqual({
      exitCode: 64,
      out: "",
      err: `signalbox: ${what} needs a terminal, and standard input and standard output are ${hint}`,
    });
    const output = await runWith(argv, { stdinIsTty: true });
    expect(output.err).toBe(`signalbox: ${what} needs a terminal, and standard output is ${hint}`);
    const input = await runWith(argv, { stdoutIsTty: true });
    expect(input.err).toBe(`signalbox: ${what} needs a terminal, and standard input is ${hint}`);
  });

  it("demo takes no endpoints of others", async () => {
    const { exitCode, err } = await runWith(["demo", "-c", "x.yaml"], { stdinIsTty: true, stdoutIsTty: true });
    expect({ exitCode, err }).toEqual({ exitCode: 64, err: expect.stringContaining("demo has a cluster of its own") });
  });
});

describe("a configuration that is wrong", () => {
  it("is told problem by problem, exit code 78", async () => {
    const file = join(dir, "bad.yaml");
    writeFileSync(file, "intervall: 1s\nclusters:\n  - name: shop\n    haproxy: [{name: lb1, socket: lb1}]\n");
    expect(await runWith(["status", "-c", "bad.yaml"])).toEqual({
      exitCode: 78,
      out: "",
      err: [
        `${file}:1:1: unknown key "intervall" (did you mean "interval"?); allowed: interval, theme, mouse, read_only, mysql, clusters, ssh\n`,
        `${file}:4:35: clusters[0].haproxy[0].socket is not a URL; write unix:///path, tcp://host:port, ssh://user@host/path or http://host:port/path\n`,
      ].join(""),
    });
  });

  it("shows ten problems and counts the rest", async () => {
    writeFileSync(join(dir, "many.yaml"), Array.from({ length: 13 }, (_, index) => `nope${index}: 1\n`).join(""));
    const { exitCode, err } = await runWith(["-c", "many.yaml", "status"]);
    expect(exitCode).toBe(78);
    const lines = err.trim().split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[10]).toBe("signalbox: 3 more problems in the same configuration");
  });

  it("a missing one is told with where it was looked for", async () => {
    const { exitCode, err } = await runWith(["status"]);
    expect(exitCode).toBe(78);
    expect(err).toContain(
      `${dir}/signalbox.yaml, /nonexistent/.config/signalbox/config.yaml, /etc/signalbox/config.yaml`,
    );
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("a cluster nobody knows is a usage error that names the known ones", async () => {
    const file = join(dir, "two.yaml");
    writeFileSync(
      file,
      "clusters:\n  - {name: shop, haproxy: [{name: a, socket: /a}]}\n  - {name: blog, haproxy: [{name: a, socket: /a}]}\n",
    );
    expect(await runWith(["status", "-c", file, "--cluster", "bolg"])).toEqual({
      exitCode: 64,
      out: "",
      err: `signalbox: no cluster is called "bolg" (did you mean blog?); ${file} has shop, blog\n`,
    });
  });

  it("options stand before or after the command", async () => {
    const before = await runWith(["-c", "none.yaml", "--no-color", "status"]);
    const after = await runWith(["status", "--no-color", "--config", "none.yaml"]);
    expect(before).toEqual({ exitCode: 78, out: "", err: `${dir}/none.yaml: no such file; --config names it\n` });
    expect(after).toEqual(before);
  });
});
