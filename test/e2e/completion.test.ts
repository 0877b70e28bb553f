/** The scripts in the shells themselves: what Tab offers, with the program run from its sources. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCRIPTS } from "../../src/cli/completion/script.ts";
import { ROOT, startProgram } from "../support/program.ts";

const CONFIG = `clusters:
  - name: shop
    haproxy: [{name: lb1, socket: "unix:///nonexistent/lb1.sock"}]
    mysql: {password_command: "touch ran-a-program"}
    nodes:
      - {name: db1, address: "127.0.0.1:1", servers: [write_nodes/one]}
      - {name: db2, address: "127.0.0.1:2"}
    writer: write_nodes
    readers: [read_nodes]
  - name: stock
    nodes: [{name: st1, address: "127.0.0.1:3"}]
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "signalbox-completion-"));
  writeFileSync(join(folder, "shop.yaml"), CONFIG);
  const program = join(folder, "signalbox");
  writeFileSync(
    program,
    `#!/bin/sh\nexec "${process.execPath}" --import "file://${ROOT}/node_modules/tsx/dist/esm/index.mjs" "${ROOT}/src/cli/entry.ts" "$@"\n`,
  );
  chmodSync(program, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = () => ({ PATH: `${folder}:${process.env.PATH}`, HOME: folder, SIGNALBOX_CONFIG: "shop.yaml" });

/** What bash would offer for a line cut into words as bash cuts them. */
function askBash(...words: readonly string[]): readonly string[] {
  const script = `source <(signalbox completion bash) || exit 1
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _signalbox "$1"; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "-c", script, "bash", "signalbox", ...words];
  const out = execFileSync("bash", args, { cwd: folder, env: environment(), encoding: "utf8" });
  return out.split("\n").filter((line) => line !== "");
}

describe("completion in bash", () => {
  it.each([
    ["commands", ["dr"], ["drain"]],
    ["words of a command", ["replica", ""], ["start", "stop"]],
    ["options of a command and of the program", ["drain", "--t"], ["--timeout", "--theme"]],
    ["nodes and servers", ["drain", ""], ["db1", "db2", "st1", "write_nodes/one", "write_nodes/db2", "read_nodes/db2"]],
    ["those of the cluster that is named", ["--cluster", "stock", "drain", ""], ["st1"]],
    ["what is not named yet", ["maint", "db1", "d"], ["db2"]],
    ["nodes only where no server can be named", ["promote", "w"], []],
    ["clusters, also where = has cut the word", ["status", "--cluster", "=", "st"], ["stock"]],
    ["names of HAProxies", ["drain", "db1", "--haproxy", "l"], ["lb1"]],
    ["choices of an option", ["replica", "stop", "db1", "--thread", ""], ["io", "sql"]],
    ["shells", ["completion", "f"], ["fish"]],
    ["files", ["-c", "sh"], ["shop.yaml"]],
    ["names after a URL that bash has cut", ["--mysql", "mysql", ":", "//root", "@", "h", "promote", "st"], ["st1"]],
  ] as const)("offers %s", (_what, words, offered) => {
    expect(askBash(...words)).toEqual(offered);
  });

  it("says nothing for a configuration that is not there, and runs no program of one that is", () => {
    expect(askBash("-c", "none.yaml", "drain", "")).toEqual([]);
    expect(askBash("ls-nothing", "")).toEqual([]);
    expect(spawnSync("ls", [folder], { encoding: "utf8" }).stdout).not.toContain("ran-a-program");
  });

  it("completes a line that is typed, at Tab", async () => {
    const script = ["bash", "--norc", "--noprofile", "-i"];
    const code = `require("node:child_process").spawnSync(${JSON.stringify(script[0])}, ${JSON.stringify(script.slice(1))}, {stdio:"inherit", cwd:${JSON.stringify(folder)}})`;
    const shell = startProgram({
      args: [],
      script: ["-e", code],
      columns: 100,
      rows: 20,
      env: { ...environment(), PS1: "ready> " },
    });
    try {
      await shell.waitFor("ready>");
      shell.type("source <(signalbox completion bash); echo loa''ded\r");
      await shell.waitFor("loaded");
      shell.type("signalbox drain write_nodes/o\t--clu\tsh\t");
      await shell.waitFor("signalbox drain write_nodes/one --cluster shop");
    } finally {
      shell.kill();
    }
  });
});

describe("completion in other shells", () => {
  it.each(["zsh", "fish"] as const)("the script for %s is understood by it", (name) => {
    const found = spawnSync(name, ["--version"]);
    if (found.error !== undefined) {
      process.stderr.write(`NOT TESTED: ${name} is not installed here, its completion script was not run\n`);
      expect(SCRIPTS[name]).toContain(`__complete ${name} --`);
      return;
    }
    const checked = spawnSync(name, ["-n"], { input: SCRIPTS[name], encoding: "utf8" });
    expect({ status: checked.status, stderr: checked.stderr }).toEqual({ status: 0, stderr: "" });
  });
});
