/** Looks at the machine signalbox runs on. Reads only; never rejects. */
import { constants } from "node:fs";
import { access, readdir, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { RequestBounds } from "../drivers/contract.ts";
import type { RunCommand } from "../drivers/host/run-command.ts";
import type { StateDirFacts } from "./facts.ts";

/** Programs that move addresses or primaries by themselves, as they are called in /proc/PID/comm (15 characters). */
const RIVALS: ReadonlySet<string> = new Set([
  "keepalived",
  "heartbeat",
  "pacemakerd",
  "orchestrator",
  "maxscale",
  "replication-man",
  "masterha_manage",
]);

/** Names of such programs that run here; [] also where the system does not tell. */
export async function findRivalProcesses(): Promise<readonly string[]> {
  try {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const names = await Promise.all(
      pids.map((pid) =>
        readFile(`/proc/${pid}/comm`, "utf8").then(
          (text) => text.trim(),
          () => "",
        ),
      ),
    );
    return [...new Set(names.filter((name) => RIVALS.has(name)))].sort();
  } catch {
    return [];
  }
}

/** The same on another host, whose programs are read by one that only reads. @throws what `run` throws, and Error where the host does not tell */
export async function findRivalsThere(run: RunCommand, bounds: RequestBounds): Promise<readonly string[]> {
  const { stdout, stderr } = await run(["sh", "-c", "cat /proc/1/comm /proc/[0-9]*/comm"], bounds);
  const names = stdout.split("\n").map((name) => name.trim());
  // Processes that end meanwhile make it fail in part; where the first one is hidden (hidepid), so are those of others.
  if (stdout === "" || stderr.includes("/proc/1/comm")) throw new Error("its processes cannot be seen");
  return [...new Set(names.filter((name) => RIVALS.has(name)))].sort();
}

/** Whether the journal could be written there, without writing anything. */
export async function examineStateDir(path: string): Promise<StateDirFacts> {
  try {
    const status = await stat(path);
    if (!status.isDirectory()) return { path, mode: status.mode, problem: "it is no folder" };
    return { path, mode: status.mode, problem: await describeUnwritable(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") return { path, mode: null, problem: describeCode(code) };
  }
  const parent = await findExisting(dirname(path));
  const problem = await describeUnwritable(parent);
  return { path, mode: null, problem: problem === null ? null : `it is not there, and ${parent}: ${problem}` };
}

async function findExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch {
      if (at === dirname(at)) return at;
    }
  }
}

async function describeUnwritable(path: string): Promise<string | null> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return describeCode((error as NodeJS.ErrnoException).code);
  }
}

function describeCode(code: string | undefined): string {
  if (code === "EACCES" || code === "EPERM") return "this user may not write there";
  if (code === "EROFS") return "the file system is read-only";
  if (code === "ENOTDIR") return "a part of the path is no folder";
  return `it cannot be used (${code ?? "error"})`;
}
