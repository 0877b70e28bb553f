import type { CliIo } from "./io.ts";

/** Thrown when Ctrl-C ends a command that has no screen. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** The result of the work, or an Interrupted as soon as the user asks to stop. */
export async function untilInterrupted<T>(io: CliIo, work: Promise<T>): Promise<T> {
  let release = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    release = io.onInterrupt(() => reject(new Interrupted("interrupted")));
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    release();
  }
}
