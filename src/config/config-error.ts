/** What can be wrong with a configuration or a command line, as data and as the two errors that leave this folder. */

/** A spot in a configuration file. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  /** Null when the problem is about the file as a whole. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface ConfigProblem extends Place {
  /** What is wrong, in one sentence without a full stop. Never holds a secret. */
  readonly message: string;
  /** What is allowed, or what to do; null when the message says it all. */
  readonly hint: string | null;
}

/** One line: `file:line:column: message; hint`. */
export function formatProblem(problem: ConfigProblem): string {
  const spot = problem.line === null ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return `${spot}: ${problem.message}${problem.hint === null ? "" : `; ${problem.hint}`}`;
}

/** The configuration cannot be used. Holds every problem found, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const inOrder = [...problems].sort(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || a.file.localeCompare(b.file),
    );
    super(inOrder.map(formatProblem).join("\n"));
    this.problems = inOrder;
  }
}

/** The command line cannot be used as typed: an option with a wrong value, a name nobody knows. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Collects problems while reading goes on, so that one run reports them all. */
export class ProblemList {
  readonly #problems: ConfigProblem[] = [];

  /** Once for each: what several nodes share is wrong for each of them, and has to be put right once. */
  add(place: Place, message: string, hint: string | null = null): void {
    const { file, line, column } = place;
    const isKnown = this.#problems.some(
      (known) =>
        known.message === message &&
        known.hint === hint &&
        known.file === file &&
        known.line === line &&
        known.column === column,
    );
    if (isKnown) return;
    this.#problems.push({ file, line, column, message, hint });
  }

  get size(): number {
    return this.#problems.length;
  }

  /** @throws ConfigError when there is any problem. */
  throwIfAny(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
  }
}
