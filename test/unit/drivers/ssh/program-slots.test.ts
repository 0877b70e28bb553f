import { expect, it } from "vitest";
import { ProgramSlots } from "../../../../src/drivers/ssh/program-slots.ts";

it("lets six run at a time, the others in the order they came, and forgets those that gave up", () => {
  const slots = new ProgramSlots();
  const begun: number[] = [];
  const giveBack = Array.from({ length: 10 }, (_, at) => slots.take(() => begun.push(at)));
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  giveBack[6]?.();
  giveBack[2]?.();
  giveBack[2]?.();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 7]);
  for (const give of giveBack) give();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9]);
  expect(begun.length).toBe(9);
  slots.take(() => begun.push(10));
  expect(begun.at(-1)).toBe(10);
});
