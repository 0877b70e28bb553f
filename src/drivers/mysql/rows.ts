/** Result rows as the server wrote them: text or NULL. Nothing is converted by the driver library, so no 64-bit number loses digits. */

/** Column name (as the server spells it) to its text; null is SQL NULL, undefined a column that is not there. */
export type Row = Pick<RowMap, "get">;
export type RowMap = ReadonlyMap<string, string | null>;

/** Text of a column; null when the column is missing, NULL or empty. */
export function textOf(row: Row, column: string | null): string | null {
  const value = column === null ? null : (row.get(column) ?? null);
  return value === "" ? null : value;
}

/** Number of a column in the unit the server uses; null when it is missing, NULL, not a number or too large to be exact. */
export function numberOf(row: Row, column: string | null): number | null {
  return parseNumber(column === null ? null : (row.get(column) ?? null));
}

/** A decimal figure of a server; null for what is no figure or cannot be held exactly. */
export function parseNumber(text: string | null): number | null {
  if (text === null || !/^-?\d+(\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

/** `SELECT @@x` says 1/0, SHOW VARIABLES says ON/OFF, status columns say Yes/No; null for anything else. */
export function parseFlag(text: string | null): boolean | null {
  switch (text?.toUpperCase()) {
    case "1":
    case "ON":
    case "YES":
    case "TRUE":
      return true;
    case "0":
    case "OFF":
    case "NO":
    case "FALSE":
      return false;
    default:
      return null;
  }
}

/** MySQL writes a newline after each comma of a GTID set. */
export function normalizeGtid(text: string | null): string | null {
  return text === null ? null : text.replace(/\s+/g, "");
}
