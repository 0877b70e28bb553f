/** The console failed, and what it remembered was saved. */
export class CrashedError extends Error {
  readonly report: string;

  constructor(cause: unknown, report: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "CrashedError";
    this.report = report;
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }
}
