import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { chooseDemo } from "../../../../src/cli/demo/options.ts";
import { withTour } from "../../../../src/cli/demo/tour.ts";
import type { TrainingOptions } from "../../../../src/cli/open-console.ts";
import { createFakeIo } from "../fake-io.ts";

const dirs: string[] = [];
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sbx-tour-home-"));
  dirs.push(home);
});
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

async function told(env: Readonly<Record<string, string>>, options: { tour?: boolean } = {}): Promise<TrainingOptions> {
  let seen: TrainingOptions = {};
  const { io } = createFakeIo({ env });
  const exitCode = await withTour(io, { color: true, ...options }, async (training) => {
    seen = training;
    return 3;
  });
  expect(exitCode).toBe(3);
  return seen;
}

describe("whether a demo offers the tour", () => {
  it("the first one does, and leaves a mark that only its owner reads", async () => {
    expect(await told({ HOME: home })).toEqual({ training: true, tour: "offered" });
    const mark = join(home, ".local/state/signalbox/tour");
    expect(statSync(mark).mode & 0o777).toBe(0o600);
    expect(await told({ HOME: home })).toEqual({ training: true });
  });

  it("--tour begins it, whether it was offered or not", async () => {
    for (const _ of [1, 2])
      expect(await told({ XDG_STATE_HOME: home }, { tour: true })).toMatchObject({ tour: "running" });
    expect(existsSync(join(home, "signalbox/tour"))).toBe(true);
    expect(() => chooseDemo({ color: true, tour: true, scenario: "primary-crash" })).toThrow(
      "leave --tour or --scenario out",
    );
  });

  it("none does in CI or without a home, and no mark is left", async () => {
    expect(await told({ HOME: home, CI: "true" })).toEqual({ training: true });
    expect(await told({ HOME: "", XDG_STATE_HOME: "relative" })).toEqual({ training: true });
    expect(existsSync(join(home, ".local"))).toBe(false);
  });

  it("a home that cannot be written to does not spoil the demo", async () => {
    writeFileSync(join(home, "signalbox"), "a file where the folder should be");
    chmodSync(join(home, "signalbox"), 0o400);
    expect(await told({ XDG_STATE_HOME: home })).toMatchObject({ tour: "offered" });
    expect(await told({ XDG_STATE_HOME: home })).toMatchObject({ tour: "offered" });
  });
});
