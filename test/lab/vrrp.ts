/** Two hosts that pass an address between them: network namespaces of their own, joined by a wire, with a real keepalived in each. Needs root. */
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { engineState, requireEngine } from "./engines.ts";
import { childrenOf } from "./haproxy.ts";
import { ServerProcess, stopThreads } from "./process.ts";
import { waitFor } from "./wait.ts";

/** Nobody else sees it: it lives in the namespaces only. */
const ADDRESS = "10.10.10.1";

/** Null when this machine can have network namespaces. */
function whyNoNamespaces(): string | null {
  const { status, stderr, error } = spawnSync("unshare", ["-n", "-m", "-p", "-u", "-i", "--fork", "true"], {
    encoding: "utf8",
  });
  if (error) return error.message;
  return status === 0 ? null : `network namespaces cannot be made: ${stderr.trim()}`;
}

/** As describeEngine: where it cannot run it counts as skipped, and `npm test` prints the reason. */
export function describeHosts(engine: "keepalived" | "heartbeat", title: string, body: () => void): void {
  const state = engineState(engine);
  describeUnless(state.available ? whyNoNamespaces() : state.reason, engine, title, body);
}

/** The same for suites that need namespaces and nothing in them. */
export function describeNamespaces(title: string, body: () => void): void {
  describeUnless(whyNoNamespaces(), "namespaces", title, body);
}

function describeUnless(reason: string | null, what: string, title: string, body: () => void): void {
  const file = process.env.SIGNALBOX_LAB_SKIPS;
  if (reason !== null && file) appendFileSync(file, `"${title}" needs ${what}: ${reason.replaceAll("\n", " ")}\n`);
  describe.skipIf(reason !== null)(title, body);
}

export function describeVrrp(title: string, body: () => void): void {
  describeHosts("keepalived", title, body);
}

class VrrpHost {
  readonly name: string;
  readonly #dir: string;
  readonly #space: ServerProcess;
  #keepalived: ServerProcess | null = null;

  constructor(name: string, dir: string) {
    this.name = name;
    this.#dir = dir;
    this.#space = new ServerProcess({
      command: ["unshare", "-n", "sleep", "infinity"],
      logFile: join(dir, `${name}.log`),
    });
  }

  get pid(): number {
    return this.#space.pid;
  }

  /** A command as it is run on this host. */
  inside(argv: readonly string[]): readonly string[] {
    return ["nsenter", "-t", String(this.pid), "-n", ...argv];
  }

  run(...argv: readonly string[]): string {
    const [program = "", ...args] = this.inside(argv);
    return execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
  }

  get holds(): boolean {
    return this.run("ip", "-o", "addr", "show").includes(` ${ADDRESS}/`);
  }

  start(priority: number): void {
    const file = (suffix: string) => join(this.#dir, `${this.name}.${suffix}`);
    const instance = `vrrp_instance VI_1 {\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority ${priority}\n advert_int 0.2\n virtual_ipaddress {\n  ${ADDRESS}/24 dev eth0 label eth0:vip\n }\n}\n`;
    writeFileSync(file("conf"), `global_defs {\n router_id ${this.name}\n vrrp_version 3\n}\n${instance}`, {
      mode: 0o600,
    });
    const pids = ["-p", file("pid"), "-r", file("vrrp.pid")];
    const command = [requireEngine("keepalived").program, "-n", "-l", "-P", "-f", file("conf"), ...pids];
    this.#keepalived = new ServerProcess({ command: this.inside(command), logFile: file("keepalived.log") });
  }

  /** An ordinary stop: the other host is told. */
  async stop(): Promise<void> {
    await this.#keepalived?.stop();
    this.#keepalived = null;
  }

  /** It stands still: it keeps the address, and the other host hears nothing of it. */
  async freeze(): Promise<void> {
    for (const pid of this.#pids()) await stopThreads(pid);
  }

  thaw(): void {
    for (const pid of this.#pids()) process.kill(pid, "SIGCONT");
  }

  tail(): string {
    return this.#keepalived?.tail() ?? "";
  }

  async end(): Promise<void> {
    if (this.#keepalived !== null) this.thaw();
    await this.stop();
    await this.#space.kill();
  }

  #pids(): readonly number[] {
    const pid = this.#keepalived?.pid;
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  }
}

export interface LabVrrp {
  readonly address: string;
  readonly hosts: readonly [VrrpHost, VrrpHost];
  stop(): Promise<void>;
}

/** Resolves with keepalived running on both and the first holding the address. */
export async function startVrrp(): Promise<LabVrrp> {
  const dir = mkdtempSync(join(tmpdir(), "signalbox-vrrp-"));
  const hosts = [new VrrpHost("lb1", dir), new VrrpHost("lb2", dir)] as const;
  const stop = async () => {
    await Promise.all(hosts.map((host) => host.end()));
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await waitFor("both namespaces", () => hosts.every(isApart));
    const [first, second] = hosts;
    first.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", String(second.pid));
    for (const [index, host] of hosts.entries()) {
      host.run("ip", "addr", "add", `10.10.10.${11 + index}/24`, "dev", "eth0");
      host.run("ip", "link", "set", "eth0", "up");
      host.run("ip", "link", "set", "lo", "up");
    }
    first.start(110);
    second.start(100);
    await waitFor("the first host to hold the address", () => first.holds && !second.holds);
  } catch (error) {
    const logs = hosts.map((host) => host.tail()).join("\n");
    await stop();
    throw new Error(`VRRP did not start:\n${logs}`, { cause: error });
  }
  return { address: ADDRESS, hosts, stop };
}

/** `unshare` has done its work when the process is in another namespace than we are. */
function isApart(host: VrrpHost): boolean {
  const space = (pid: number | "self") => execFileSync("readlink", [`/proc/${pid}/ns/net`], { encoding: "utf8" });
  return space(host.pid) !== space("self");
}
