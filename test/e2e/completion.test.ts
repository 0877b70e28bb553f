/** The scripts in the shells themselves: what Tab offers, with the built program. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCRIPTS } from "../../src/cli/completion/script.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { ensureBuilt, PROGRAM, type RunningProgram, startProgram } from "../support/program.ts";

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
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), "signalbox-completion-"));
  writeFileSync(join(folder, "shop.yaml"), CONFIG);
  const program = join(folder, "signalbox");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
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
    const command = ["bash", "--norc", "--noprofile", "-i"] as const;
    await openShell([...command], "source <(signalbox completion bash)", async (shell) => {
      shell.type("signalbox drain write_nodes/o\t--clu\tsh\t");
      await shell.waitFor("signalbox drain write_nodes/one --cluster shop");
    });
  });
});

/** A shell a person sits at, in a terminal, with the script loaded as its first lines say. */
async function openShell(
  command: readonly [string, ...string[]],
  load: string,
  use: (shell: RunningProgram) => Promise<void>,
): Promise<void> {
  const shell = startProgram({ command, args: [], cwd: folder, columns: 100, rows: 24, env: environment() });
  try {
    // Its prompt: what is typed before may be thrown away.
    await shell.waitFor(/\S/);
    shell.type(`${load}; echo loa''ded\r`);
    await shell.waitFor(/^loaded/m);
    await use(shell);
  } finally {
    shell.kill();
    await shell.exited;
  }
}

describeEngine("zsh", "completion in zsh", () => {
  const inZsh = (use: (shell: RunningProgram) => Promise<void>) =>
    openShell(
      ["zsh", "-f", "-i"],
      "autoload -Uz compinit && compinit -u && source <(signalbox completion zsh) && clear",
      use,
    );

  it("completes commands, servers, values and files of a line that is typed", async () => {
    await inZsh(async (shell) => {
      shell.type("signalbox drain write_nodes/o\t--clu\tsh\t");
      await shell.waitFor("signalbox drain write_nodes/one --cluster shop");
      shell.type("\u0015signalbox --theme=mo\t-c sh\t");
      await shell.waitFor("signalbox --theme=mono -c shop.yaml");
    });
  });

  it("lists commands with what they are about", async () => {
    await inZsh(async (shell) => {
      shell.type("signalbox re\t\t");
      await shell.waitFor(/^replica +-- start or stop replication of a node/m);
      await shell.waitFor(/^rejoin +-- bring a returned old primary back/m);
    });
  });

  it("is found by itself in a folder of $fpath", async () => {
    writeFileSync(join(folder, "_signalbox"), SCRIPTS.zsh);
    await openShell(
      ["zsh", "-f", "-i"],
      "fpath=($PWD $fpath); autoload -Uz compinit && compinit -u && clear",
      async (shell) => {
        shell.type("signalbox prom\tdb\t2\t");
        await shell.waitFor("signalbox promote db2");
      },
    );
  });
});

describeEngine("fish", "completion in fish", () => {
  /** What fish would offer at the end of a line. */
  function askFish(line: string): readonly string[] {
    const script = `signalbox completion fish | source; complete -C ${JSON.stringify(line)}`;
    const out = execFileSync("fish", ["--no-config", "-c", script], {
      cwd: folder,
      env: environment(),
      encoding: "utf8",
    });
    return out.split("\n").filter((each) => each !== "");
  }

  it.each([
    ["commands with what they are about", "signalbox dr", [expect.stringMatching(/^drain\ttake servers out/)]],
    ["nodes and servers", "signalbox drain write", ["write_nodes/one", "write_nodes/db2"]],
    ["those of the cluster that is named", "signalbox --cluster stock drain ", ["st1"]],
    ["a value behind =", "signalbox --theme=mo", ["--theme=mono"]],
    [
      "scenarios with their goals",
      "signalbox demo --scenario prim",
      [expect.stringMatching(/^primary-crash\tThe primary/)],
    ],
    ["files", "signalbox -c sh", ["shop.yaml"]],
    ["nothing where there is nothing", "signalbox promote nosuch", []],
  ])("offers %s", (_what, line, offered) => {
    expect(askFish(line)).toEqual(offered);
  });

  it("completes a line that is typed, from the folder of completions", async () => {
    mkdirSync(join(folder, ".config/fish/completions"), { recursive: true });
    writeFileSync(join(folder, ".config/fish/completions/signalbox.fish"), SCRIPTS.fish);
    await openShell(["fish"], "clear", async (shell) => {
      shell.type("signalbox drain write_nodes/o\t--clu\tsh\t");
      await shell.waitFor("signalbox drain write_nodes/one --cluster shop");
    });
  });
});
