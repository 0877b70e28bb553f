import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt, PROGRAM, ROOT } from "../support/program.ts";

interface Output {
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
}

let outputs: Readonly<Record<string, Output>> = {};
beforeAll(() => {
  ensureBuilt();
  outputs = JSON.parse(readFileSync(join(ROOT, "dist/meta.json"), "utf8")).outputs;
});

/** Files of the bundle that hold any of these sources. */
function filesWith(...sources: readonly string[]): readonly string[] {
  const found = Object.keys(outputs).filter((file) =>
    Object.keys(outputs[file]?.inputs ?? {}).some((input) => sources.includes(input)),
  );
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Sources that are loaded with these files, as far as no further import() runs. */
function sourcesLoadedBy(files: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path, kind, external } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && !external) visit(path);
  };
  for (const file of files) visit(file);
  return [...seen].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
}

const packagesOf = (sources: readonly string[]) => [
  ...new Set(sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? [])),
];

describe("what the built program loads", () => {
  it("at its start: no package at all", () => {
    const sources = sourcesLoadedBy(["dist/signalbox.js"]);
    expect(packagesOf(sources)).toEqual([]);
    expect(sources.filter((source) => !source.startsWith("src/cli/"))).toEqual([]);
  });

  it("for status: neither React nor Ink, and no part of the screen or the simulator", () => {
    const sources = sourcesLoadedBy([
      "dist/signalbox.js",
      ...filesWith("src/cli/program.ts", "src/cli/commands/status.ts", "src/engine/in-process.ts"),
    ]);
    expect(packagesOf(sources).sort()).toEqual(expect.arrayContaining(["commander", "yaml"]));
    for (const name of ["react", "react-reconciler", "ink", "yoga-layout", "zustand"])
      expect(packagesOf(sources)).not.toContain(name);
    expect(sources.filter((source) => /^src\/(ui|simulator)\//.test(source))).toEqual([]);
  });

  it("for the worker: neither", () => {
    const sources = sourcesLoadedBy(["dist/engine.js"]);
    expect(
      sources.filter((source) =>
        /^src\/(ui|cli|simulator|config)\/|node_modules\/(react|ink|yaml|commander)\//.test(source),
      ),
    ).toEqual([]);
  });
});

describe.skipIf(!existsSync("/dev/full"))("a result that finds no room on the disk", () => {
  it("is said to be lost, and is no success", () => {
    const full = openSync("/dev/full", "w");
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", full, "pipe"], encoding: "utf8" });
    for (const args of [["--version"], ["report", "--json"], ["completion", "bash"]]) {
      const { status, stderr } = run(...args);
      expect(stderr).toBe(
        "signalbox: standard output cannot be written (ENOSPC): what was to be printed is not whole\n",
      );
      expect(status).toBe(74);
    }
    // What is worse than that is told as it is.
    expect(run("status", "--mysql", "mysql://ops@127.0.0.1:1").status).toBe(3);
    closeSync(full);
  });
});
