import { describe, expect, it } from "vitest";
import { Histories } from "../../../src/recording/replay/histories.ts";
import { Tape } from "../../../src/recording/replay/tape.ts";
import { START } from "../../support/snapshots.ts";
import { at, record, seen } from "./support.ts";

describe("a recording whose pictures claim an interval that none can have", () => {
  it.each([0, -1_000, 1e-9, 1e300])(
    "%d ms: is shown all the same, with no more ticks than there was time for",
    async (intervalMs) => {
      const events = [0, 1, 2].map((second) => seen(at(second, {}, { intervalMs })));
      const recording = await record([...events, seen(at(3, {}, { intervalMs: 60_000 }))]);
      const tape = new Tape(recording);
      const found = await tape.frameAt(START + 3_000);
      if (found === null) throw new Error("no picture");
      const shown = await new Histories(tape).complete(found.snapshot, START + 3_000);
      const history = shown.clusters[0]?.history;
      expect(history?.tickMs).toBeGreaterThanOrEqual(100);
      expect(history?.tickMs).toBeLessThanOrEqual(60_000);
      expect(history?.ticks).toBeLessThanOrEqual(31);
    },
  );
});
