/**
 * Reader for the CSV of `show stat`: quotes as in RFC 4180, columns by name. Text in it may come from a checked server (commas, quotes,
 * line ends inside quotes), so only a reader that follows the quotes is sound. Only wanted columns are cut out: at 5,000 servers
 * the rows have 700,000 fields, and reading them all would take most of a tick.
 */

import { buildFieldPlan, cutFields, type FieldPlan } from "./cut-fields.ts";

const LF = 10;
const CR = 13;
const QUOTE = 34;
const COMMA = 44;

export interface CsvTable {
  /** Names of the header line in order, without the leading `# `. */
  readonly header: readonly string[];
  /** Per row the wanted fields, in the order they were asked for; a column that the header or a short row lacks is "". */
  readonly rows: readonly (readonly string[])[];
  /** False when the text ends inside a quoted field, inside the last row, or in a row shorter than the header. */
  readonly complete: boolean;
}

interface Row {
  readonly fields: readonly string[];
  readonly fieldCount: number;
  /** Position after the row's LF, or the text's length. */
  readonly next: number;
  readonly closed: boolean;
}

/** Reads the table that begins at `start`; empty lines are passed over. Never throws: what is missing shows in `header` and `complete`. */
export function parseCsv(text: string, wanted: readonly string[], start = 0): CsvTable {
  const headerRow = readQuotedRow(text, start, null);
  const header = headerRow.fields.map((name, index) => (index === 0 ? name.replace(/^#\s*/, "") : name));
  // Every line ends with a comma, so the header's last name is empty and is no column.
  if (header.at(-1) === "") header.pop();
  const plan = buildFieldPlan(header, wanted);
  const rows: (readonly string[])[] = [];
  let lastRow = start;
  let position = headerRow.next;
  let nextQuote = text.indexOf('"', position);
  while (position < text.length) {
    const first = text.charCodeAt(position);
    if (first === LF || first === CR) {
      position += 1;
      continue;
    }
    lastRow = position;
    if (nextQuote >= 0 && nextQuote < position) nextQuote = text.indexOf('"', position);
    const lineEnd = text.indexOf("\n", position);
    if (lineEnd >= 0 && (nextQuote < 0 || nextQuote > lineEnd)) {
      rows.push(cutFields(text, position, lineEnd, COMMA, plan));
      position = lineEnd + 1;
    } else {
      const row = readQuotedRow(text, position, plan);
      rows.push(row.fields);
      position = row.next;
    }
  }
  const last = readQuotedRow(text, lastRow, plan);
  return { header, rows, complete: last.closed && last.fieldCount >= header.length };
}

/** A row that may hold quotes; with `plan` null every field is kept in its order. */
function readQuotedRow(text: string, start: number, plan: FieldPlan | null): Row {
  const fields: string[] = new Array<string>(plan?.width ?? 0).fill("");
  let column = 0;
  let position = start;
  for (;;) {
    const field = text.charCodeAt(position) === QUOTE ? readQuotedField(text, position) : readBareField(text, position);
    const slot = plan === null ? column : (plan.slots[column] ?? -1);
    if (slot >= 0) fields[slot] = plan === null ? field.value : plan.detach(field.value);
    column += 1;
    position = field.next;
    if (text.charCodeAt(position) === COMMA) {
      position += 1;
      continue;
    }
    const closed = field.closed && position < text.length;
    return { fields, fieldCount: column, next: position + 1, closed };
  }
}

interface Field {
  readonly value: string;
  /** Position of the comma or LF after the field, or the text's length. */
  readonly next: number;
  readonly closed: boolean;
}

function readBareField(text: string, start: number): Field {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === COMMA || code === LF) break;
    end += 1;
  }
  return { value: text.slice(start, end), next: end, closed: true };
}

function readQuotedField(text: string, start: number): Field {
  let from = start + 1;
  let value = "";
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { value: value + text.slice(from), next: text.length, closed: false };
    value += text.slice(from, quote);
    if (text.charCodeAt(quote + 1) !== QUOTE) {
      const rest = readBareField(text, quote + 1);
      return { value: value + rest.value, next: rest.next, closed: true };
    }
    value += '"';
    from = quote + 2;
  }
}
