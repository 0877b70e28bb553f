import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GtidKindError, GtidParseError } from "../../../../src/model/gtid/gtid-error.ts";
import {
  containsGtid,
  countGtid,
  equalGtid,
  formatGtid,
  type GtidSet,
  parseGtidSet,
  subtractGtid,
  unionGtid,
} from "../../../../src/model/gtid/gtid-set.ts";
import { parseMariadbSet, selectCommon, transactionsBehind } from "../../../../src/model/gtid/mariadb-set.ts";

const A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const B = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

const mysql = (text: string) => parseGtidSet(text, "mysql");
const mariadb = (text: string) => parseGtidSet(text, "mariadb");

describe("MySQL GTID sets", () => {
  it.each([
    ["", ""],
    [`${A}:1-5:7`, `${A}:1-5:7`],
    [`${A}:7:1-5`, `${A}:1-5:7`],
    [`${A}:1-5:4-9:10`, `${A}:1-10`],
    [`${A.toUpperCase()}:1-3`, `${A}:1-3`],
    [`${B}:1,\n${A}:1-2`, `${A}:1-2,${B}:1`],
    [`${A}:1-2,${A}:2-4`, `${A}:1-4`],
    [`${A}:tag:1-3`, `${A}:tag:1-3`],
    [`${A}:1-5:Blue:7:9-10:amber:1`, `${A}:1-5:amber:1:blue:7:9-10`],
    [` ${A} : 1 - 3 ,, `, `${A}:1-3`],
    [`{${A}}:5`, `${A}:5`],
    [A.replaceAll("-", "").concat(":5"), `${A}:5`],
    [`${A}:9007199254740993-9007199254740995`, `${A}:9007199254740993-9007199254740995`],
  ])("reads %j as %j", (text, canonical) => {
    expect(formatGtid(mysql(text))).toBe(canonical);
  });

  it.each([
    "nonsense",
    A,
    `${A}:0`,
    `${A}:5-3`,
    `${A}:1-`,
    `${A}:9223372036854775808`,
    `${A}:1-5;`,
    `${A}:9tag:1`,
    "0-1-5",
  ])("refuses %j with the part it could not read", (text) => {
    expect(() => mysql(text)).toThrow(GtidParseError);
  });

  it("counts beyond 2^53 exactly", () => {
    expect(countGtid(mysql(`${A}:1-9007199254740993,${B}:1`))).toBe(9007199254740994n);
  });

  it("keeps a tag apart from the untagged ids of the same server", () => {
    expect(formatGtid(subtractGtid(mysql(`${A}:1-5:t:1-5`), mysql(`${A}:1-5:t:2`)))).toBe(`${A}:t:1:3-5`);
  });
});

describe("MariaDB GTID lists", () => {
  it.each([
    ["", ""],
    ["0-1-100", "0-1-100"],
    ["1-2-5,\n0-1-100", "0-1-100,1-2-5"],
    ["0-1-7,0-2-8,0-1-9", "0-1-9,0-2-8"],
    ["0-1-18446744073709551615", "0-1-18446744073709551615"],
  ])("reads %j as %j", (text, canonical) => {
    expect(formatGtid(mariadb(text))).toBe(canonical);
  });

  it.each(["0-1", "a-b-c", "0-1-18446744073709551616", "4294967296-1-1", `${A}:1-5`])("refuses %j", (text) => {
    expect(() => mariadb(text)).toThrow(GtidParseError);
  });

  it("finds the id of another server below the newest number of the domain", () => {
    expect(formatGtid(subtractGtid(mariadb("0-1-19,0-9-5"), mariadb("0-1-19")))).toBe("0-9-5");
  });

  it("measures progress per domain and counts a domain that is missing in full", () => {
    const behind = transactionsBehind(parseMariadbSet("0-1-100,1-1-7"), parseMariadbSet("0-2-90"));
    expect(behind).toBe(17n);
  });

  it("cuts a replica's history down to what its source knows of each pair", () => {
    const common = selectCommon(parseMariadbSet("0-1-105,0-2-8,0-3-9"), parseMariadbSet("0-1-100,0-2-6"));
    expect(formatGtid(common)).toBe("0-1-100,0-2-6");
  });
});

