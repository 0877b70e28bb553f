// Short cuts that the bundle gets for the text of a screen, each with the same result as what it replaces.
//
// Ink takes every line of the screen apart into graphemes several times per frame, and one sign such as a tree line sends all the ASCII
// around it down the slow paths of string-width, ansi-tokenize and Ink's line diff (segmenter, emoji and Hangul expressions). Ink also
// forgets between two frames what it found out about the lines of the first. test/unit/build/text-shortcuts.test.ts compares with the
// originals; the build fails when a release moves a line that is replaced.
import { readFile } from "node:fs/promises";

/** Signs the console draws with: dash, ellipsis, arrows, lines, blocks, shapes. One cell each, a grapheme each, alone or side by side. */
const SIGNS = String.raw`\u2013\u2026\u2190-\u21ff\u2500-\u25fc`;

/** Source of an expression for text in which every UTF-16 unit is one grapheme and one cell. */
export const ONE_CELL_EACH = String.raw`^[\u0020-\u007e${SIGNS}]*$`;

/** The same with ESC, which is a grapheme of its own too but no cell. */
export const ONE_GRAPHEME_EACH = String.raw`^[\u001b\u0020-\u007e${SIGNS}]*$`;

/** Ink's caches kept for the next frame, and begun anew when a long life has filled them. */
const KEPT_CACHES = `
const keptCaches = new OutputCaches();
function keepCaches() {
    if (keptCaches.widths.size + keptCaches.blockWidths.size + keptCaches.styledChars.size > 600) {
        keptCaches.widths.clear();
        keptCaches.blockWidths.clear();
        keptCaches.styledChars.clear();
    }
    return keptCaches;
}
export default class Output {`;

const SHORTCUTS = [
  {
    filter: /string-width[\\/]index\.js$/,
    replacements: [[String.raw`/^[\u0020-\u007E]*$/.test(string)`, `/${ONE_CELL_EACH}/.test(string)`]],
  },
  {
    filter: /ansi-tokenize[\\/]build[\\/]tokenize\.js$/,
    replacements: [
      [
        "of segmenter.segment(str)) {",
        `of /${ONE_GRAPHEME_EACH}/.test(str) ? Array.from({ length: str.length }, (_, index) => ({ segment: str[index], index })) : segmenter.segment(str)) {`,
      ],
    ],
  },
  {
    // A literal of fixed shape: the spread gives every character of the screen a hidden class of its own, most of the garbage of a frame.
    // The codes are never changed in place (reduce.js makes a new list), so characters may share them.
    filter: /ansi-tokenize[\\/]build[\\/]styledChars\.js$/,
    replacements: [
      [
        "ret.push({\n                ...token,\n                styles: [...codes],\n            });",
        "ret.push({ type: token.type, value: token.value, fullWidth: token.fullWidth, styles: codes });",
      ],
    ],
  },
  {
    filter: /ink[\\/]build[\\/]line-update\.js$/,
    replacements: [["const printableAscii = /^[ -~]*$/u;", `const printableAscii = /${ONE_CELL_EACH}/u;`]],
  },
  {
    filter: /ink[\\/]build[\\/]output\.js$/,
    replacements: [
      ["export default class Output {", KEPT_CACHES],
      ["caches = new OutputCaches();\n    width;", "caches = keepCaches();\n    width;"],
      // A text of one line is put together again from its characters only to be taken apart once more.
      [
        "let lines = characterLines.map(line => styledCharsToString(line));",
        "let lines = characterLines.length === 1 ? [text] : characterLines.map(line => styledCharsToString(line));",
      ],
    ],
  },
];

/** esbuild plugin. */
export const textShortcuts = {
  name: "text-shortcuts",
  setup(builder) {
    for (const { filter, replacements } of SHORTCUTS) {
      builder.onLoad({ filter }, async ({ path }) => {
        let source = await readFile(path, "utf8");
        for (const [find, replacement] of replacements) {
          if (!source.includes(find))
            throw new Error(`${path}: "${find}" is gone; look at scripts/text-shortcuts.js again`);
          source = source.replace(find, () => replacement);
        }
        return { contents: source, loader: "js" };
      });
    }
  },
};
