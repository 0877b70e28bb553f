import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = join(ROOT, "src");

/** What each part may import from; see docs/architecture.md. `drivers/contract` is narrower than `drivers`. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: ["model"],
  config: ["config", "model"],
  drivers: ["drivers", "model"],
  monitor: ["monitor", "drivers/contract.ts", "drivers/errors.ts", "model"],
  operations: ["operations", "drivers/contract.ts", "drivers/errors.ts", "model"],
  doctor: ["doctor", "drivers", "config", "model"],
  engine: ["engine", "monitor", "operations", "drivers", "model"],
  // Reads and writes its own files and connects to nothing: what it knows comes with the engine's events.
  recording: ["recording", "engine/protocol.ts", "engine/wire", "model"],
  simulator: ["simulator", "model"],
  ui: ["ui", "model", "engine/protocol.ts"],
  cli: [
    "cli",
    "config",
    "doctor",
    "drivers",
    "engine",
    "model",
    "monitor",
    "operations",
    "recording",
    "simulator",
    "ui",
  ],
};

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** Relative imports of a file as paths below src, static and dynamic. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)].map((match) => match[1] ?? "");
  return specifiers.map((specifier) => relative(SOURCE, resolve(dirname(file), specifier)));
}

const graph = new Map(sourceFiles(SOURCE).map((file) => [relative(SOURCE, file), importsOf(file)]));

describe("architecture", () => {
  it("has a source tree to look at", () => {
    expect(graph.size).toBeGreaterThan(20);
  });

  it("imports run one way", () => {
    const wrong: string[] = [];
    for (const [file, targets] of graph) {
      const allowed = ALLOWED[file.split("/")[0] ?? ""];
      for (const target of targets) {
        if (
          !target.startsWith("..") &&
          !allowed?.some((prefix) => target === prefix || target.startsWith(`${prefix}/`))
        ) {
          wrong.push(`${file} → ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("only the model's neighbours outside src are imported: themes and package data", () => {
    const outside = [...graph].flatMap(([file, targets]) =>
      targets.filter((target) => target.startsWith("..")).map((target) => `${file} → ${target}`),
    );
    expect(outside.filter((line) => !/→ \.\.\/themes\//.test(line))).toEqual([]);
  });

  it("has no import cycle", () => {
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
        return;
      }
      state.set(file, "open");
      for (const target of graph.get(file) ?? []) if (graph.has(target)) visit(target, [...path, file]);
      state.set(file, "done");
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it("React, Ink and the drivers' libraries are imported only where they belong", () => {
    const homes: readonly (readonly [library: RegExp, home: string, guest?: string])[] = [
      [/from "(ink|react|zustand)[/"]?/, "ui"],
      [/(from|import\() ?"mysql2/, "drivers"],
      // The simulator is the other side: its hosts have an sshd.
      [/(from|import\() ?"ssh2/, "drivers", "simulator/ssh"],
      [/from "yaml"/, "config"],
      [/from "commander"/, "cli"],
    ];
    const wrong = [...graph.keys()].flatMap((file) => {
      const text = readFileSync(join(SOURCE, file), "utf8");
      return homes
        .filter(([pattern, ...places]) => pattern.test(text) && !places.some((place) => file.startsWith(`${place}/`)))
        .map(([pattern]) => `${file}: ${pattern}`);
    });
    expect(wrong).toEqual([]);
  });

  it("no file grows beyond 400 lines and half of them stay within 120", () => {
    const sizes = [...graph.keys()].map((file) => ({
      file,
      lines: readFileSync(join(SOURCE, file), "utf8").split("\n").length,
    }));
    expect(sizes.filter(({ lines }) => lines > 400)).toEqual([]);
    const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(120);
  });

  it("the old server words stay in dialects, drivers (HAProxy has a master process), simulator and aliases", () => {
    const wrong = [...graph.keys()]
      .filter((file) => !/dialects\/|simulator\/|drivers\/(mysql|haproxy)\/|aliases/.test(file))
      .filter((file) =>
        /\b(master|slave)\b/i.test(readFileSync(join(SOURCE, file), "utf8").replace(/master-worker|Atlas/g, "")),
      );
    expect(wrong).toEqual([]);
  });
});
