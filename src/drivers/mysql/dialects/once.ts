/** Texts that depend on the dialect alone are built once: polls send the same every second. */
import type { Dialect } from "./dialect.ts";

export function oncePerDialect<T>(build: (dialect: Dialect) => T): (dialect: Dialect) => T {
  const built = new WeakMap<Dialect, T>();
  return (dialect) => {
    const known = built.get(dialect);
    if (known !== undefined) return known;
    const value = build(dialect);
    built.set(dialect, value);
    return value;
  };
}
