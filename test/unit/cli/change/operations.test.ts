import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../../../src/cli/main.ts";
import type { JournalLine } from "../../../../src/operations/journal/line.ts";
import { createFakeIo } from "../fake-io.ts";
import { buildTestPlan } from "./support.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-journal-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function runWith(argv: readonly string[], stateDir = dir) {
  const fake = createFakeIo({ env: { SIGNALBOX_STATE_DIR: stateDir } });
  const exitCode = await run(argv, fake.io);
  return { exitCode, out: fake.out(), err: fake.err() };
}

const DONE = "20261120T153102-drain-db2-3f9a";
const CUT = "20261120T160000-drain-db3-0001";

function write(id: string, lines: readonly Partial<JournalLine>[]): void {
  const common = {
    operation: id,
    cluster: "shop",
    operator: "ann",
    host: "desk",
    kind: "drain" as const,
    step: 0,
    target: "shop",
    command: "Drain read_nodes/db2",
    before: [],
    after: [],
    error: null,
  };
  writeFileSync(join(dir, `${id}.jsonl`), lines.map((line) => `${JSON.stringify({ ...common, ...line })}\n`).join(""));
}

beforeAll(() => {
  const plan = buildTestPlan({ id: DONE, request: { ...buildTestPlan().request, reason: "kernel \u001b[2J" } });
  const step = { step: 1, target: "lb1", command: "set server read_nodes/db2 state drain" };
  write(DONE, [
    { at: "2026-11-20T15:31:02.000Z", phase: "intent", plan },
    { at: "2026-11-20T15:31:02.010Z", phase: "intent", ...step },
    { at: "2026-11-20T15:31:02.020Z", phase: "done", ...step, message: "read_nodes/db2 is drain on lb1" },
    { at: "2026-11-20T15:31:02.030Z", phase: "done", state: "done", message: "Done and verified." },
  ]);
  write(CUT, [
    { at: "2026-11-20T16:00:00.000Z", phase: "intent", plan: buildTestPlan({ id: CUT, title: "Drain db3" }) },
    { at: "2026-11-20T16:00:00.010Z", phase: "intent", ...step },
  ]);
});

describe("signalbox operations", () => {
  it("lists the journal, newest first, and says what waits for somebody", async () => {
    const { exitCode, out, err } = await runWith(["operations"]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    const lines = out.trimEnd().split("\n");
    expect(lines[1]).toMatch(
      /^ {2}20261120T160000-drain-db3-0001 {2}2026-11-20 16:00:00Z {2}shop +interrupted ! +ann@desk +Drain db3$/,
    );
    expect(lines[2]).toMatch(/^ {2}20261120T153102-drain-db2-3f9a .* done +ann@desk +Drain read_nodes\/db2$/);
    expect(lines[3]).toContain(`signalbox resume ${CUT} finishes it, signalbox undo ${CUT} takes it back.`);
  });

  it("--json: the same as data", async () => {
    const { out } = await runWith(["operations", "--json", "--limit", "1"]);
    expect(JSON.parse(out)).toMatchObject({
      schema: 1,
      operations: [
        { id: CUT, state: "interrupted", open: true, undoable: true, startedAt: "2026-11-20T16:00:00.000Z" },
      ],
    });
  });

  it("of another cluster there are none", async () => {
    expect((await runWith(["operations", "--cluster", "blog"])).out).toContain("No operation is in the journal");
  });

  it("a journal that is not there is empty", async () => {
    const { exitCode, out } = await runWith(["operations"], join(dir, "none"));
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: `No operation is in the journal (${join(dir, "none")}).\n` });
  });

  it("show tells steps, lines and the way back, and nothing of it moves the cursor", async () => {
    const { exitCode, out } = await runWith(["operations", "show", DONE]);
    expect(exitCode).toBe(0);
    expect(out).toContain("reason: kernel \\e[2J\n");
    expect(out).toMatch(/^ {2}1 +lb1 +set server read_nodes\/db2 state drain +done +read_nodes\/db2 is drain on lb1$/m);
    expect(out).toMatch(/^ {2}2 +lb2 +set server read_nodes\/db2 state drain +never sent$/m);
    expect(out).toContain("2026-11-20T15:31:02.010Z  step 1 lb1  intent: set server");
    expect(out).toContain(`signalbox undo ${DONE} takes it back.\n`);
  });

  it("show --json has every line of the file", async () => {
    const { out } = await runWith(["operations", "show", DONE, "--json"]);
    expect(JSON.parse(out).operation.lines).toHaveLength(4);
  });

  it("a step that was sent and never answered is told as that", async () => {
    expect((await runWith(["operations", "show", CUT])).out).toContain("sent, end not known");
  });

  it.each([
    [["operations", "show", "3f9a"], `the journal has no operation "3f9a"; did you mean ${DONE}?`],
    [["operations", "show", "../../etc/passwd"], 'the journal has no operation "../../etc/passwd"'],
    [["operations", "--limit", "x"], '--limit "x" is no number of operations; give 1 to 99999'],
    [["operations", "shwo"], "too many arguments for 'operations'"],
  ])("%j is exit code 64", async (argv, message) => {
    const { exitCode, out, err } = await runWith(argv);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: "" });
    expect(err).toContain(message);
  });
});
