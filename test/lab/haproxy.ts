import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type HaproxyEngineName, requireEngine } from "./engines.ts";
import { buildHaproxyConfig, type HaproxyPlan, statsLogin } from "./haproxy-config.ts";
import { readTail, ServerProcess, stopThreads } from "./process.ts";
import { canAccept } from "./reload.ts";
import { waitFor } from "./wait.ts";

/** Sends one line to a HAProxy socket and returns all it says until it closes. Rejects on a connection error or after `timeoutMs` of silence. */
export function sendCommand(socketPath: string, text: string, timeoutMs = 3_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: socketPath });
    const chunks: Buffer[] = [];
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer of ${socketPath} for ${timeoutMs} ms`)));
    socket.once("connect", () => socket.write(`${text}\n`));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("error", reject);
    socket.once("end", () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("utf8"));
    });
  });
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // ended between two looks
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile: the death of one worker makes the master end the others.
  }
}

/** One real HAProxy: a master process and its worker (`-W`), so that a reload works as on a real machine. */
export class LabHaproxy {
  readonly name: string;
  readonly engine: HaproxyEngineName;
  readonly dir: string;
  readonly socketPath: string;
  readonly operatorSocketPath: string;
  readonly userSocketPath: string;
  readonly masterSocketPath: string;
  readonly configFile: string;
  readonly tcpPort: number;
  readonly statsPort: number;
  /** With user and password, as the config wants it. */
  readonly statsUrl: string;
  private readonly plan: HaproxyPlan;
  private readonly logFile: string;
  private master: ServerProcess | undefined;
  private workerPid = 0;

  constructor(engine: HaproxyEngineName, plan: HaproxyPlan) {
    this.engine = engine;
    this.plan = plan;
    this.name = plan.name;
    this.dir = plan.dir;
    this.socketPath = join(plan.dir, "admin.sock");
    this.operatorSocketPath = join(plan.dir, "operator.sock");
    this.userSocketPath = join(plan.dir, "user.sock");
    this.masterSocketPath = join(plan.dir, "master.sock");
    this.configFile = join(plan.dir, "haproxy.cfg");
    this.logFile = join(plan.dir, "haproxy.log");
    this.tcpPort = plan.tcpPort;
    this.statsPort = plan.statsPort;
    this.statsUrl = `http://${statsLogin.user}:${statsLogin.password}@127.0.0.1:${plan.statsPort}/stats`;
  }

  /** Process id of the worker that answers now, or did last. */
  get pid(): number {
    return this.workerPid;
  }

  get masterPid(): number {
    return this.master?.pid ?? 0;
  }

  get alive(): boolean {
    return this.master?.alive ?? false;
  }

  /** Client port of a `listen` section by its role; undefined where the shape has none. */
  port(role: "write" | "read"): number | undefined {
    return this.plan.listens.find((listen) => listen.role === role)?.port;
  }

  /** Writes the config and starts; resolves when every checked server is UP. */
  async create(): Promise<void> {
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(this.configFile, buildHaproxyConfig(this.plan));
    await this.start();
    await this.waitUntilChecked();
  }

  async start(): Promise<void> {
    if (this.alive) throw new Error(`${this.name} runs already`);
    const { program } = requireEngine(this.engine);
    const master = new ServerProcess({
      command: [program, "-W", "-f", this.configFile, "-S", `${this.masterSocketPath},mode,600`],
      logFile: this.logFile,
    });
    this.master = master;
    await this.explain("did not start", async () => {
      this.workerPid = await waitFor(`${this.name} to answer`, () => master.whileAlive(() => this.askPid()));
    });
  }

  /** One command line (without its LF) over the admin socket; the whole answer. */
  command(text: string): Promise<string> {
    return sendCommand(this.socketPath, text);
  }

  /**
   * SIGUSR2 to the master; resolves when a new worker answers and the old one takes no connection any more. What was set at run time is
   * lost, as always.
   */
  async reload(): Promise<void> {
    if (!this.alive) throw new Error(`${this.name} does not run`);
    const before = await this.askPid();
    await this.explain("did not reload", async () => {
      // Right after another reload the master may still be starting anew, and would lose the signal.
      await waitFor(`the master of ${this.name} to listen`, async () =>
        (await sendCommand(this.masterSocketPath, "show proc;quit")).includes(`\n${before} `),
      );
      this.master?.signal("SIGUSR2");
      this.workerPid = await waitFor(`a new worker of ${this.name}`, async () => {
        const pid = await this.askPid();
        return pid !== before && pid;
      });
      if (before !== undefined) await waitFor(`the old worker of ${this.name} to close`, () => !canAccept(before));
    });
  }

  /** SIGKILL to every worker, old ones of a reload too, and to the master if that does not end it. */
  async kill(): Promise<void> {
    const master = this.master;
    if (!master?.alive) return;
    for (const pid of childrenOf(master.pid)) killIfThere(pid);
    // A master that loses its worker reaps it and ends. Killed at once it would leave a zombie to a process 1 that may not reap.
    await waitFor("the master to end", () => !master.alive, { timeoutMs: 1_000 }).catch(() => undefined);
    await master.kill();
  }

  /** SIGSTOP of the worker: sockets accept and nothing answers. */
  async freeze(): Promise<void> {
    await stopThreads(this.workerPid);
  }

  thaw(): void {
    this.signalWorker("SIGCONT");
  }

  async restart(): Promise<void> {
    if (this.alive) await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.alive) this.thaw();
    await this.master?.stop(2_000);
  }

  private async askPid(): Promise<number | undefined> {
    const pid = /^Pid: (\d+)$/m.exec(await sendCommand(this.socketPath, "show info", 1_000))?.[1];
    return pid === undefined ? undefined : Number(pid);
  }

  private async waitUntilChecked(): Promise<void> {
    await this.explain("has servers that are not UP", async () => {
      await waitFor(`every server of ${this.name} UP after a check`, async () => {
        const stat = await this.command("show stat -1 4 -1");
        const lines = stat.trim().split("\n").slice(1);
        return lines.length > 0 && lines.every((line) => line.includes(",UP,") && /,(L7OK|L4OK|L6OK),/.test(line));
      });
    });
  }

  private signalWorker(signal: NodeJS.Signals): void {
    try {
      process.kill(this.workerPid, signal);
    } catch (error) {
      throw new Error(`${this.name} has no worker ${this.workerPid}`, { cause: error });
    }
  }

  private async explain(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${this.name} (${this.engine}) ${what}: ${reason}\n${readTail(this.logFile, 25)}`, {
        cause: error,
      });
    }
  }
}
