/** The one-file executable where nothing else is: in a root folder that holds the C libraries of another Debian and no file more. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BareRoot, describeBareRoot, makeBareRoot } from "../lab/bare-root.ts";
import { ensureBuilt, PROGRAM, ROOT, type RunningProgram, startProgram } from "../support/program.ts";

describeBareRoot(["node-24"], "the one-file executable in an empty root of another Debian", () => {
  let root: BareRoot;
  let demo: RunningProgram;
  beforeAll(async () => {
    ensureBuilt();
    root = makeBareRoot();
    execFileSync(process.execPath, [join(ROOT, "scripts/build-executable.js"), join(root.dir, "signalbox")], {
      stdio: "pipe",
    });
    // Its second shape is a calm one: nothing falls behind or restarts by itself.
    const command = root.inside("/signalbox", { TERM: "xterm-256color", LANG: "C.UTF-8" });
    demo = startProgram({ command, args: ["demo", "--cluster-shape", "r2"], columns: 80, rows: 24 });
  });
  afterAll(async () => {
    demo?.kill();
    await demo?.exited;
    root?.remove();
  });

  function run(...args: readonly string[]) {
    const [command, ...first] = root.inside("/signalbox");
    const { status, stdout, stderr } = spawnSync(command, [...first, ...args], { encoding: "utf8" });
    return { status, stdout, stderr };
  }

  /** Configuration of the demo, as a path inside the root. */
  function findConfig(): string {
    const found = readdirSync(join(root.dir, "tmp"), { recursive: true, encoding: "utf8" }).find((name) =>
      name.endsWith("signalbox.yaml"),
    );
    return `/tmp/${found}`;
  }

  it("has nothing around it but the libraries it is linked to", () => {
    expect(readdirSync(root.dir).sort()).toEqual(["lib", "lib64", "signalbox", "signalbox.licences.txt", "tmp", "usr"]);
    expect(readdirSync(join(root.dir, "usr")).sort()).toEqual(["lib", "lib64"]);
  });

  it("is the same program: version, help and the completion scripts are those of the npm package", () => {
    for (const args of [["--version"], ["--help"], ["promote", "--help"], ["completion", "bash"]]) {
      const stdout = execFileSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" });
      expect(run(...args)).toEqual({ status: 0, stdout, stderr: "" });
    }
  });

  it("comes with the licences of what is in it", () => {
    const text = readFileSync(join(root.dir, "signalbox.licences.txt"), "utf8");
    for (const part of [/^Node\.js$/m, /^ink \d/m, /^mysql2 \d/m, /^ssh2 \d/m, /^yoga-layout \d/m, /OpenSSL/])
      expect(text).toMatch(part);
  });

  it("opens the console: its worker runs inside it too, and reads the training cluster", async () => {
    await demo.waitFor((rows) => rows.filter((row) => /\bdb\d\b.*\bUP\b/.test(row)).length === 4);
    await demo.waitFor(/^signalbox +demo . OK/);
    await demo.waitFor(/db4 .*0s/);
    demo.type("?");
    await demo.waitFor("type to search");
    demo.type("\u001b");
    await demo.waitFor((rows) => !rows.some((row) => row.includes("type to search")));
  });

  it("looks once, and acts, with a journal although nobody has a home", async () => {
    await demo.waitFor(/db4 .*0s/);
    const config = findConfig();
    const { status, stdout, stderr } = run("-c", config, "status", "--json");
    const seen = JSON.parse(stdout);
    const code = { ok: 0, warning: 1, critical: 2, unknown: 3 }[seen.health as "ok"];
    expect({ status, stderr }).toEqual({ status: code, stderr: "" });
    expect(seen.nodes.map(({ name }: { name: string }) => name)).toEqual(["db1", "db2", "db3", "db4"]);
    expect(run("-c", config, "drain", "read_nodes/db3", "--yes")).toMatchObject({ status: 0, stderr: "" });
    await demo.waitFor(/db3 .*DRAIN/);
    expect(run("operations").stdout).toMatch(/drain.*read_nodes\/db3/);
    expect(statSync(join(root.dir, ".local/state/signalbox/operations")).mode & 0o777).toBe(0o700);
  });

  it("speaks SSH without a compiled part of it", () => {
    const { status, stderr, stdout } = run("--haproxy", "ssh://nobody@127.0.0.1:1/run/haproxy.sock", "status");
    expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
    expect(stdout).toMatch(/127\.0\.0\.1:1.*refused/);
  });

  it("says a defect and a misuse as the package does", () => {
    expect(run("statsu")).toEqual({
      status: 64,
      stdout: "",
      stderr: 'signalbox: unknown command "statsu"; did you mean status?\n',
    });
    expect(run("-c", "/none.yaml", "status").status).toBe(78);
  });

  it("ends at q and leaves nothing in the temporary folder", async () => {
    await demo.waitFor("db1");
    demo.type("q");
    expect(await demo.exited).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(root.dir, "tmp"))).toEqual([]);
  });
});
