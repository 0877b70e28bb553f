/** Files of keys, certificates and known hosts that are read anew at every connection. */
import { readFile, stat } from "node:fs/promises";

/** More than any of them holds. */
const LARGEST_BYTES = 16_777_216;

/**
 * Of a character device there is nothing to read: /dev/null is named where there is to be no file. Reading a pipe may never end, and holds one of the
 * few threads that everything else is read in, and the end of the program with it.
 * @throws the system's error; an Error without `code` for a pipe, a socket, and what is too large
 */
export async function readPlainFile(path: string): Promise<Buffer> {
  const file = await stat(path);
  if (file.isCharacterDevice()) return Buffer.alloc(0);
  if (file.isFIFO() || file.isSocket()) throw new Error("no regular file");
  if (file.size > LARGEST_BYTES) throw new Error("too large");
  return readFile(path);
}
