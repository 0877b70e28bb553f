/** Warnings of the configuration: one line each, what is wrong and, behind the last `; `, what to do. */

export interface SplitWarning {
  readonly message: string;
  /** Null when the line says no remedy. */
  readonly fix: string | null;
}

export function splitWarning(warning: string): SplitWarning {
  const at = warning.lastIndexOf("; ");
  return at < 0 ? { message: warning, fix: null } : { message: warning.slice(0, at), fix: warning.slice(at + 2) };
}
