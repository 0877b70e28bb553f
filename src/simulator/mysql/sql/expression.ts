/** Expressions of SELECT lists and WHERE conditions: what monitoring tools write, with MariaDB's precedence. */
import type { Cursor } from "./cursor.ts";

export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | null; readonly decimal?: boolean }
  | { readonly kind: "column"; readonly name: string; readonly table: string | null }
  | { readonly kind: "variable"; readonly scope: "global" | "session" | null; readonly name: string }
  | { readonly kind: "user-variable"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "operator"; readonly operator: string; readonly args: readonly Expression[] };

function operator(name: string, ...args: Expression[]): Expression {
  return { kind: "operator", operator: name, args };
}

export function parseExpression(cursor: Cursor): Expression {
  let left = parseAnd(cursor);
  while (cursor.accept("OR") || cursor.accept("||")) left = operator("or", left, parseAnd(cursor));
  return left;
}

function parseAnd(cursor: Cursor): Expression {
  let left = parseNot(cursor);
  while (cursor.accept("AND") || cursor.accept("&&")) left = operator("and", left, parseNot(cursor));
  return left;
}

function parseNot(cursor: Cursor): Expression {
  return cursor.accept("NOT") ? operator("not", parseNot(cursor)) : parseComparison(cursor);
}

const comparisons = ["<=>", "<>", "!=", "<=", ">=", "=", "<", ">"] as const;

function parseList(cursor: Cursor): Expression[] {
  cursor.expect("(");
  const items = [parseExpression(cursor)];
  while (cursor.accept(",")) items.push(parseExpression(cursor));
  cursor.expect(")");
  return items;
}

/** IN, LIKE, BETWEEN after an optional NOT; null when none comes next. */
function parseMembership(cursor: Cursor, left: Expression): Expression | null {
  if (cursor.accept("IN")) return operator("in", left, ...parseList(cursor));
  if (cursor.accept("LIKE")) return operator("like", left, parseSum(cursor));
  if (!cursor.accept("BETWEEN")) return null;
  const low = parseSum(cursor);
  cursor.expect("AND");
  return operator("and", operator(">=", left, low), operator("<=", left, parseSum(cursor)));
}

function parseComparison(cursor: Cursor): Expression {
  let left = parseSum(cursor);
  for (;;) {
    const sign = comparisons.find((candidate) => cursor.accept(candidate));
    if (sign !== undefined) {
      left = operator(sign === "<>" ? "!=" : sign, left, parseSum(cursor));
      continue;
    }
    if (cursor.accept("IS")) {
      const negated = cursor.accept("NOT");
      const test = cursor.accept("NULL") ? operator("is-null", left) : operator("truth", left, parseTruth(cursor));
      left = negated ? operator("not", test) : test;
      continue;
    }
    const negated = cursor.peek().text.toUpperCase() === "NOT" && cursor.accept("NOT");
    const membership = parseMembership(cursor, left);
    if (membership === null) {
      if (negated) throw cursor.fail();
      return left;
    }
    left = negated ? operator("not", membership) : membership;
  }
}

function parseTruth(cursor: Cursor): Expression {
  if (cursor.accept("TRUE")) return { kind: "literal", value: 1 };
  if (cursor.accept("FALSE")) return { kind: "literal", value: 0 };
  throw cursor.fail();
}

function parseSum(cursor: Cursor): Expression {
  let left = parseProduct(cursor);
  for (;;) {
    if (cursor.accept("+")) left = operator("+", left, parseProduct(cursor));
    else if (cursor.accept("-")) left = operator("-", left, parseProduct(cursor));
    else return left;
  }
}

function parseProduct(cursor: Cursor): Expression {
  let left = parsePrimary(cursor);
  for (;;) {
    const sign = ["*", "/", "DIV", "%", "MOD"].find((candidate) => cursor.accept(candidate));
    if (sign === undefined) return left;
    left = operator(sign === "MOD" ? "%" : sign.toLowerCase(), left, parsePrimary(cursor));
  }
}

