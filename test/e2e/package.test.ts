/** The npm package: packed from a tree that has no build, installed where no registry can be asked, and run. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { requireEngine } from "../lab/engines.ts";
import { ROOT, startProgram } from "../support/program.ts";

/** What a checkout has and the package is made of. */
const SOURCES = [
  "bin",
  "docs",
  "man",
  "scripts",
  "src",
  "themes",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];
const TEXTS = ["README.md", "CHANGELOG.md", "LICENSE"];
const MOST_PACKED_BYTES = 2_000_000;

let work = "";
/** Folder of the installed package. */
let installed = "";
let program = "";
let packedBytes = 0;

/** npm with a cache of its own, which is empty, and without what the npm that runs the tests told us. */
function runNpm(cwd: string, ...args: readonly string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return execFileSync("npm", [...args, "--offline", "--no-audit", "--no-fund"], {
    cwd,
    env: { ...env, npm_config_cache: join(work, "npm-cache"), npm_config_update_notifier: "false" },
    encoding: "utf8",
    stdio: "pipe",
  });
}

const listFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => relative(folder, join(each.parentPath, each.name)))
    .sort();

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "signalbox-package-"));
  const checkout = join(work, "checkout");
  mkdirSync(checkout);
  // With their times: a lockfile newer than node_modules would have them installed anew.
  for (const name of [...SOURCES, ...TEXTS])
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  const [{ filename, size }] = JSON.parse(runNpm(checkout, "pack", "--json", "--pack-destination", work));
  packedBytes = size;
  runNpm(work, "install", "--global", join(work, filename), "--prefix", join(work, "prefix"));
  installed = join(work, "prefix/lib/node_modules/signalbox");
  program = join(work, "prefix/bin/signalbox");
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("the npm package", () => {
  it("has the built program, its man page and its documents, and nothing else", () => {
    const files = listFiles(installed);
    expect([...new Set(files.map((file) => file.split("/", 1)[0]))].sort()).toEqual(
      ["bin", "dist", "docs", "man", "package.json", "themes", ...TEXTS].sort(),
    );
    const dist = files.filter((file) => file.startsWith("dist/") && !file.startsWith("dist/chunks/"));
    expect(dist).toEqual(["dist/THIRD-PARTY.txt", "dist/engine.js", "dist/signalbox.js"]);
    expect(packedBytes).toBeLessThan(MOST_PACKED_BYTES);
  });

  it("brings no other package: what it needs is inside the build", () => {
    const { dependencies, optionalDependencies, scripts } = JSON.parse(
      readFileSync(join(installed, "package.json"), "utf8"),
    );
    expect({ dependencies, optionalDependencies }).toEqual({
      dependencies: undefined,
      optionalDependencies: undefined,
    });
    // npm runs these on the machine of whoever installs.
    for (const name of ["preinstall", "install", "postinstall"]) expect(scripts).not.toHaveProperty(name);
    expect(readdirSync(join(work, "prefix/lib/node_modules"))).toEqual(["signalbox"]);
    expect(existsSync(join(installed, "node_modules"))).toBe(false);
  });

  it("has the licence of every package inside", () => {
    const text = readFileSync(join(installed, "dist/THIRD-PARTY.txt"), "utf8");
    for (const name of ["commander", "fuzzysort", "ink", "mysql2", "react", "ssh2", "string-width", "yaml", "zustand"])
      expect(text).toMatch(new RegExp(`^${name} \\d.*\\(`, "m"));
  });

  it("tells nothing of the machine it was built on", () => {
    // The sources were built in `work`, packages come from the tree of the tests. Not that tree's bare name: a clone
    // may lie in `/src` or `/app`, which any program says.
    const built = [work, join(ROOT, "node_modules")];
    const telling = listFiles(installed).filter((file) => {
      const text = readFileSync(join(installed, file), "utf8");
      return built.some((path) => text.includes(path));
    });
    expect(telling).toEqual([]);
  });

  it("has every document that its documents refer to", () => {
    const texts = listFiles(installed).filter((file) => file.endsWith(".md"));
    const broken = texts.flatMap((file) => {
      const links = [...readFileSync(join(installed, file), "utf8").matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)];
      const targets = links.map(([, target]) => join(dirname(file), target ?? ""));
      // Whoever works on the sources has them.
      const wanted = targets.filter((target) => /\.(md|json)$/.test(target) && target !== "CONTRIBUTING.md");
      return wanted.filter((target) => !existsSync(join(installed, target))).map((target) => `${file} → ${target}`);
    });
    expect(broken).toEqual([]);
  });
});

function testInstalled(start: () => readonly [string, ...string[]]): void {
  let simulator: Simulator;
  let config = "";
  beforeAll(async () => {
    simulator = await startSimulator({ incidents: false });
    config = join(work, "signalbox.yaml");
    writeFileSync(config, simulator.configYaml, { mode: 0o600 });
  });
  afterAll(() => simulator?.stop());

  it("says its version, and looks at a cluster", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const [file, ...first] = start();
    expect(execFileSync(file, [...first, "-V"], { cwd: work, encoding: "utf8" })).toBe(`${version}\n`);
    const status = startProgram({ command: start(), args: ["-c", config, "status"], columns: 120, rows: 40 });
    await status.waitFor(/db1 +source +rw/);
    // The codes of health; 64 and above would be an error.
    expect((await status.exited).exitCode).toBeLessThan(4);
  });

  it("opens the demo", async () => {
    const demo = startProgram({ command: start(), args: ["demo"], columns: 80, rows: 24 });
    try {
      await demo.waitFor((rows) => rows.filter((row) => /\bdb\d\b.*\bUP\b/.test(row)).length === 4);
      demo.type("q");
      expect(await demo.exited).toMatchObject({ exitCode: 0 });
    } finally {
      demo.kill();
    }
  });
}

describe("the installed program", () => testInstalled(() => [program]));
describeEngine("node-24", "the installed program on Node 24", () =>
  testInstalled(() => [requireEngine("node-24").program, program]),
);

describeEngine("groff", "the man page", () => {
  it("is installed where man looks for it, and is set without a warning", () => {
    const page = join(work, "prefix/share/man/man1/signalbox.1");
    const args = ["-man", "-ww", "-Tutf8", "-P-cbou", page];
    const { stdout: text, stderr, status } = spawnSync("groff", args, { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const title of ["NAME", "SYNOPSIS", "COMMANDS", "KEYS", "EXIT STATUS", "ENVIRONMENT", "FILES"])
      expect(text).toMatch(new RegExp(`^${title}$`, "m"));
    expect(text).toMatch(/promote node\n/);
  });
});
