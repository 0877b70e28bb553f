/** Answers of the server: OK, ERR and text result sets, with or without the old EOF packets. */
import type { SqlError } from "../errors.ts";
import { binaryCharset, capabilities, serverStatus, utf8mb4 } from "./capabilities.ts";
import { encodeInteger, encodeLength, encodeText } from "./writer.ts";

export type ColumnType = "int" | "bigint" | "text" | "decimal" | "double" | "datetime" | "null";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type Cell = string | number | bigint | null;

/** What a statement gives: rows, or just success. */
export type StatementResult =
  | { readonly kind: "rows"; readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: "ok"; readonly affectedRows: number; readonly warnings: number };

export const done: StatementResult = { kind: "ok", affectedRows: 0, warnings: 0 };

const typeCodes: Record<ColumnType, number> = {
  int: 3,
  double: 5,
  null: 6,
  bigint: 8,
  datetime: 12,
  decimal: 246,
  text: 253,
};
const lengths: Record<ColumnType, number> = {
  int: 11,
  double: 10,
  null: 0,
  bigint: 21,
  datetime: 26,
  decimal: 24,
  text: 16_384,
};
const binaryFlag = 0x80;

export function buildOk(result: { affectedRows: number; warnings: number }, status: number, header = 0x00): Buffer {
  return Buffer.concat([
    Buffer.from([header]),
    encodeLength(result.affectedRows),
    encodeLength(0),
    encodeInteger(status, 2),
    encodeInteger(result.warnings, 2),
  ]);
}

/** Before the login the SQL state is left out by servers; clients accept both. */
export function buildError(error: SqlError): Buffer {
  return Buffer.concat([
    Buffer.from([0xff]),
    encodeInteger(error.code, 2),
    Buffer.from(`#${error.sqlState}`, "latin1"),
    Buffer.from(error.message, "utf8"),
  ]);
}

function buildEof(status: number): Buffer {
  return Buffer.concat([Buffer.from([0xfe]), encodeInteger(0, 2), encodeInteger(status, 2)]);
}

function buildColumn({ name, type }: Column): Buffer {
  const text = type === "text";
  return Buffer.concat([
    encodeText("def"),
    encodeText(""),
    encodeText(""),
    encodeText(""),
    encodeText(name),
    encodeText(name),
    Buffer.from([0x0c]),
    encodeInteger(text ? utf8mb4 : binaryCharset, 2),
    encodeInteger(lengths[type], 4),
    Buffer.from([typeCodes[type]]),
    encodeInteger(text ? 0 : binaryFlag, 2),
    Buffer.from([text || type === "double" ? 39 : 0]),
    Buffer.alloc(2),
  ]);
}

function buildRow(cells: readonly Cell[]): Buffer {
  return Buffer.concat(cells.map((cell) => (cell === null ? Buffer.from([0xfb]) : encodeText(String(cell)))));
}

/** Payloads of one answer. @param more whether another result of the same query follows. */
export function buildResult(result: StatementResult, clientFlags: number, more: boolean): Buffer[] {
  const status = serverStatus.autocommit | (more ? serverStatus.moreResults : 0);
  if (result.kind === "ok") return [buildOk(result, status)];
  const withoutEof = (clientFlags & capabilities.deprecateEof) !== 0;
  return [
    encodeLength(result.columns.length),
    ...result.columns.map(buildColumn),
    ...(withoutEof ? [] : [buildEof(status)]),
    ...result.rows.map(buildRow),
    withoutEof ? buildOk({ affectedRows: 0, warnings: 0 }, status, 0xfe) : buildEof(status),
  ];
}
