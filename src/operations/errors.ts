/** What is wrong with a request, before anything is planned. Texts are for people: one clear line, what, where, what to do. */

/** `unreadable`: no HAProxy answers that could tell what the target means; no mistake of whoever named it. */
export type TargetProblem = "missing" | "malformed" | "unknown" | "ambiguous" | "wrong-kind" | "unreadable";

/** A target that means nothing, or more than one thing. */
export class TargetError extends Error {
  override readonly name = "TargetError";
  readonly problem: TargetProblem;
  /** As typed. */
  readonly target: string;
  /** Known names near to it, or the things it may mean. */
  readonly candidates: readonly string[];

  constructor(problem: TargetProblem, target: string, message: string, candidates: readonly string[] = []) {
    super(message);
    this.problem = problem;
    this.target = target;
    this.candidates = candidates;
  }
}

/** A request that cannot become a plan: a weight out of range, a journal entry that is not there, nothing to take back. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** Field of the request, e.g. `weight`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** A request that is understood, and refused before there is a plan: the node is the primary already, or no writer backend has it. Nothing was changed. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** What to do instead; may be empty. */
  readonly advice: string;

  constructor(message: string, advice = "") {
    super(message);
    this.advice = advice;
  }
}
