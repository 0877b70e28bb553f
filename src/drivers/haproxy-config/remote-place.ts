/** The files of another machine, by programs that only read: `head`, `ls` and `readlink`, each within what is left of one deadline. */

import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { RunCommand } from "../host/run-command.ts";
import { type ConfigPlace, LARGEST_BYTES, noFile, splitArguments, tooLarge } from "./place.ts";

const MOST_ARGUMENT_BYTES = 65_536;

/** What programs say, in English, by the code of the system. */
const CODES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/No such file or directory/, "ENOENT"],
  [/Permission denied|Operation not permitted/, "EACCES"],
  [/Is a directory/, "EISDIR"],
  [/Not a directory/, "ENOTDIR"],
];

/** @param bounds of everything that is asked through this place together */
export function createRemotePlace(run: RunCommand, { signal, timeoutMs }: RequestBounds): ConfigPlace {
  const endsMs = performance.now() + timeoutMs;
  const ask = async (argv: readonly string[], path: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(argv, {
      signal,
      timeoutMs: Math.max(1, Math.round(endsMs - performance.now())),
    });
    if (exitCode === 0) return stdout;
    const code = CODES.find(([pattern]) => pattern.test(stderr))?.[1];
    if (code !== undefined) throw Object.assign(new Error(code), { code, path });
    throw new Error(`${argv[0]} ended with ${exitCode} for ${path}`);
  };
  const readUpTo = (bytes: number, path: string) => ask(["head", "-c", String(bytes), path], path);
  return {
    readArguments: async (pid) => splitArguments(await readUpTo(MOST_ARGUMENT_BYTES, `/proc/${pid}/cmdline`)),
    readFolder: async (pid) => (await ask(["readlink", `/proc/${pid}/cwd`], `/proc/${pid}/cwd`)).replace(/\n$/, ""),
    listNames: async (path) => {
      // A path that ends so can only be a folder.
      const listed = await ask(["ls", "-1A", `${path}/.`], path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOTDIR") return null;
        throw error;
      });
      return listed?.split("\n").filter((name) => name !== "") ?? null;
    },
    readText: async (path) => {
      // Asked first: a program that waits at a pipe stays on that host after our deadline. In the long form the first letter is the kind, "-" a file.
      if (!(await ask(["ls", "-ldL", path], path)).startsWith("-")) throw noFile(path);
      const text = await readUpTo(LARGEST_BYTES, path);
      if (Buffer.byteLength(text) >= LARGEST_BYTES) throw tooLarge(path);
      return text;
    },
  };
}

/** Words of an error of the way itself, without their full stop. */
export function describeWayError(error: unknown): string | null {
  return error instanceof DriverError ? error.message.replace(/\.$/, "") : null;
}
