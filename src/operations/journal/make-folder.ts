/** Folders of our own, for their owner alone. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing. `mkdir` with `recursive` would go round for ever, with a whole processor, where the system
 * says ENOENT below a folder that is there: in an automounter's folder, such as /home for somebody without one, and below /proc.
 * @throws NodeJS.ErrnoException
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await mkdir(path, { mode: 0o700 }).catch((again: unknown) => acceptFolder(path, again));
    } else await acceptFolder(path, error);
  }
}

/** Another one may have made it meanwhile; some systems say "read-only" of a folder that is there. */
async function acceptFolder(path: string, error: unknown): Promise<void> {
  const isThere = await stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (!isThere) throw error;
}
