/** The world of a switchover with its journal, made anew for each test of the file or the group that asks for it. */
import { afterEach, beforeEach } from "vitest";
import type { JournalFile } from "../../../../src/operations/journal/file.ts";
import { createDesk, type Desk, type FakeWorld } from "./fake-world.ts";
import { buildSwitchWorld } from "./promotion-plan.ts";

export interface SwitchDesk {
  readonly desk: Desk;
  readonly world: FakeWorld;
  readonly file: JournalFile;
}

/** @param id of the operation; what it returns is filled before each test */
export function keepSwitchDesk(id: string): SwitchDesk {
  let made: SwitchDesk;
  beforeEach(async () => {
    const world = buildSwitchWorld();
    const desk = createDesk(world);
    made = { world, desk, file: await desk.journal.open(id) };
  });
  afterEach(async () => {
    await made.file.close();
    made.desk.remove();
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
  };
}
