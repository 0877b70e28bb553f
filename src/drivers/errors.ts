/** The one error class that leaves the drivers. Texts for people are made at the edge; matching on message text happens only inside drivers. */
import type { Failure, FailureKind } from "../model/reading.ts";

export interface DriverErrorFields {
  readonly kind: FailureKind;
  /** Endpoint without secrets, e.g. `db1 10.0.0.11:3306`. */
  readonly target: string;
  /** What was being done, e.g. `connect`, `show stat`. */
  readonly operation: string;
  readonly message: string;
  readonly advice?: string | null;
  readonly serverCode?: number | string | null;
  readonly cause?: unknown;
}

export class DriverError extends Error {
  override readonly name = "DriverError";
  readonly kind: FailureKind;
  readonly target: string;
  readonly operation: string;
  readonly advice: string | null;
  readonly serverCode: number | string | null;

  constructor(fields: DriverErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.kind = fields.kind;
    this.target = fields.target;
    this.operation = fields.operation;
    this.advice = fields.advice ?? null;
    this.serverCode = fields.serverCode ?? null;
  }
}

/** Any thrown thing as a plain Failure; what is not a DriverError is a defect of ours and is reported as `protocol`, never thrown on. */
export function describeFailure(error: unknown, target: string, operation: string): Failure {
  if (error instanceof DriverError) {
    const { kind, message, advice, serverCode } = error;
    return { kind, target: error.target, operation: error.operation, message, advice, serverCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "protocol", target, operation, message, advice: null, serverCode: null };
}

/** Codes of MySQL (ER_MASTER_INFO, ER_SLAVE_RLI_INIT_REPOSITORY): what it has written down of a channel cannot be read. */
export const UNREADABLE_CHANNEL: ReadonlySet<unknown> = new Set([1201, 1872]);
