/** The world of a switchover with its journal, made anew for each test of the file or the group that asks for it, and watched for two open writers. */
import { afterEach, beforeEach, expect } from "vitest";
import type { OperationProgress } from "../../../../src/model/operation.ts";
import type { JournalFile } from "../../../../src/operations/journal/file.ts";
import { createDesk, type Desk, type FakeWorld } from "./fake-world.ts";
import { buildSwitchWorld, describeInterlock, type RunPatch, runSwitch } from "./promotion-plan.ts";

export interface SwitchDesk {
  readonly desk: Desk;
  readonly world: FakeWorld;
  readonly file: JournalFile;
  /** Runs the switchover in that world, with its journal where none is given. */
  readonly run: (patch?: RunPatch, file?: JournalFile) => Promise<OperationProgress>;
  /** Notes what breaks the interlock in a world now; a test that has any noted fails. Asked for after each change, unless the test has a watch of its own. */
  readonly watch: (world: FakeWorld) => void;
}

/** @param id of the operation; what it returns is filled before each test */
export function keepSwitchDesk(id: string): SwitchDesk {
  let made: Pick<SwitchDesk, "desk" | "world" | "file">;
  const broken = new Set<string>();
  const watch = (world: FakeWorld) => {
    for (const each of describeInterlock(world)) broken.add(each);
  };
  beforeEach(async () => {
    const world = buildSwitchWorld();
    const desk = createDesk(world);
    broken.clear();
    world.afterSend = () => watch(world);
    made = { world, desk, file: await desk.journal.open(id) };
  });
  afterEach(async () => {
    await made.file.close();
    made.desk.remove();
    expect([...broken]).toEqual([]);
  });
  return {
    get desk() {
      return made.desk;
    },
    get world() {
      return made.world;
    },
    get file() {
      return made.file;
    },
    run: (patch = {}, file = made.file) => runSwitch(made.world, file, patch),
    watch,
  };
}
