import type { Line } from "../paint.ts";
import type { Token } from "../theme.ts";

/** One line of the middle of the screen. */
export interface BodyLine {
  readonly key: string;
  readonly line: Line;
  /** Token under the whole line; null for none. */
  readonly background: Token | null;
}

/** True for a line on which nothing is to be seen. */
export function isBlank(body: BodyLine | undefined): boolean {
  return body !== undefined && body.background === null && body.line.every(({ text }) => text.trim() === "");
}
