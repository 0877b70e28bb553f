/** How the console ends: whoever comes first decides. */
export interface Ending {
  readonly promise: Promise<number>;
  readonly end: (exitCode: number) => void;
  readonly fail: (error: unknown) => void;
}

export function createEnding(): Ending {
  let end: Ending["end"] = () => undefined;
  let fail: Ending["fail"] = () => undefined;
  const promise = new Promise<number>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  // An error while nobody waits yet is reported by the one who will wait.
  promise.catch(() => undefined);
  return { promise, end, fail };
}
