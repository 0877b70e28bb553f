/** A root folder with nothing in it but the libraries of another Debian: no shell, no /etc, no /proc, no /dev, no home. */
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { type EngineName, engineState, rootFolder } from "./engines.ts";

/** Without root rights a namespace in which we have them. */
const CHROOT = process.getuid?.() === 0 ? ["chroot"] : ["unshare", "--map-root-user", "chroot"];
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface BareRoot {
  readonly dir: string;
  /** Command line that runs a program of this root in it, with these variables only. */
  inside(program: string, env?: Readonly<Record<string, string>>): readonly [string, ...string[]];
  remove(): void;
}

export function makeBareRoot(): BareRoot {
  const dir = mkdtempSync(join(tmpdir(), "sbx-root-"));
  const libraries = join(rootFolder("bare-trixie"), "usr");
  for (const name of ["lib", "lib64"]) {
    cpSync(join(libraries, name), join(dir, "usr", name), { recursive: true, verbatimSymlinks: true });
    symlinkSync(`usr/${name}`, join(dir, name));
  }
  mkdirSync(join(dir, "tmp"));
  return {
    dir,
    inside: (program, env = {}) => {
      const variables = Object.entries({ PATH, ...env }).map(([name, value]) => `${name}=${value}`);
      return ["env", "-i", ...variables, ...CHROOT, dir, program];
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function whyNoChroot(): string | null {
  // The program is not there: 127 says that the way to it was open.
  const [command = "", ...args] = [...CHROOT, tmpdir(), "/no-such-program"];
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error) return error.message;
  return status === 127 ? null : `chroot is not possible: ${stderr.trim()}`;
}

/** As describeEngine: where it cannot run it counts as skipped, and `npm test` prints the reason. */
export function describeBareRoot(engines: readonly EngineName[], title: string, body: () => void): void {
  const missing = (["bare-trixie", ...engines] as const).map(engineState).find(({ available }) => !available);
  const reason = missing?.reason ?? whyNoChroot();
  const file = process.env.SIGNALBOX_LAB_SKIPS;
  if (reason !== null && file)
    appendFileSync(file, `"${title}" needs ${missing?.name ?? "chroot"}: ${reason.replaceAll("\n", " ")}\n`);
  describe.skipIf(reason !== null)(title, body);
}
