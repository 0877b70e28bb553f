import { describe, expect, it } from "vitest";
import { selectSeries } from "../../../src/model/history/series.ts";
import type { Snapshot } from "../../../src/model/snapshot.ts";
import { Histories } from "../../../src/recording/replay/histories.ts";
import { Tape } from "../../../src/recording/replay/tape.ts";
import { buildChannel, buildNode, START } from "../../support/snapshots.ts";
import { at, record, seen } from "./support.ts";

const behindAt = (seconds: number, behind: number | null): Snapshot =>
  at(seconds, { nodes: [buildNode("db2", { channels: [buildChannel("db1", { behind })] })] });

/** What the chart of db2 would show at that second, as text. */
async function opened(snapshots: readonly Snapshot[]): Promise<(seconds: number) => Promise<string>> {
  const tape = new Tape(await record(snapshots.map(seen)));
  const histories = new Histories(tape);
  return async (seconds) => {
    const found = await tape.frameAt(START + seconds * 1_000);
    if (found === null) throw new Error("no picture");
    const { clusters } = await histories.complete(found.snapshot, found.frame.at);
    const history = clusters[0]?.history;
    const series = history === undefined ? null : selectSeries(history, { node: "db2", figure: "behind" });
    return series?.values.map((value) => value ?? "?").join(" ") ?? "";
  };
}

describe("the history of a replay", () => {
  it("is made of the pictures up to the moment, wherever one jumps, and never holds what comes later", async () => {
    const textAt = await opened([3, 4, null, 0, 9, 8].map((behind, second) => behindAt(second, behind)));
    expect(await textAt(3)).toBe("3 4 ? 0");
    expect(await textAt(4)).toBe("3 4 ? 0 9");
    expect(await textAt(4.7)).toBe("3 4 ? 0 9");
    expect(await textAt(1)).toBe("3 4");
    expect(await textAt(5)).toBe("3 4 ? 0 9 8");
  });

  it("reaches back a minute after a jump", async () => {
    const textAt = await opened(Array.from({ length: 200 }, (_, second) => behindAt(second, second)));
    expect(await textAt(199)).toBe(Array.from({ length: 60 }, (_, index) => 140 + index).join(" "));
    expect(await textAt(30)).toBe(Array.from({ length: 31 }, (_, index) => index).join(" "));
  });

  it("has a gap where no picture was recorded, none for a late tick, and no second value for a picture between two", async () => {
    const textAt = await opened([
      behindAt(0, 1),
      behindAt(1.55, 2),
      behindAt(2, 3),
      behindAt(2.2, 99),
      behindAt(5, 4),
      behindAt(6, 5),
    ]);
    expect(await textAt(6)).toBe("1 2 3 ? ? 4 5");
  });
});
