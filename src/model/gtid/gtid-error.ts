/** Thrown when a text is no GTID set of the given kind. Fields for whoever words the message. */
export class GtidParseError extends Error {
  override readonly name = "GtidParseError";
  readonly kind: "mysql" | "mariadb";
  /** The piece of the text that could not be read. */
  readonly part: string;
  readonly reason: string;

  constructor(kind: "mysql" | "mariadb", part: string, reason: string) {
    super(`not a ${kind} GTID set: ${reason} in "${part.slice(0, 80)}"`);
    this.kind = kind;
    this.part = part;
    this.reason = reason;
  }
}

/** Thrown when sets of two kinds meet: a defect of the caller, who has to compare flavours first. */
export class GtidKindError extends Error {
  override readonly name = "GtidKindError";
}
