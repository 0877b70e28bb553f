/** A server as the file of its HAProxy has it, which a reload makes true. */
export interface WrittenServer {
  readonly backend: string;
  readonly server: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The line without blanks around it. */
  readonly text: string;
}
