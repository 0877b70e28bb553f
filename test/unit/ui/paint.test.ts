import xterm from "@xterm/headless";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compactFrame } from "../../../src/ui/compact-output.ts";
import { fitLine, type Line, lineWidth, paintLine, plainText, segment, unpaint } from "../../../src/ui/paint.ts";
import { createTheme, THEME_NAMES, THEMES, type Theme, TOKENS } from "../../../src/ui/theme.ts";

/** A theme of a user whose every colour has 24 bits. */
const RGB = THEMES.slice(0, 1).map((dark) => ({
  ...dark,
  name: "rgb",
  tokens: {
    ...dark.tokens,
    ok: { fg: "#12ab34" },
    badge: { fg: "#000000", bg: "#ffaa00" },
    selected: { bg: "#000080" },
  },
}));

function theme(name: string): Theme {
  const found = createTheme(name, "truecolor", RGB);
  if (found === null) throw new Error(`no theme ${name}`);
  return found;
}

const anyLine: fc.Arbitrary<Line> = fc.array(
  fc.record({
    text: fc.constantFrom("UP", " ", "  ", "●", "数据", "0s", "├─", "x"),
    token: fc.constantFrom(...TOKENS),
  }),
  { maxLength: 8 },
);
const anyTheme = fc.constantFrom(...THEME_NAMES, "rgb");

/** What a terminal shows for some bytes: every cell with its looks. */
async function picture(bytes: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: 60, rows: 6, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const cells: string[] = [];
  for (let row = 0; row < 6; row++) {
    const line = terminal.buffer.active.getLine(row);
    for (let column = 0; column < 60; column++) {
      const cell = line?.getCell(column);
      if (cell === undefined) continue;
      cells.push(
        [
          cell.getChars() || " ",
          cell.getFgColorMode(),
          cell.getFgColor(),
          cell.getBgColorMode(),
          cell.getBgColor(),
          cell.isBold(),
          cell.isDim(),
          cell.isItalic(),
          cell.isUnderline(),
          cell.isInverse(),
        ].join(","),
      );
    }
  }
  return cells;
}

describe("paintLine", () => {
  it("changes no text", () => {
    fc.assert(
      fc.property(anyLine, anyTheme, fc.boolean(), (line, name, selected) => {
        const painted = paintLine(line, theme(name), selected ? "selected" : null);
        expect(unpaint(painted).trimEnd()).toBe(plainText(line).trimEnd());
      }),
    );
  });

  it("leaves every attribute closed at its end", async () => {
    await fc.assert(
      fc.asyncProperty(anyLine, anyTheme, fc.boolean(), async (line, name, selected) => {
        const cells = await picture(`${paintLine(line, theme(name), selected ? "selected" : null)}\nZ`);
        expect(cells).toContain((await picture("Z"))[0]);
      }),
      { numRuns: 60 },
    );
  });

  it("writes nothing around plain text", () => {
    expect(paintLine([segment("calm")], theme("dark"))).toBe("calm");
  });

  it("leaves out blanks at the end, except under a background", () => {
    expect(paintLine([segment("a   ")], theme("dark"))).toBe("a");
    expect(paintLine([segment("a   ")], theme("dark"), "selected")).toBe("\u001b[48;5;18ma   \u001b[49m");
  });

  it("keeps a bar of reverse video in one piece, and blocks on it what they are", () => {
    const line = [segment("a", "ok"), segment("b", "critical"), segment("c")];
    expect(paintLine(line, theme("high-contrast"), "selected")).toBe(
      "\u001b[1m\u001b[7ma\u001b[27m\u001b[38;5;16m\u001b[48;5;203mb\u001b[49m\u001b[39m\u001b[22m\u001b[7mc\u001b[27m",
    );
  });

  it("replaces a colour instead of ending one and beginning another", () => {
    expect(paintLine([segment("a", "ok"), segment("b", "info")], theme("dark"))).toBe(
      "\u001b[38;5;78ma\u001b[38;5;75mb\u001b[39m",
    );
  });
});

describe("fitLine", () => {
  it("always gives exactly the cells asked for, whatever is in it", () => {
    fc.assert(
      fc.property(
        anyLine,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom("left" as const, "right" as const),
        (line, width, align) => {
          expect(lineWidth(fitLine(line, width, align))).toBe(width);
        },
      ),
    );
  });
});

describe("compactFrame", () => {
  it("never changes the picture, and never makes it longer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1, maxLength: 5 }), anyTheme, async (lines, name) => {
        const frame = lines.map((line) => paintLine(line, theme(name))).join("\n");
        const compact = compactFrame(frame);
        expect(compact.length).toBeLessThanOrEqual(frame.length);
        expect(await picture(compact)).toEqual(await picture(frame));
      }),
      { numRuns: 60 },
    );
  });

  it("drops the colour history that Ink repeats before a change in the middle of a line", () => {
    const history = "\u001b[1m\u001b[97m\u001b[39m\u001b[22m\u001b[38;5;81m\u001b[39m";
    expect(compactFrame(`\u001b[39A\u001b[140G\u001b[K${history}4\n`)).toBe("\u001b[39A\u001b[140G\u001b[K4\n");
  });

  it("steps over unchanged lines at once", () => {
    expect(compactFrame("\u001b[E\u001b[E\u001b[E")).toBe("\u001b[3E");
  });

  it("leaves codes alone that it does not know", () => {
    expect(compactFrame("\u001b[58;5;1mx\u001b[59m")).toBe("\u001b[58;5;1mx\u001b[59m");
  });
});
