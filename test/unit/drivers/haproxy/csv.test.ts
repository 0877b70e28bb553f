import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCsv } from "../../../../src/drivers/haproxy/csv.ts";

const WANTED = ["a", "b", "c"];

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** As HAProxy writes it: quotes only where needed. */
function written(text: string): string {
  return /[",\n\r]/.test(text) ? quoted(text) : text;
}

const nasty = fc.string({
  unit: fc.constantFrom("x", ",", '"', "\n", "\r", " ", "> ", "\u001b[31m", "ü", ""),
  maxLength: 12,
});

describe("parseCsv", () => {
  test("gives back any text that was written with quotes where needed", () => {
    const row = fc.tuple(nasty, nasty, nasty).map(([a, b, c]) => [`x${a}`, b, c]);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const text = `# a,b,c,\n${rows.map((fields) => `${fields.map(written).join(",")},\n`).join("")}\n`;
        const table = parseCsv(text, WANTED);
        expect(table.rows).toEqual(rows);
        expect(table.complete).toBe(true);
      }),
    );
  });

  test("gives back any text that was written with quotes always", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(nasty, nasty, nasty), { minLength: 1, maxLength: 8 }), (rows) => {
        const text = `# a,b,c,\n${rows.map((fields) => `${fields.map(quoted).join(",")},\n`).join("")}`;
        expect(parseCsv(text, WANTED).rows).toEqual(rows);
      }),
    );
  });

  test("never throws and never calls a text whole that was cut anywhere inside its last row", () => {
    const text = '# a,b,c,\n1,"x, ""y""\n\nz",3,\n4,"5,"",",6,\n';
    for (let length = 0; length < text.length; length += 1) {
      const { complete, rows } = parseCsv(text.slice(0, length), WANTED);
      const lastRowClosed = ["# a,b,c,\n", text.slice(0, text.indexOf("4,"))].some((whole) => whole.length === length);
      expect({ length, complete, rows: rows.length <= 2 }).toEqual({ length, complete: lastRowClosed, rows: true });
    }
  });

  test("finds columns by name, whatever their order, and leaves absent ones empty", () => {
    expect(parseCsv("# c,-,a,\n3,x,1,\n", WANTED).rows).toEqual([["1", "", "3"]]);
  });

  test("takes the first of two columns with one name", () => {
    expect(parseCsv("# a,-,a,-,b,\n1,2,3,4,5,\n", WANTED).rows).toEqual([["1", "5", ""]]);
  });

  test("takes a short row as it is, and reports it only at the end of the text", () => {
    const inside = parseCsv("# a,b,c,\n1,2\n4,5,6,\n", WANTED);
    expect(inside).toMatchObject({
      complete: true,
      rows: [
        ["1", "2", ""],
        ["4", "5", "6"],
      ],
    });
    expect(parseCsv("# a,b,c,\n4,5,6,\n1,2\n", WANTED).complete).toBe(false);
  });

  test("passes over fields beyond the header", () => {
    expect(parseCsv("# a,b,\n1,2,3,4,5,\n", WANTED).rows).toEqual([["1", "2", ""]]);
  });

  test("reads an empty text as an incomplete table without rows", () => {
    expect(parseCsv("", WANTED)).toEqual({ header: [], rows: [], complete: false });
  });
});
