import { readFileSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addChangeCommands } from "../../../../src/cli/change/add-change-commands.ts";
import { EXIT } from "../../../../src/cli/exit-codes.ts";

const page = readFileSync(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
const program = new Command();
addChangeCommands(program, async () => undefined);

describe("docs/operations.md", () => {
  it.each(program.commands.map((command) => [command.name(), command] as const))(
    "has %s and its options",
    (name, command) => {
      expect(page).toMatch(new RegExp(`^signalbox ${name} `, "m"));
      const all = [command, ...command.commands].flatMap(({ options }) => options);
      expect(all.length).toBeGreaterThan(4);
      for (const { long } of all) expect(page).toContain(long);
    },
  );

  it("has every exit code of a changing command", () => {
    const { internal: _, ...told } = EXIT;
    for (const code of Object.values(told)) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
  });

  it.each(["plan", "step", "drain", "changed", "stopping", "end", "error"])("has the event %s", (type) => {
    expect(page).toContain(`| \`${type}\` |`);
  });
});
