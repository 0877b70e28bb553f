import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENVIRONMENT, EXIT_STATUS } from "../../../scripts/man/facts.ts";
import { makeManPage } from "../../../scripts/man/make.ts";
import { escapeText, withVariables } from "../../../scripts/man/roff.ts";
import { EXIT } from "../../../src/cli/exit-codes.ts";
import { buildProgram } from "../../../src/cli/program.ts";
import { KEYMAP, keyLabel } from "../../../src/ui/keymap.ts";
import { createFakeIo } from "../cli/fake-io.ts";

const SOURCE = fileURLToPath(new URL("../../../src", import.meta.url));
const page = makeManPage();

/** Every command that help shows, with those below it. */
function listCommands(command: Command): readonly Command[] {
  const below = command.createHelp().visibleCommands(command);
  return below.flatMap((each) => [each, ...listCommands(each)]);
}

const sources = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(join(SOURCE, name), "utf8"))
  .join("\n");

describe("man/signalbox.1", () => {
  it("says what the tables say (run with -u, or npm run man, to write it)", async () => {
    await expect(page).toMatchFileSnapshot("../../../man/signalbox.1");
  });

  it("has every command with its options, and every key", () => {
    const program = buildProgram(createFakeIo().io, () => undefined);
    for (const command of [program, ...listCommands(program)]) {
      if (command !== program) expect(page).toContain(escapeText(command.description()));
      for (const { flags, long } of command.createHelp().visibleOptions(command))
        if (long !== "--help") expect(page).toContain(withVariables(flags));
    }
    for (const { keys, title } of KEYMAP) {
      expect(page).toContain(escapeText(title));
      for (const key of keys) expect(page).toContain(escapeText(keyLabel(key, false)));
    }
  });

  it("has every variable the program reads, and none that no source names", () => {
    const told = ENVIRONMENT.flatMap(([names]) => names.split(", "));
    const read = [...sources.matchAll(/\benv\.([A-Z][A-Z_]+)\b/g)].map(([, name]) => name ?? "");
    expect(read.length).toBeGreaterThan(20);
    expect(told).toEqual(expect.arrayContaining([...new Set(read)]));
    for (const name of told) expect(sources).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it("has every exit code", () => {
    const told = EXIT_STATUS.map(([code]) => Number(code));
    expect(told).toEqual([0, 1, 2, 3, ...Object.values(EXIT).filter((code) => code !== 0)].sort((a, b) => a - b));
  });
});

describe("text in a man page", () => {
  it("is ASCII on one line, and no request, whatever it is made of", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0x10_ffff })), (codes) => {
        const line = escapeText(String.fromCodePoint(...codes));
        expect(line).toMatch(/^[ -~]*$/);
        expect(line).not.toMatch(/^[.']/);
      }),
    );
  });
});
