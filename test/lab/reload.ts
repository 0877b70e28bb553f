/** When a reload of HAProxy is over, seen from outside. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Columns of the tables below /proc/net that say "listens", and the inode. */
const tables = [
  { file: "/proc/net/unix", inode: 6, state: 3, listens: "00010000" },
  { file: "/proc/net/tcp", inode: 9, state: 3, listens: "0A" },
  { file: "/proc/net/tcp6", inode: 9, state: 3, listens: "0A" },
] as const;

function listeningInodes(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { file, inode, state, listens } of tables) {
    for (const line of readFileSync(file, "utf8").split("\n").slice(1)) {
      const columns = line.trim().split(/\s+/);
      const number = columns[inode];
      if (number !== undefined && columns[state] === listens) found.add(`socket:[${number}]`);
    }
  }
  return found;
}

/**
 * True while that process can still take a connection: it holds a listening socket. Both workers of a reload hold the same ones for a
 * moment (`expose-fd listeners`), and whichever is woken first takes a connection from the queue they share; so an answer of the new worker
 * does not yet mean that the next one comes from it too. A process that has closed them can only go on with connections it has taken.
 */
export function canAccept(pid: number): boolean {
  const listening = listeningInodes();
  const folder = `/proc/${pid}/fd`;
  const read = (fd: string): string => {
    try {
      return readlinkSync(`${folder}/${fd}`);
    } catch {
      return ""; // closed between two looks
    }
  };
  try {
    return readdirSync(folder).some((fd) => listening.has(read(fd)));
  } catch {
    return false; // ended
  }
}
