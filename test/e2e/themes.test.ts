import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt, PROGRAM, type RunningProgram, startProgram } from "../support/program.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-themes-"));
const themes = join(dir, "signalbox/themes");
const config = join(dir, "signalbox/config.yaml");
let program: RunningProgram;

/** @param variables as `NAME=value`; by env(1), for a pseudo-terminal sets TERM itself */
function start(args: readonly string[], ...variables: readonly string[]): void {
  program = startProgram({
    command: ["env", "COLORTERM=", ...variables, process.execPath, PROGRAM],
    args: ["-c", config, ...args],
    columns: 160,
    rows: 40,
    env: { XDG_CONFIG_HOME: dir, SIGNALBOX_STATE_DIR: dir },
  });
}

beforeAll(() => {
  ensureBuilt();
  mkdirSync(themes, { recursive: true });
  writeFileSync(join(themes, "night.yaml"), 'extends: dark\ntokens: {title: "#12ab34", dim: 238}\n');
  writeFileSync(join(themes, "broken.yaml"), "extends: dark\ntokens:\n  okay: 3\n");
  writeFileSync(
    config,
    `theme: night
mysql: {user: ops, password: canary}
clusters:
  - name: shop
    haproxy: [{name: lb1, socket: "unix:///nonexistent/admin.sock"}]
    nodes: [{name: db1, address: "127.0.0.1:1"}]
`,
  );
  chmodSync(config, 0o644);
});
afterEach(async () => {
  program.kill();
  await program.exited;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("themes of the user in the built program", () => {
  it("are drawn in the colours the terminal has, offered in the palette; what is wrong is read inside the console", async () => {
    start([], "COLORTERM=truecolor");
    await program.waitFor(/▲\d config a all with advice/);
    expect(program.raw()).toContain("\u001b[38;2;18;171;52m");
    program.type("a");
    await program.waitFor("Configuration");
    const screen = (await program.waitFor("theme broken cannot be used")).join("\n");
    expect(screen).toContain("chmod o-r");
    expect(screen).toMatch(/night\.yaml:2: dim has a contrast of 1\.\d:1/);
    expect(screen).not.toContain("canary");
    program.type("\u001b");
    await program.waitFor((rows) => !rows.join("\n").includes("Configuration"));
    program.type(":theme night");
    await program.waitFor("theme night");
    program.type("\r");
    await program.waitFor("theme night: 1 token below the contrast that text needs");
  });

  it("become the nearest of 256 colours, of sixteen, and none at all, as the terminal says", async () => {
    for (const [variable, expected, never] of [
      ["TERM=xterm-256color", "\u001b[38;5;28m", "38;2;"],
      ["TERM=xterm", "\u001b[32m", "38;"],
      ["NO_COLOR=1", "\u001b[1m", "38;"],
    ] as const) {
      start([], variable);
      await program.waitFor("[Nodes]");
      expect(program.raw()).toContain(expected);
      expect(program.raw()).not.toContain(never);
      program.type("q");
      await program.exited;
    }
  });

  it("end the program with 78 and the line, or with 64 and the names there are", async () => {
    start(["--theme", "broken"]);
    await program.waitFor(/broken\.yaml:3:3: unknown key "okay" in tokens/);
    expect((await program.exited).exitCode).toBe(78);
    start(["--theme", "nihgt"]);
    await program.waitFor(/mono, broken, night \(did you mean night\?\)/);
    expect((await program.exited).exitCode).toBe(64);
  });
});