it("refuses to compare sets of two kinds", () => {
  expect(() => subtractGtid(mysql(`${A}:1`), mariadb("0-1-1"))).toThrow(GtidKindError);
});

/** The naive model: a set of `origin number` strings. */
interface Pair {
  readonly set: GtidSet;
  readonly naive: ReadonlySet<string>;
}

const mysqlPair = fc
  .array(
    fc.record({
      uuid: fc.constantFrom(A, B),
      tag: fc.constantFrom("", "t", "u_1"),
      first: fc.integer({ min: 1, max: 30 }),
      length: fc.integer({ min: 0, max: 8 }),
    }),
    { maxLength: 8 },
  )
  .map((parts): Pair => {
    const naive = new Set<string>();
    const blocks = parts.map(({ uuid, tag, first, length }) => {
      const origin = tag === "" ? uuid : `${uuid}:${tag}`;
      for (let number = first; number <= first + length; number += 1) naive.add(`${origin} ${number}`);
      return `${origin}:${first}-${first + length}`;
    });
    return { set: mysql(blocks.join(",\n")), naive };
  });

/** MariaDB lists stand for every number up to the one named, per (domain, server). */
const mariadbPair = fc
  .array(
    fc.record({
      domain: fc.integer({ min: 0, max: 2 }),
      server: fc.integer({ min: 1, max: 3 }),
      sequence: fc.integer({ min: 1, max: 20 }),
    }),
    { maxLength: 6 },
  )
  .map((parts): Pair => {
    const naive = new Set<string>();
    for (const { domain, server, sequence } of parts) {
      for (let number = 1; number <= sequence; number += 1) naive.add(`${domain}-${server} ${number}`);
    }
    return { set: mariadb(parts.map((part) => `${part.domain}-${part.server}-${part.sequence}`).join(",")), naive };
  });

function isSubset(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].every((id) => b.has(id));
}

describe.each([
  ["MySQL", mysqlPair, "mysql"],
  ["MariaDB", mariadbPair, "mariadb"],
] as const)("%s algebra against naive sets", (_name, pair, flavor) => {
  it("contains exactly what the naive set contains", () => {
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        expect(containsGtid(a.set, b.set)).toBe(isSubset(b.naive, a.naive));
        expect(equalGtid(a.set, b.set)).toBe(isSubset(a.naive, b.naive) && isSubset(b.naive, a.naive));
      }),
    );
  });

  it("gives back the union when the difference is added again, and shares nothing with what was taken away", () => {
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const difference = subtractGtid(a.set, b.set);
        expect(formatGtid(unionGtid(difference, b.set))).toBe(formatGtid(unionGtid(a.set, b.set)));
        expect(formatGtid(subtractGtid(difference, b.set))).toBe(formatGtid(difference));
        expect(formatGtid(unionGtid(a.set, b.set))).toBe(formatGtid(unionGtid(b.set, a.set)));
      }),
    );
  });

  it("reads its own text back", () => {
    fc.assert(
      fc.property(pair, ({ set }) => {
        expect(equalGtid(parseGtidSet(formatGtid(set), flavor), set)).toBe(true);
      }),
    );
  });
});

it("counts a MySQL difference as the naive sets do", () => {
  fc.assert(
    fc.property(mysqlPair, mysqlPair, (a, b) => {
      const naive = [...a.naive].filter((id) => !b.naive.has(id)).length;
      expect(countGtid(subtractGtid(a.set, b.set))).toBe(BigInt(naive));
      expect(countGtid(unionGtid(a.set, b.set))).toBe(BigInt(new Set([...a.naive, ...b.naive]).size));
    }),
  );
});
