import { describe, expect, it } from "vitest";
import { type Rotation, stepRotation } from "../../../../src/ui/wall/rotation.ts";

const SECONDS_20 = 20_000;

function step(
  rotation: Rotation | null,
  order: readonly string[],
  nowMs: number,
  worsened: readonly string[] = [],
): Rotation | null {
  return stepRotation(rotation, { order, worsened, nowMs, rotateMs: SECONDS_20 });
}

/** What is on screen over that many turns. */
function turn(from: Rotation | null, order: readonly string[], turns: number, startMs = 0): (string | undefined)[] {
  let rotation = from;
  return Array.from({ length: turns }, (_, index) => {
    rotation = step(rotation, order, startMs + index * SECONDS_20);
    return rotation?.shown;
  });
}

describe("the rotation", () => {
  it("begins with the worst, shows all, and begins anew with the worst", () => {
    expect(turn(null, ["c", "a", "b"], 7)).toEqual(["c", "a", "b", "c", "a", "b", "c"]);
  });

  it("stays for as long as was asked for", () => {
    const first = step(null, ["a", "b"], 0);
    expect(step(first, ["a", "b"], 19_999)).toBe(first);
    expect(step(first, ["a", "b"], 20_000)?.shown).toBe("b");
  });

  it("shows what got worse at once and for the whole time, several of them in turn", () => {
    const first = step(null, ["a", "b", "c", "d"], 0);
    const urgent = step(first, ["c", "d", "a", "b"], 5_000, ["c", "d"]);
    expect(urgent).toMatchObject({ shown: "c", sinceMs: 5_000 });
    expect(step(urgent, ["c", "d", "a", "b"], 24_999)?.shown).toBe("c");
    expect(turn(urgent, ["c", "d", "a", "b"], 3, 25_000)).toEqual(["d", "b", "c"]);
  });

  it("takes up the order of the moment with every round", () => {
    const first = step(null, ["a", "b"], 0);
    const second = step(first, ["b", "a"], 20_000);
    expect([second?.shown, step(second, ["b", "a"], 40_000)?.shown]).toEqual(["b", "b"]);
  });

  it("goes on when a cluster is no longer there, and has nothing to show without any", () => {
    const first = step(null, ["a", "b"], 0);
    expect(step(first, ["b"], 1_000)?.shown).toBe("b");
    expect(step(first, [], 1_000)).toBeNull();
    expect(step(null, [], 0)).toBeNull();
    expect(turn(null, ["only"], 3)).toEqual(["only", "only", "only"]);
  });
});
