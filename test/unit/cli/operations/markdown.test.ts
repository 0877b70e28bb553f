import { describe, expect, it } from "vitest";
import {
  escapeMarkdown,
  formatBlock,
  formatCode,
  formatCodeCell,
  formatMarkdownTable,
} from "../../../../src/cli/operations/markdown.ts";

describe("text inside Markdown", () => {
  it.each([
    ["a|b", "a\\|b"],
    ["`rm`", "\\`rm\\`"],
    ["[click](http://evil)", "\\[click\\](http\\://evil)"],
    ["http://evil", "http\\://evil"],
    ["see www.evil.example", "see www\\.evil.example"],
    ["@channel <!here>", "\\@channel \\<!here\\>"],
    ["# title", "\\# title"],
    ["- item", "\\- item"],
    ["  --- rule", "  \\--- rule"],
    ["+ item", "\\+ item"],
    ["===", "\\==="],
    ["1. item", "1\\. item"],
    ["12) item", "12\\) item"],
    ["1062 errors", "1062 errors"],
    ["one\ntwo\u001b[2J\u202e", "one\\\\ntwo\\\\e\\[2J\\\\u202e"],
    ["<img src=x>", "\\<img src=x\\>"],
    ["db1 to db2, 38.4 ms", "db1 to db2, 38.4 ms"],
  ])("%j stays text", (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it.each([
    ["SELECT 1", "`SELECT 1`"],
    ["a `b` c", "``a `b` c``"],
    ["```", "```` ``` ````"],
    ["`x", "`` `x ``"],
    ["", "-"],
    ["  ", "-"],
    ["a\nb", "`a\\nb`"],
  ])("%j is one code span", (text, span) => {
    expect(formatCode(text)).toBe(span);
  });

  it("a pipe never ends a cell, not even after a backslash", () => {
    expect(formatCodeCell("a|b")).toBe("a\\|b");
    expect(formatCodeCell("a\\|b")).toBe("a\\\\\\|b");
    expect(formatCodeCell("SET GLOBAL read_only = 0")).toBe("`SET GLOBAL read_only = 0`");
  });

  it("no line ends a block of code", () => {
    expect(formatBlock(["```", "# not a title", "a\nb"])).toEqual(["````", "```", "# not a title", "a\\nb", "````"]);
    expect(formatBlock(["plain"])).toEqual(["```", "plain", "```"]);
  });

  it("a table has a line per row, and empty cells are there", () => {
    expect(formatMarkdownTable(["a", "b"], [["1", ""]])).toEqual(["| a | b |", "| --- | --- |", "| 1 |   |"]);
  });
});
