import { join, resolve } from "node:path";

/** A path as people write it: `~/` is the home directory, a relative path counts from `base`. */
export function expandPath(written: string, base: string, homeDir: string): string {
  if (written === "~") return homeDir;
  if (written.startsWith("~/")) return join(homeDir, written.slice(2));
  return resolve(base, written);
}
