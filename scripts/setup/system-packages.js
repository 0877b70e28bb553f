import { existsSync, rmSync, writeFileSync } from "node:fs";
import { missingSystemEngines } from "./lab-table.js";
import { lastWords, run, say } from "./run.js";

const POLICY = "/usr/sbin/policy-rc.d";

/** Debian asks this file before it starts a service: with it an installation leaves no daemon running. Returns what takes it away again. */
function forbidServiceStarts() {
  if (existsSync(POLICY)) return () => undefined;
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => rmSync(POLICY, { force: true });
}

async function install(packages) {
  const allow = forbidServiceStarts();
  const options = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=2"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    const arguments_ = [...options, "install", "-y", "--no-install-recommends", ...packages];
    const first = await run("apt-get", arguments_, { env });
    if (first.ok) return first;
    await run("apt-get", [...options, "update"], { env });
    return await run("apt-get", arguments_, { env });
  } finally {
    allow();
  }
}

/**
 * As root on Debian: installs the packages of this Debian that `engineNames` (default: all) need and that are missing, without starting or
 * enabling a service.
 * Without root: does nothing; the roots of lab-roots.js bring the same servers. Returns a reason when it failed, else undefined.
 */
export async function ensureSystemPackages(engineNames = undefined) {
  const packages = [...new Set(missingSystemEngines(engineNames).map((engine) => engine.package))];
  if (packages.length === 0 || process.getuid?.() !== 0) return undefined;
  say(`installing ${packages.join(", ")} (apt-get)…`);
  const result = await install(packages);
  if (!result.ok) return `apt-get install ${packages.join(" ")}: ${lastWords(result.output)}`;
  // The package switches its service on for the next boot; nobody asked for that.
  if (packages.includes("haproxy")) await run("systemctl", ["disable", "--quiet", "haproxy"]);
  return undefined;
}
