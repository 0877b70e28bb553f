import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { labAccounts } from "./accounts.ts";
import { connectByPort, connectBySocket, queryRows, type Row } from "./connection.ts";
import { type Flavor, flavorOf, requireEngine, type ServerEngineName } from "./engines.ts";
import * as faults from "./faults.ts";
import { readTail, ServerProcess, stopThreads } from "./process.ts";
import { buildServerOptions, type ServerSettings } from "./server-options.ts";
import { labStatements } from "./statements.ts";
import { copyTemplate } from "./template.ts";
import { waitFor } from "./wait.ts";

export interface LabNodeOptions extends ServerSettings {
  readonly name: string;
  readonly engine: ServerEngineName;
  /** Folder of this node; made here. */
  readonly dir: string;
  /** Finds the node that listens on a port: who feeds me. */
  readonly nodeAtPort: (port: number) => LabNode | undefined;
}

/** One real database server. Every fault is applied and, where it can be seen, waited for before the promise resolves. */
export class LabNode {
  readonly host = "127.0.0.1";
  readonly name: string;
  readonly engine: ServerEngineName;
  readonly flavor: Flavor;
  readonly port: number;
  readonly serverId: number;
  readonly dir: string;
  readonly socketPath: string;
  readonly errorLog: string;
  private readonly options: LabNodeOptions;
  private process: ServerProcess | undefined;
  private reserved: Connection | undefined;

  constructor(options: LabNodeOptions) {
    this.options = options;
    this.name = options.name;
    this.engine = options.engine;
    this.flavor = flavorOf(options.engine);
    this.port = options.port;
    this.serverId = options.serverId;
    this.dir = options.dir;
    this.socketPath = join(options.dir, "s.sock");
    this.errorLog = join(options.dir, "server.log");
  }

  /** Process id of the server now, or of its last life. */
  get pid(): number {
    if (!this.process) throw new Error(`${this.name} was never started`);
    return this.process.pid;
  }

  get alive(): boolean {
    return this.process?.alive ?? false;
  }

  /** Makes the data directory and starts the server; resolves when it answers. */
  async create(): Promise<void> {
    mkdirSync(this.dir, { recursive: true });
    await copyTemplate(this.engine, join(this.dir, "data"));
    if (this.flavor !== "mariadb") this.giveUuid();
    const text = buildServerOptions(this.dir, requireEngine(this.engine), this.flavor, this.options);
    writeFileSync(join(this.dir, "my.cnf"), text);
    await this.start();
  }

  /** MySQL 5.6 makes its uuid from the time among others: two started at the same instant made the same one, and refuse to replicate. */
  private giveUuid(): void {
    writeFileSync(join(this.dir, "data/auto.cnf"), `[auto]\nserver-uuid=${randomUUID()}\n`);
  }

  /** Starts the server on its data directory. `extraArgs`: server options such as `--skip-slave-start`, for this life only. */
  async start(extraArgs: readonly string[] = []): Promise<void> {
    if (this.alive) throw new Error(`${this.name} runs already`);
    const { program } = requireEngine(this.engine);
    const server = new ServerProcess({
      command: [program, `--defaults-file=${join(this.dir, "my.cnf")}`, ...extraArgs],
      logFile: this.errorLog,
    });
    this.process = server;
    try {
      const login = async (): Promise<true> => {
        await (await connectByPort(this.port, labAccounts.admin)).end();
        return true;
      };
      const options = { timeoutMs: 60_000, intervalMs: 50 };
      await waitFor(`${this.name} to answer`, () => server.whileAlive(login), options);
    } catch (error) {
      await server.kill();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${this.name} (${this.engine}) did not start: ${reason}\n${readTail(this.errorLog, 80)}`, {
        cause: error,
      });
    }
  }

  /** Ends the server in an orderly way. */
  async stop(): Promise<void> {
    await this.process?.stop(20_000);
  }

  /** SIGKILL: power cut of the server. */
  async kill(): Promise<void> {
    await this.process?.kill();
  }

  /** SIGSTOP: the server hangs; the kernel still accepts connections for it. */
  async freeze(): Promise<void> {
    if (!this.alive) throw new Error(`${this.name} does not run`);
    await stopThreads(this.pid);
  }

  thaw(): void {
    if (!this.process?.signal("SIGCONT")) throw new Error(`${this.name} does not run`);
  }

  async restart(extraArgs: readonly string[] = []): Promise<void> {
    if (this.alive) await this.stop();
    await this.start(extraArgs);
  }

  /** Runs `work` on one administrator session (Unix socket; not written to the audit of any account of the console). */
  async withAdmin<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.reserved) return work(this.reserved);
    const connection = await connectBySocket(this.socketPath, labAccounts.admin);
    try {
      return await work(connection);
    } finally {
      connection.destroy();
    }
  }

  /** Rows of one statement as administrator, on a session of its own. */
  query(sql: string): Promise<Row[]> {
    return this.withAdmin((connection) => queryRows(connection, sql));
  }

  /** First row of the replica status under the server's own column names; undefined for a server that follows nobody. */
  async replicaStatus(): Promise<Row | undefined> {
    return (await this.query(labStatements[this.flavor].replicaStatus))[0];
  }

  /** The lab node that this one follows now. */
  async source(): Promise<LabNode | undefined> {
    const status = await this.replicaStatus();
    return status && this.options.nodeAtPort(Number(status[labStatements[this.flavor].columns.sourcePort]));
  }

  /** New logins of `ops` fail with 1045 and its sessions are cut. */
  refuseLogins = (): Promise<void> => faults.refuseLogins(this);
  allowLogins = (): Promise<void> => faults.allowLogins(this);

  /**
   * Takes every connection slot, the one kept for administrators too: any further login fails with 1040.
   * {@link query} goes on working, over the slot it took. Returns the function that gives all back.
   */
  async fillConnections(): Promise<() => Promise<void>> {
    const filled = await faults.fillConnections(this);
    this.reserved = filled.reserved;
    return async () => {
      this.reserved = undefined;
      await filled.release();
    };
  }

  /** The applier stops with 1062 (duplicate key): a row is put here behind replication's back, then written on the source. */
  breakApplier = (): Promise<void> => faults.breakApplier(this);
  /** Takes the conflicting rows away and starts the applier. */
  repairApplier = (): Promise<void> => faults.repairApplier(this);
  /** Configured delay; 0 takes it away. */
  delayReplication = (seconds: number): Promise<void> => faults.delayReplication(this, seconds);
  stopApplier = (): Promise<void> => faults.setThread(this, "sql", false);
  startApplier = (): Promise<void> => faults.setThread(this, "sql", true);
  stopReceiver = (): Promise<void> => faults.setThread(this, "io", false);
  startReceiver = (): Promise<void> => faults.setThread(this, "io", true);
  setNetTimeout = (seconds: number): Promise<void> => faults.setNetTimeout(this, seconds);
  /** read_only, and super_read_only where the server knows it. */
  setReadOnly = (on: boolean): Promise<void> => faults.setReadOnly(this, on);
}