function parseVariable(cursor: Cursor): Expression {
  const first = cursor.name();
  const scope = first.toLowerCase();
  if ((scope === "global" || scope === "session" || scope === "local") && cursor.accept("."))
    return { kind: "variable", scope: scope === "global" ? "global" : "session", name: cursor.name().toLowerCase() };
  return { kind: "variable", scope: null, name: scope };
}

function parseCall(cursor: Cursor, name: string): Expression {
  const args: Expression[] = [];
  // Its first argument is a word of the grammar.
  if (name.toUpperCase() === "TIMESTAMPDIFF") {
    args.push({ kind: "literal", value: cursor.name().toLowerCase() });
    cursor.expect(",");
  }
  if (cursor.accept("*")) cursor.expect(")");
  else if (!cursor.accept(")")) {
    do args.push(parseExpression(cursor));
    while (cursor.accept(","));
    cursor.expect(")");
  }
  return { kind: "call", name: name.toLowerCase(), args };
}

function parseCase(cursor: Cursor): Expression {
  const subject = cursor.peek().text.toUpperCase() === "WHEN" ? null : parseExpression(cursor);
  const args: Expression[] = [];
  while (cursor.accept("WHEN")) {
    const when = parseExpression(cursor);
    cursor.expect("THEN");
    args.push(subject === null ? when : operator("=", subject, when), parseExpression(cursor));
  }
  if (args.length === 0) throw cursor.fail();
  args.push(cursor.accept("ELSE") ? parseExpression(cursor) : { kind: "literal", value: null });
  cursor.expect("END");
  return { kind: "call", name: "case", args };
}

function parseCast(cursor: Cursor): Expression {
  cursor.expect("(");
  const value = parseExpression(cursor);
  cursor.expect("AS");
  const type = cursor.name().toLowerCase();
  if (cursor.accept("(")) {
    cursor.next();
    cursor.expect(")");
  }
  if (type === "unsigned" || type === "signed") cursor.accept("INTEGER");
  cursor.expect(")");
  return { kind: "call", name: type === "char" ? "cast-char" : "cast-number", args: [value] };
}

function parseNamed(cursor: Cursor): Expression {
  const quoted = cursor.peek().kind === "quoted-name";
  const name = cursor.name();
  const upper = quoted ? "" : name.toUpperCase();
  if (upper === "NULL") return { kind: "literal", value: null };
  if (upper === "TRUE" || upper === "FALSE") return { kind: "literal", value: upper === "TRUE" ? 1 : 0 };
  if (upper === "CASE") return parseCase(cursor);
  if (upper === "CAST") return parseCast(cursor);
  if (!quoted && cursor.accept("(")) return parseCall(cursor, name);
  let column = name;
  let table: string | null = null;
  while (cursor.accept(".")) {
    table = column;
    column = cursor.name();
  }
  if (upper === "CURRENT_TIMESTAMP" || upper === "CURRENT_USER")
    return { kind: "call", name: upper.toLowerCase(), args: [] };
  return { kind: "column", name: column, table };
}

function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.peek();
  if (cursor.accept("(")) {
    const inner = parseExpression(cursor);
    cursor.expect(")");
    return inner;
  }
  if (cursor.accept("-")) return operator("negate", parsePrimary(cursor));
  if (cursor.accept("+")) return parsePrimary(cursor);
  if (cursor.accept("!")) return operator("not", parsePrimary(cursor));
  if (cursor.accept("@@")) return parseVariable(cursor);
  if (cursor.accept("@")) return { kind: "user-variable", name: cursor.name().toLowerCase() };
  if (token.kind === "string") {
    cursor.next();
    return { kind: "literal", value: token.text };
  }
  if (token.kind === "number") {
    cursor.next();
    return { kind: "literal", value: Number(token.text), decimal: token.text.includes(".") };
  }
  return parseNamed(cursor);
}
