import type { LookupAddress, LookupOptions } from "node:dns";
import type { LookupFunction } from "node:net";
import { beforeEach, describe, expect, it } from "vitest";
import { createNameLookup } from "../../../../src/drivers/name-lookup/lookup.ts";

const V4: LookupAddress = { address: "10.0.0.1", family: 4 };
const V6: LookupAddress = { address: "2001:db8::1", family: 6 };

interface Question {
  readonly name: string;
  answer(addresses: readonly LookupAddress[]): void;
  fail(code: string): void;
}

describe("looking up names", () => {
  let now: number;
  let questions: Question[];
  let lookup: LookupFunction;
  beforeEach(() => {
    now = 0;
    questions = [];
    const ask = (name: string) =>
      new Promise<readonly LookupAddress[]>((answer, reject) => {
        questions.push({ name, answer, fail: (code) => reject(Object.assign(new Error(code), { code })) });
      });
    lookup = createNameLookup(ask, () => now);
  });

  const look = (name: string, options: LookupOptions = { all: true }) =>
    new Promise<unknown>((resolve, reject) => {
      lookup(name, options, (error, address) => (error ? reject(error) : resolve(address)));
    });

  it("asks once for all who want a name at the same time, and apart for each name", async () => {
    const answers = [look("db1"), look("db1"), look("db2")];
    expect(questions.map(({ name }) => name)).toEqual(["db1", "db2"]);
    questions[0]?.answer([V6, V4]);
    expect(await Promise.all(answers.slice(0, 2))).toEqual([
      [V6, V4],
      [V6, V4],
    ]);
    questions[1]?.fail("ENOTFOUND");
    await expect(answers[2]).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("gives one address, or those of one family, to who asks so", async () => {
    const answers = [look("db1", {}), look("db1", { family: 4 }), look("db1", { family: 6, all: true })];
    questions[0]?.answer([V6, V4]);
    expect(await Promise.all(answers)).toEqual([V6.address, V4.address, [V6]]);
    questions = [];
    const none = look("db2", { family: 6 });
    questions[0]?.answer([V4]);
    await expect(none).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("keeps an answer for a moment, and asks again after it", async () => {
    const first = look("db1");
    questions[0]?.answer([V4]);
    await first;
    now += 4_999;
    expect(await look("db1")).toEqual([V4]);
    expect(questions).toHaveLength(1);
    now += 1;
    const next = look("db1");
    questions[1]?.answer([V6]);
    expect(await next).toEqual([V6]);
  });

  it("goes on with the last answer while nobody answers, for ten minutes", async () => {
    const first = look("db1");
    questions[0]?.answer([V4]);
    await first;
    now += 60_000;
    expect(await look("db1")).toEqual([V4]);
    const failing = look("db1");
    questions[1]?.fail("EAI_AGAIN");
    expect(await failing).toEqual([V4]);
    now += 540_001;
    const late = look("db1");
    questions[2]?.fail("EAI_AGAIN");
    await expect(late).rejects.toMatchObject({ code: "EAI_AGAIN" });
  });

  it("never keeps a failure", async () => {
    const failed = look("db1");
    questions[0]?.fail("ENOTFOUND");
    await expect(failed).rejects.toThrow();
    const next = look("db1");
    questions[1]?.answer([V4]);
    expect(await next).toEqual([V4]);
  });
});
