import { describe, expect, it } from "vitest";
import { parseStickTables } from "../../../../src/drivers/haproxy/stick-tables.ts";

describe("parseStickTables", () => {
  it("reads the names of the proxies that have one", () => {
    const answer = "# table: read_nodes, type: ip, size:1024, used:1\n# table: p/t, type: string, size:9, used:0\n\n";
    expect(parseStickTables(answer)).toEqual(["read_nodes", "p/t"]);
  });

  it("tells no table from no answer", () => {
    expect(parseStickTables("\n")).toEqual([]);
    expect(parseStickTables("")).toBeNull();
  });

  it.each(["Unknown command. Please enter one of the following commands only :\n\n", "Permission denied\n\n"])(
    "does not take %j for an answer",
    (answer) => expect(parseStickTables(answer)).toBeNull(),
  );
});
