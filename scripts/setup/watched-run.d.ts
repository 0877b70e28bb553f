export function runWatched(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly progressFile: string;
    readonly silentMs: number;
    readonly killAfterMs?: number;
  },
): Promise<{ readonly code: number; readonly silent: boolean; readonly unfinished: readonly string[] }>;
