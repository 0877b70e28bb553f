import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyPatch } from "../../../../src/engine/wire/apply-patch.ts";
import { buildPatch, KEEP } from "../../../../src/engine/wire/patch.ts";

/** As the other thread gets it. */
function cross(before: unknown, after: unknown): unknown {
  return applyPatch(before, structuredClone(buildPatch(before, after)));
}

/** Few keys and few leaves, so that two values often have much in common. */
const plain = fc.letrec((tie) => ({
  leaf: fc.constantFrom<unknown>(null, undefined, true, 0, 1, -1, 2.5, Number.NaN, "", "0", "é\n"),
  list: fc.array(tie("any"), { maxLength: 4 }),
  samples: fc.array(fc.constantFrom(null, 0, 1, 2), { maxLength: 6 }),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("any"), { maxKeys: 4, noNullPrototype: true }),
  any: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("list"), tie("samples"), tie("object")),
})).any;

describe("patch", () => {
  it("makes the value after of the value before, whatever both are, and leaves the one before alone", () => {
    fc.assert(
      fc.property(plain, plain, (before, after) => {
        const copy = structuredClone(before);
        expect(cross(before, after)).toStrictEqual(after);
        expect(before).toStrictEqual(copy);
      }),
      { numRuns: 2_000 },
    );
  });

  it("stays in step over any sequence, also where the same keys come in another order", () => {
    // What the other side has was made by patches: its keys must stand as ours do, or the next patch hits others.
    const shuffled = fc.shuffledSubarray(["subject", "severity", "before", "after"], { minLength: 3 });
    const item = fc
      .tuple(shuffled, fc.nat(2))
      .map(([keys, figure]) => Object.fromEntries(keys.map((key) => [key, `${key} ${figure}`])));
    fc.assert(
      fc.property(fc.array(fc.array(item, { maxLength: 3 }), { minLength: 2, maxLength: 6 }), (values) => {
        let [before, there]: unknown[] = [null, null];
        for (const after of values) {
          there = applyPatch(there, structuredClone(buildPatch(before, after)));
          expect(there).toStrictEqual(after);
          before = after;
        }
      }),
      { numRuns: 500 },
    );
  });

  it("finds nothing to send between equal values that are different objects", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(buildPatch(value, structuredClone(value))).toEqual([KEEP]);
      }),
    );
  });

  it("keeps the objects of what did not change", () => {
    const before = { a: { deep: [1, 2] }, list: [{ x: 1 }, { x: 2 }], n: 1 };
    const after = cross(before, { a: { deep: [1, 2] }, list: [{ x: 1 }, { x: 3 }], n: 2 }) as typeof before;
    expect(after).toEqual({ a: { deep: [1, 2] }, list: [{ x: 1 }, { x: 3 }], n: 2 });
    expect(after.a).toBe(before.a);
    expect(after.list[0]).toBe(before.list[0]);
  });

  it("sends of a history that moved on only the new sample", () => {
    const before = { lag: Array.from({ length: 60 }, (_, index) => index) };
    const after = { lag: [...before.lag.slice(1), null] };
    expect(cross(before, after)).toEqual(after);
    expect(buildPatch(before, after).length).toBeLessThan(10);
  });

  it("sends of a list of objects that moved on only the new ones, however many came at once", () => {
    const frames = Array.from({ length: 60 }, (_, at) => ({ at, figures: Float32Array.of(at, Number.NaN) }));
    for (const moved of [1, 7, 59]) {
      const added = Array.from({ length: moved }, (_, index) => ({ at: 60 + index, figures: Float32Array.of(-0) }));
      const after = { frames: [...frames.slice(moved), ...added] };
      expect(cross({ frames }, after)).toStrictEqual(after);
      expect(buildPatch({ frames }, after).length).toBeLessThan(10 + moved);
      expect((cross({ frames }, after) as typeof after).frames[0]).toBe(frames[moved]);
    }
  });

  it("sends an object with other keys, or the same keys in another order, so that it comes out as it was", () => {
    const keys = (value: unknown) => Object.keys(value as object);
    expect(keys(cross({ a: 1, b: 2 }, { a: 1, c: 2 }))).toEqual(["a", "c"]);
    expect(cross({ a: 1, b: 2 }, { b: 2, a: 3 })).toEqual({ a: 3, b: 2 });
    expect(cross({ a: 1, b: undefined }, { a: 1, c: undefined })).toStrictEqual({ a: 1, c: undefined });
  });

  it.each([
    ["empty", { a: 1 }, []],
    ["cut off", { a: 1 }, [2, 0]],
    ["for another kind of value", 5, [2, 0, 1, 1, -1]],
    ["for an object with more keys", { a: 1 }, [2, 3, 1, 1, -1]],
    ["for a longer list", [1], [3, 5, 4, 1, 1, -1].slice(0, 3)],
    ["of an unknown kind", { a: 1 }, [9]],
    ["longer than it says", { a: 1 }, [0, 0]],
  ])("refuses a patch that is %s", (_, before, patch) => {
    expect(() => applyPatch(before, patch)).toThrow("patch: ");
  });
});
