import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runWatchCommand, type WatchOptions } from "../../../src/cli/commands/watch.ts";
import { run } from "../../../src/cli/main.ts";
import { openOperations } from "../../../src/engine/operations.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { createFakeEngine } from "../../support/fake-engine.ts";
import { createFakeIo } from "./fake-io.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-watch-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeConfig(name: string, mysql: string, more = ""): string {
  const file = join(dir, name);
  const cluster = "{name: shop, haproxy: [{name: lb1, socket: unix:///nowhere.sock}]}";
  writeFileSync(file, `${more}mysql: ${mysql}\nclusters: [${cluster}]\n`, { mode: 0o600 });
  return file;
}

async function runWith(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const fake = createFakeIo({ cwd: dir, stdinIsTty: true, stdoutIsTty: true, env });
  const exitCode = await run(["watch", ...argv], fake.io);
  return { exitCode, out: fake.out(), err: fake.err() };
}

describe("signalbox watch", () => {
  it.each([
    [["--rotate", "20"], '--rotate "20" has no unit; write 20s or 20ms; from 2s to 1h is allowed'],
    [["--rotate", "1s"], '--rotate "1s" is too short; from 2s to 1h is allowed'],
    [["--notify", "smoke"], /--notify.*smoke.*osc9, osc777/],
    [["shop"], /too many arguments for 'watch'/],
    [["--metrics", "nowhere"], /--metrics "nowhere"/],
  ] as const)("%j is one line and exit code 64", async (argv, err) => {
    const config = writeConfig("plain.yaml", "{user: ops, password: x}");
    const answer = await runWith(["-c", config, ...argv]);
    expect(answer).toMatchObject({ exitCode: 64, out: "" });
    expect(answer.err.trimEnd()).toMatch(err);
    expect(answer.err.trimEnd().split("\n")).toHaveLength(1);
  });

  it("refuses an address for metrics that is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const config = writeConfig("plain.yaml", "{user: ops, password: x}");
    const { exitCode, err } = await runWith(["-c", config, "--metrics", `127.0.0.1:${port}`]);
    await new Promise((resolve) => server.close(resolve));
    expect({ exitCode, err }).toEqual({ exitCode: 64, err: expect.stringContaining("the port is in use") });
  });

  it("asks for no password, at the start either: it says what to use instead", async () => {
    const config = writeConfig("asking.yaml", "{user: ops, password_prompt: true}");
    const { exitCode, out, err } = await runWith(["-c", config]);
    expect({ exitCode, out }).toEqual({ exitCode: 78, out: "" });
    expect(err).toContain("watch never asks");
    expect(err).toContain("password_env, password_command or password_file");
  });

  it("is read-only whatever the configuration says: its engine can open no operations", async () => {
    const config = writeConfig("writable.yaml", "{user: ops, password: x}", "read_only: false\n");
    const fake = createFakeIo({ cwd: dir, stdinIsTty: true, stdoutIsTty: true });
    const asked: Settings[] = [];
    const enough = new Error("enough");
    const open = (settings: Settings) => {
      asked.push(settings);
      throw enough;
    };
    const options: WatchOptions = { config, color: false };
    await expect(runWatchCommand(fake.io, options, open)).rejects.toBe(enough);
    const [settings] = asked;
    expect(settings?.readOnly).toBe(true);
    expect(openOperations(settings as Settings)).toBeNull();
  });

  it("keeps passwords of the environment from what it starts, and ends with Ctrl-C", async () => {
    const config = writeConfig("env.yaml", "{user: ops, password_env: WATCH_CANARY}");
    const fake = createFakeIo({ cwd: dir, stdinIsTty: true, stdoutIsTty: true, env: { WATCH_CANARY: "secret" } });
    const engine = createFakeEngine();
    const ended = runWatchCommand(fake.io, { config, color: false, bell: true }, () => engine);
    // Keys that come before anybody reads them are lost here.
    const typing = setInterval(() => fake.type("\u0003"), 20);
    expect(await ended).toBe(0);
    clearInterval(typing);
    expect(fake.io.env.WATCH_CANARY).toBeUndefined();
    expect(engine.stopped).toBe(true);
    expect(engine.requests).toEqual([]);
    expect(fake.out()).toContain("\u001b[?1049l");
  });
});
