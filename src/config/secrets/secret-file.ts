/** Files that hold secrets: read once, with their mode looked at. */
import { open } from "node:fs/promises";
import { TextError } from "../text-error.ts";

export interface SecretFile {
  readonly bytes: Buffer;
  /** Permission bits, e.g. 0o600. */
  readonly mode: number;
}

/** More than any option or password file holds. */
const largestBytes = 1_048_576;

/** @throws TextError that says why it cannot be read, fit to follow the name of a key */
export async function readSecretFile(path: string): Promise<SecretFile> {
  try {
    const file = await open(path, "r");
    try {
      const status = await file.stat();
      if (status.isDirectory()) throw new TextError(`names ${path}, which is a directory`);
      if (status.isCharacterDevice() || status.isBlockDevice()) throw new TextError(`names ${path}, which is a device`);
      if (status.size > largestBytes) throw new TextError(`names ${path}, which is larger than 1 MB`);
      return { bytes: await file.readFile(), mode: status.mode & 0o777 };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TextError) throw error;
    throw new TextError(`names ${path}, ${describeReadError(error)}`);
  }
}

export function describeReadError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "error";
  if (code === "ENOENT") return "which does not exist";
  return code === "EACCES" ? "which this user may not read" : `which cannot be read (${code})`;
}

export function describeOpenFile(path: string, what = "a password"): string {
  return `${path} holds ${what} and everyone on this machine can read it; chmod o-r ${path}`;
}
