export function readDurations(): Readonly<Record<string, number>>;
export function listRealTests(projectDir: string): string[];
export function splitLanes(files: readonly string[], durations?: Readonly<Record<string, number>>): string[][];
export function findUntold(
  files: readonly string[],
  report: { readonly testResults: readonly { readonly name: string }[] } | undefined,
  projectDir: string,
): string[];
