import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastWords, run } from "./run.js";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Address of the mirror that this machine's apt uses for its own release (not the security one). */
async function findMirror() {
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "stable";
  const targets = await run("apt-get", ["indextargets", "--format", "$(RELEASE) $(REPO_URI)"]);
  const rows = targets.output
    .split("\n")
    .map((line) => line.trim().split(" "))
    .filter((row) => row[1]?.includes("://"));
  const found = rows.find(([release]) => release === codename) ?? rows.find(([, uri]) => !uri.includes("security"));
  if (!found) throw new Error("apt of this machine names no Debian mirror");
  return found[1];
}

/** apt options that keep everything in `dir`: an empty package state, so that the whole closure of dependencies is fetched. No root rights needed. */
function buildAptOptions(dir) {
  const settings = {
    "Dir::Etc::sourcelist": join(dir, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::State": join(dir, "state"),
    "Dir::State::status": join(dir, "state/status"),
    "Dir::Cache": join(dir, "cache"),
    "APT::Install-Recommends": "false",
    "APT::Sandbox::User": "",
    "Acquire::Languages": "none",
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": "30",
    "Acquire::https::Timeout": "30",
    // Without it apt-get update calls a mirror that cannot be reached a warning.
    "APT::Update::Error-Mode": "any",
    "Debug::NoLocking": "true",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

async function mustRun(command, args) {
  const result = await run(command, args);
  if (!result.ok)
    throw new Error(
      `${command} ${args.filter((arg) => !arg.includes("=") && arg !== "-o").join(" ")}: ${lastWords(result.output)}`,
    );
  return result.output;
}

async function download(dir, suite, packages) {
  for (const folder of ["state/lists/partial", "cache/archives/partial"])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, "state/status"), "");
  const signedBy = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : "";
  writeFileSync(join(dir, "sources.list"), `deb ${signedBy}${await findMirror()} ${suite} main\n`);
  const options = buildAptOptions(dir);
  await mustRun("apt-get", [...options, "update"]);
  await mustRun("apt-get", [...options, "install", "-y", "--download-only", ...packages]);
  return join(dir, "cache/archives");
}

/**
 * Start scripts: the programs go through the loader and libraries of their own Debian, so neither chroot nor root rights are needed.
 * `--argv0` lets HAProxy's master start itself anew on reload through the same script. "ld.so" is the loader itself.
 */
function writeStarters(root, programs) {
  const folder = readdirSync(join(root, "usr/lib")).find((name) => name.endsWith("-linux-gnu"));
  const loader =
    folder && readdirSync(join(root, "usr/lib", folder)).find((file) => /^ld-linux.*\.so\.\d+$/.test(file));
  if (!loader) throw new Error("the unpacked root has no program loader");
  mkdirSync(join(root, "run"), { recursive: true });
  for (const program of programs) {
    const below = ["sbin", "bin"].find((name) => existsSync(join(root, "usr", name, program))) ?? "sbin";
    const what = program === "ld.so" ? "" : `--argv0 "$0" --library-path "$lib" "$root/usr/${below}/${program}" `;
    const lines = [
      "#!/bin/sh",
      `root=$(dirname "$(dirname "$0")")`,
      `lib=$root/usr/lib/${folder}`,
      `exec "$lib/${loader}" ${what}"$@"`,
    ];
    writeFileSync(join(root, "run", program), `${lines.join("\n")}\n`, { mode: 0o755 });
  }
}

/** Packages of releases up to bookworm put files below /lib too: as on an installed system, both names become one folder. */
async function mergeUsr(root) {
  for (const folder of ["bin", "lib", "lib64", "sbin"].filter((name) => existsSync(join(root, name)))) {
    mkdirSync(join(root, "usr", folder), { recursive: true });
    await mustRun("cp", ["-a", `${join(root, folder)}/.`, join(root, "usr", folder)]);
    rmSync(join(root, folder), { recursive: true });
  }
}

/** Fetches packages of a Debian suite with all they need and unpacks them at `root`. No maintainer script runs. Throws with one line. */
export async function unpackDebianRoot(root, { suite, packages, programs }) {
  const work = join(root, ".apt");
  const archives = await download(work, suite, packages);
  for (const file of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    await mustRun("dpkg-deb", ["-x", join(archives, file), root]);
  }
  rmSync(work, { recursive: true });
  for (const folder of ["doc", "man", "locale", "info"])
    rmSync(join(root, "usr/share", folder), { recursive: true, force: true });
  await mergeUsr(root);
  writeStarters(root, programs);
}
