/** Text of a file to a YAML tree. Texts of errors are our own: those of the YAML library repeat input, which may be a secret. */
import { type Document, type ErrorCode, LineCounter, parseDocument, visit } from "yaml";
import { ConfigError, ProblemList } from "./config-error.ts";
import { createValue, placeAt, type Value, type YamlSource } from "./decode/value.ts";

const SENTENCES: Readonly<Partial<Record<ErrorCode, readonly [message: string, hint: string | null]>>> = {
  BAD_ALIAS: ["an alias (*name) is not allowed here", "quote a text that begins with *"],
  BAD_DQ_ESCAPE: ["a backslash in a double-quoted text starts no known escape", "use single quotes, or write \\\\"],
  BAD_INDENT: ["the indentation does not fit the lines before", null],
  BAD_SCALAR_START: ["a text cannot begin with this character", "put it in quotes"],
  BLOCK_AS_IMPLICIT_KEY: [
    "a map or list cannot begin here",
    "put it on a line of its own, or quote a text that holds ': '",
  ],
  BLOCK_IN_FLOW: ["an indented map or list cannot stand inside { } or [ ]", null],
  DUPLICATE_KEY: ["this key is there twice", "keep one of them"],
  MISSING_CHAR: ["a character is missing here: a closing quote or bracket, a comma or a colon", null],
  MULTILINE_IMPLICIT_KEY: ["a key must be on one line and end with ':'", null],
  MULTIPLE_DOCS: ["a second document (---) begins here", "keep one document per file"],
  TAB_AS_INDENT: ["a tab cannot indent YAML", "use spaces"],
  TAG_RESOLVE_FAILED: ["a tag (!name) is not known here", "quote a text that begins with !"],
  UNEXPECTED_TOKEN: ["this cannot stand here", "look for a missing quote, bracket, comma or colon before it"],
};

const NEEDS_CLUSTERS = "it needs at least clusters:";

/**
 * The top of a YAML file. @throws ConfigError for text that is no YAML.
 * @param emptyHint what to write into a file that is empty
 */
export function parseYaml(file: string, text: string, problems: ProblemList, emptyHint = NEEDS_CLUSTERS): Value {
  const lineCounter = new LineCounter();
  const document = parseDocument(text.replace(/^\ufeff/, ""), {
    lineCounter,
    prettyErrors: false,
    strict: true,
    version: "1.2",
  });
  const source: YamlSource = { file, document, lineCounter, problems };
  const syntax = new ProblemList();
  const lines = new Set<number | null>();
  for (const issue of [...document.errors, ...document.warnings]) {
    const opened = issue.code === "MISSING_CHAR" ? findOpenQuote(document, issue.pos[0]) : null;
    const place = placeAt(source, opened ?? issue.pos[0]);
    // What else is wrong on the same line mostly follows from the first.
    if (lines.has(place.line)) continue;
    lines.add(place.line);
    const [message, hint] = SENTENCES[issue.code] ?? ["this is not valid YAML", null];
    if (opened === null) syntax.add(place, message, hint);
    else syntax.add(place, "the quote that opens here is never closed");
  }
  syntax.throwIfAny();
  const start = { file, line: 1, column: 1 };
  if (document.contents === null) throw new ConfigError([{ ...start, message: "the file is empty", hint: emptyHint }]);
  return createValue(source, document.contents, "", start);
}

/** Offset of the quote whose text runs on to where the closing one was missed, often the end of the file; null when it is no quote. */
function findOpenQuote(document: Document, missedAt: number): number | null {
  let opened: number | null = null;
  visit(document, {
    Scalar(_key, node) {
      if (node.type?.startsWith("QUOTE_") && node.range && node.range[1] === missedAt) opened = node.range[0];
    },
  });
  return opened;
}
