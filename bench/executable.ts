/** The one-file executable beside the program that Node runs: its size, and how long a person waits for it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../test/lab/index.ts";
import { PROGRAM, ROOT } from "../test/support/program.ts";
import type { Result } from "./measure.ts";
import { type CommandLine, medianOf, timeFirstData, timeProgram } from "./start-up.ts";

const MIB = 1024 * 1024;
/** Node 24 alone has 121; the program may have the rest. */
const MOST_MIB = 130;
const MOST_PACKED_MIB = 46;
const MOST_VERSION_MS = 100;

interface Times {
  readonly version: number;
  readonly status: number;
  readonly firstFrame: number;
}

async function measure(command: CommandLine, configPath: string): Promise<Times> {
  return {
    version: await medianOf(15, () => timeProgram(command, ["-V"])),
    status: await medianOf(15, () => timeProgram(command, ["-c", configPath, "status", "--json"])),
    firstFrame: await medianOf(9, () => timeFirstData(command, configPath)),
  };
}

/** What has to be copied to a bastion: bytes after gzip. */
function measurePacked(program: string): number {
  const out = execFileSync("sh", ["-c", 'gzip -6 < "$1" | wc -c', "sh", program], { encoding: "utf8" });
  return Number(out);
}

export async function measureExecutable({ configPath }: Lab): Promise<Result[]> {
  const dir = mkdtempSync(join(tmpdir(), "sbx-executable-"));
  try {
    const program = join(dir, "signalbox");
    execFileSync(process.execPath, [join(ROOT, "scripts/build-executable.js"), program], { stdio: "pipe" });
    const own = await measure([program], configPath);
    const node = await measure([process.execPath, PROGRAM], configPath);
    const beside = (value: number): string => `the npm package: ${value.toFixed(0)} ms`;
    return [
      { name: "executable: size", value: statSync(program).size / MIB, unit: "MiB", budget: MOST_MIB },
      {
        name: "executable: size after gzip",
        value: measurePacked(program) / MIB,
        unit: "MiB",
        budget: MOST_PACKED_MIB,
      },
      { name: "executable: -V", value: own.version, unit: "ms", budget: MOST_VERSION_MS, note: beside(node.version) },
      { name: "executable: status on R1", value: own.status, unit: "ms", budget: 350, note: beside(node.status) },
      {
        name: "executable: first frame with data on R1",
        value: own.firstFrame,
        unit: "ms",
        budget: 450,
        note: beside(node.firstFrame),
      },
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
