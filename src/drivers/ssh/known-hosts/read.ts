/** The known_hosts files of a host, read anew at every connection: a line added meanwhile counts. */
import { readPlainFile } from "../../read-plain-file.ts";
import { type KnownHostsLine, parseKnownHosts } from "./parse.ts";

/** A file that is not there has no lines. @throws the system's error for one that cannot be read */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHostsLine[]> {
  const parts = await Promise.all(
    files.map(async (file) => {
      try {
        return parseKnownHosts(file, (await readPlainFile(file)).toString("utf8"));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
      }
    }),
  );
  return parts.flat();
}
