/** A real sshd on 127.0.0.1 with keys of its own, as the user who runs the tests. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { requireEngine } from "./engines.ts";
import { findFreePorts } from "./ports.ts";
import { ServerProcess } from "./process.ts";
import { createKey, type LabKey } from "./ssh-keys.ts";
import { waitFor } from "./wait.ts";

export interface SshdOptions {
  /** Folder for keys, config and log; made when it is not there. */
  readonly dir: string;
  /** Keys that may log in. */
  readonly authorized: readonly LabKey[];
  /** More lines of sshd_config; they come first, so they count. */
  readonly lines?: readonly string[];
  readonly hostKeys?: readonly ("ed25519" | "ecdsa" | "rsa")[];
}

/** Separation of privileges wants this folder when sshd is started by root. */
const PRIVILEGE_FOLDER = "/run/sshd";

export class LabSshd {
  readonly dir: string;
  readonly port: number;
  readonly user = userInfo().username;
  hostKeys: readonly LabKey[];
  readonly #options: SshdOptions;
  #process: ServerProcess | undefined;

  constructor(options: SshdOptions, port: number) {
    this.#options = options;
    this.dir = options.dir;
    this.port = port;
    mkdirSync(options.dir, { recursive: true });
    this.hostKeys = this.#createHostKeys("host");
  }

  /** `user@127.0.0.1:port` */
  get target(): string {
    return `${this.user}@127.0.0.1:${this.port}`;
  }

  /** As known_hosts names it. */
  get knownName(): string {
    return `[127.0.0.1]:${this.port}`;
  }

  get knownHostsLines(): string {
    return this.hostKeys.map(({ publicLine }) => `${this.knownName} ${publicLine}\n`).join("");
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Resolves when it accepts connections. */
  async start(lines: readonly string[] = this.#options.lines ?? []): Promise<void> {
    const authorized = join(this.dir, "authorized_keys");
    writeFileSync(authorized, this.#options.authorized.map(({ publicLine }) => `${publicLine}\n`).join(""));
    const config = [
      ...lines,
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      ...this.hostKeys.map(({ file }) => `HostKey ${file}`),
      `AuthorizedKeysFile ${authorized}`,
      "PidFile none",
      "UsePAM no",
      "StrictModes no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "MaxStartups 100",
      "LogLevel VERBOSE",
    ];
    const file = join(this.dir, "sshd_config");
    writeFileSync(file, `${config.join("\n")}\n`);
    if (process.getuid?.() === 0) mkdirSync(PRIVILEGE_FOLDER, { recursive: true, mode: 0o755 });
    const { program } = requireEngine("openssh");
    const server = new ServerProcess({
      command: [program, "-D", "-e", "-f", file],
      logFile: join(this.dir, "sshd.log"),
    });
    this.#process = server;
    try {
      await waitFor("sshd to accept", () => server.whileAlive(() => accepts(this.port)));
    } catch (error) {
      throw new Error(`sshd did not start: ${String(error)}\n${server.tail()}`, { cause: error });
    }
  }

  /** The listener and every process of a session. */
  processes(): readonly number[] {
    return this.pid === 0 ? [] : treeOf(this.pid);
  }

  /** Processes of sessions only. */
  sessions(): readonly number[] {
    return this.processes().slice(1);
  }

  /** Sockets that sessions hold: their own connections, and one for each channel that is open. */
  sockets(): number {
    return this.sessions().reduce((sum, pid) => sum + countSockets(pid), 0);
  }

  /** SIGSTOP of the listener and all sessions. */
  freeze(): void {
    for (const pid of this.processes()) signalIfThere(pid, "SIGSTOP");
  }

  thaw(): void {
    for (const pid of this.processes()) signalIfThere(pid, "SIGCONT");
  }

  /** SIGKILL of the sessions; the listener takes new ones. */
  killSessions(): void {
    for (const pid of this.sessions()) signalIfThere(pid, "SIGKILL");
  }

  /** SIGKILL of everything. */
  async kill(): Promise<void> {
    const pids = this.sessions();
    await this.#process?.kill();
    for (const pid of pids) signalIfThere(pid, "SIGKILL");
    this.#process = undefined;
  }

  async stop(): Promise<void> {
    if (this.#process === undefined) return;
    this.thaw();
    await this.kill();
  }

  /** Other host keys from the next start on, as on a machine that was set up anew. */
  changeHostKeys(): void {
    this.hostKeys = this.#createHostKeys("other");
  }

  log(): string {
    return readFileSync(join(this.dir, "sshd.log"), "utf8");
  }

  #createHostKeys(name: string): readonly LabKey[] {
    return (this.#options.hostKeys ?? ["ed25519"]).map((kind) => createKey(join(this.dir, `${name}_${kind}`), kind));
  }
}

export async function startSshd(options: SshdOptions): Promise<LabSshd> {
  const [port = 0] = await findFreePorts(1);
  const sshd = new LabSshd(options, port);
  await sshd.start();
  return sshd;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function treeOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    return [pid, ...children.flatMap(treeOf)];
  } catch {
    return [pid];
  }
}

function countSockets(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`).startsWith("socket:")).length;
  } catch {
    return 0;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}
