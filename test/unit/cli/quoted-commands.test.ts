import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { buildProgram } from "../../../src/cli/program.ts";
import { createFakeIo } from "./fake-io.ts";

const SOURCE = fileURLToPath(new URL("../../../src/", import.meta.url));

// What an operator is told to type at 3 a.m. has to be a command.
it("every command that a message quotes is one of the program", () => {
  const known = new Set(buildProgram(createFakeIo().io, () => undefined).commands.map((command) => command.name()));
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  const quoted = files.flatMap((file) =>
    [...readFileSync(`${SOURCE}${file}`, "utf8").matchAll(/(?:\\`|"[^"`\n]*`)signalbox ([a-z-]+)/g)].map(
      ([, name]) => ({
        file,
        name,
      }),
    ),
  );
  expect(quoted.length).toBeGreaterThan(20);
  expect(quoted.filter(({ name }) => !known.has(name ?? ""))).toEqual([]);
});
