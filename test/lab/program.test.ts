/** The terminal of the end-to-end tests: what a person would see, and never half of a picture. */
import { afterEach, expect, it } from "vitest";
import { type RunningProgram, startProgram } from "../support/program.ts";

let program: RunningProgram | null = null;
afterEach(() => program?.kill());

function start(script: string): RunningProgram {
  program = startProgram({ script: ["-e", script], args: [], columns: 40, rows: 5 });
  return program;
}

it("shows a picture once it is whole, however it arrives", async () => {
  const hold = "\\u001b[?2026h";
  const show = "\\u001b[?2026l";
  const { waitFor, type } = start(`
    process.stdout.write("\\u001b[2;1Hold");
    process.stdin.once("data", () => {
      process.stdout.write("${hold}\\u001b[1;1Hnew");
      setTimeout(() => process.stdout.write("\\u001b[2;1Hend${show}"), 200);
    });
  `);
  await waitFor("old");
  type("\n");
  const screen = await waitFor("new");
  expect(screen.slice(0, 2)).toEqual(["new", "end"]);
});

it("lets the program go on while somebody asks for what is there already", async () => {
  const { waitFor, screen } = start(
    `process.stdout.write("here"); setTimeout(() => process.stdout.write(" and there"), 300);`,
  );
  await waitFor("here");
  while (!screen().join("").includes("and there")) await waitFor("here");
});

it("types in order, however fast it is told to", async () => {
  const { waitFor, type, send } = start(`
    process.stdin.setRawMode(true).on("data", (keys) => process.stdout.write(keys));
    process.stdout.write("ready ");
  `);
  await waitFor("ready");
  for (const key of "abc") type(key);
  await waitFor("ready abc");
  send("de");
  await waitFor("ready abcde");
});
