/** Two hosts of their own, lb1 and lb2, joined by a wire: processes, files below /etc and interfaces of each are its own. Needs root. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childrenOf } from "./haproxy.ts";
import { ServerProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

/** Nobody else sees it: it lives between the two only. */
export const ADDRESS = "10.10.10.1";

/** Namespaces that a host has to itself; the root folder is the last one that its first process has. */
const ENTER = ["-n", "-m", "-p", "-u", "-i", "-r", "-w"];

/** A copy of the system's /etc and an empty /run; the rest is the system's. */
const OWN_FILES = [
  'cp -a /etc "$0"',
  'mount --bind "$0/etc" /etc',
  "mount -t tmpfs tmpfs /run",
  "mount -t proc proc /proc",
];

/** Programs and libraries of an unpacked Debian alone, with /etc and /var of its own. */
function ownRoot(root: string): readonly string[] {
  return [
    `root='${root}'`,
    'mkdir "$0"/root "$0"/root/etc "$0"/root/var "$0"/root/usr "$0"/root/dev "$0"/root/proc "$0"/root/run "$0"/root/tmp "$0"/root/root',
    'for name in bin sbin lib lib64; do ln -s "usr/$name" "$0/root/$name"; done',
    'cp -a "$root/etc/." "$0/root/etc"',
    'cp -a "$root/var/." "$0/root/var"',
    'mount --bind "$root/usr" "$0/root/usr"',
    'mount --bind /dev "$0/root/dev"',
    'mount -t proc proc "$0/root/proc"',
  ];
}

export class LabHost {
  readonly name: string;
  readonly dir: string;
  readonly #space: ServerProcess;
  #pid = 0;

  constructor(name: string, dir: string, root: string | null) {
    this.name = name;
    this.dir = dir;
    const lines = [
      "set -e",
      "mount --make-rprivate /",
      'mkdir -p "$0"',
      'mount -t tmpfs tmpfs "$0"',
      ...(root === null ? OWN_FILES : ownRoot(root)),
      `hostname ${name}`,
      // A shell takes in what its children leave behind, as the first process of a host has to.
      `exec ${root === null ? "" : 'chroot "$0/root" '}bash -c 'sleep infinity & echo ready; wait'`,
    ];
    const unshare = ["unshare", "-n", "-m", "-p", "-u", "-i", "--fork", "--kill-child"];
    this.#space = new ServerProcess({
      command: [...unshare, "bash", "-c", lines.join("\n"), join(dir, name)],
      logFile: join(dir, `${name}.log`),
    });
  }

  /** Resolves when everything of its own is there. */
  async begin(): Promise<void> {
    await waitFor(`host ${this.name}`, () => {
      return this.#space.whileAlive(async () => this.#space.tail().split("\n").includes("ready"));
    });
    this.#pid = await waitFor("its first process", () => childrenOf(this.#space.pid)[0]);
  }

  /** Its first process, as it is called outside. */
  get pid(): number {
    return this.#pid;
  }

  /** A command as it is run on this host. */
  inside(argv: readonly string[]): readonly string[] {
    return ["nsenter", "-t", String(this.pid), ...ENTER, "--", ...argv];
  }

  run(...argv: readonly string[]): string {
    const [program = "", ...args] = this.inside(argv);
    return execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
  }

  /** Writes a file of its own. */
  write(path: string, text: string, mode = "644"): void {
    this.run(
      "bash",
      "-c",
      'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1" && chmod "$3" "$1"',
      "-",
      path,
      text,
      mode,
    );
  }

  get holds(): boolean {
    return this.run("ip", "-o", "addr", "show").includes(` ${ADDRESS}/`);
  }

  tail(): string {
    return this.#space.tail();
  }

  /** With everything that runs there. */
  end(): Promise<void> {
    return this.#space.kill();
  }
}

export interface HostPair {
  readonly address: string;
  readonly hosts: readonly [LabHost, LabHost];
  stop(): Promise<void>;
}

/** @param root unpacked Debian that the hosts run; null: the programs of this system. @param start begins what moves the address */
export async function startHostPair(root: string | null, start: (host: LabHost) => void): Promise<HostPair> {
  const dir = mkdtempSync(join(tmpdir(), "sbx-hosts-"));
  const hosts = [new LabHost("lb1", dir, root), new LabHost("lb2", dir, root)] as const;
  const stop = async () => {
    await Promise.all(hosts.map((host) => host.end()));
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    for (const host of hosts) await host.begin();
    const [first, second] = hosts;
    // In both namespaces of interfaces and neither of processes: the wire is named by a process of this system.
    const wire = ["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", String(second.pid)];
    execFileSync("nsenter", ["-t", String(first.pid), "-n", "--", ...wire], { stdio: "pipe" });
    for (const [index, host] of hosts.entries()) {
      host.run("ip", "addr", "add", `10.10.10.${11 + index}/24`, "dev", "eth0");
      host.run("ip", "link", "set", "eth0", "up");
      host.run("ip", "link", "set", "lo", "up");
    }
    for (const host of hosts) start(host);
    await waitFor("the first host to hold the address", () => first.holds && !second.holds, { timeoutMs: 60_000 });
  } catch (error) {
    const logs = hosts.map((host) => host.tail()).join("\n");
    await stop();
    throw new Error(`the pair of hosts did not start:\n${logs}`, { cause: error });
  }
  return { address: ADDRESS, hosts, stop };
}
