/** A cluster that takes changes: a Scene behind the ports of operations, with faults, a clock that runs by itself, and a list of what was sent. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { buildHaproxyCommand } from "../../../../src/drivers/haproxy/change-command.ts";
import { commandTextFor } from "../../../../src/drivers/mysql/command.ts";
import type { HaproxyReport, HaproxyServer } from "../../../../src/model/haproxy.ts";
import type { ClientSession } from "../../../../src/model/mysql.ts";
import type { Change } from "../../../../src/model/operation.ts";
import type { FailureKind } from "../../../../src/model/reading.ts";
import { createJournal, type Journal } from "../../../../src/operations/journal/journal.ts";
import { createOperations, type Operations } from "../../../../src/operations/operations.ts";
import type { ClusterPorts, Expectation, LookScope, SendResult } from "../../../../src/operations/ports.ts";
import { failed, fresh, type Scene } from "../../../support/model-builders.ts";

/** What happens to the next change sent to a target. */
export type Fault =
  | { readonly kind: "refuse"; readonly text: string }
  | { readonly kind: "error"; readonly failure: FailureKind }
  /** The connection is lost after sending; done or not. */
  | { readonly kind: "lost"; readonly done: boolean }
  /** Accepted, and nothing happens. */
  | { readonly kind: "no-effect" }
  /** Done, and cannot be read afterwards. */
  | { readonly kind: "lost-and-silent" };

const OK: SendResult = { sent: true, pidChanged: false, refusal: null, advice: null, notice: null };

export class FakeWorld implements ClusterPorts {
  readonly scene: Scene;
  /** `lb1: set server read_nodes/db2 state drain`, in the order in which they came. */
  readonly sent: string[] = [];
  readonly faults = new Map<string, Fault[]>();
  readonly tables = new Map<string, readonly string[]>();
  readonly locks: ClusterPorts["locks"];
  readonly lockCalls: string[] = [];
  sessions = new Map<string, readonly ClientSession[]>();
  lockedBy: { user: string; host: string } | null = null;
  /** Called after every change, to let something happen between two steps. */
  afterSend: (command: string) => void = () => {};
  /** Called before every look. */
  beforeLook: (scope: LookScope | "all") => void = () => {};
  #nowMs = Date.UTC(2026, 10, 20, 15, 31, 2);

  constructor(scene: Scene) {
    this.scene = scene;
    this.locks = {
      getLock: async (node, name) => {
        this.lockCalls.push(`get ${name} on ${node}`);
        const holder = this.lockedBy === null ? null : { connectionId: 77, own: false, ...this.lockedBy };
        return { granted: holder === null, holder };
      },
      releaseLock: async (node, name) => {
        this.lockCalls.push(`release ${name} on ${node}`);
        return true;
      },
    };
  }

  get settings() {
    return this.scene.settings;
  }

  /** Time passes only while somebody waits. */
  readonly clock = {
    monotonicMs: () => this.#nowMs,
    epochMs: () => this.#nowMs,
    after: (delayMs: number, callback: () => void) => {
      const timer = setImmediate(() => {
        this.#nowMs += delayMs;
        callback();
      });
      return () => clearImmediate(timer);
    },
  };

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  async look(scope: LookScope | "all") {
    this.beforeLook(scope);
    this.scene.now = this.#nowMs;
    return this.scene.snapshot();
  }

  async clientSessions(node: string): Promise<readonly ClientSession[]> {
    const found = this.sessions.get(node);
    if (found === undefined)
      throw new DriverError({ kind: "timeout", target: node, operation: "sessions", message: "-" });
    return found;
  }

  async stickTables(haproxy: string): Promise<readonly string[] | null> {
    return this.tables.get(haproxy) ?? null;
  }

  commandText(change: Change): string {
    if ("haproxy" in change) return buildHaproxyCommand(change);
    return commandTextFor(change, this.scene.report(change.node));
  }

  async send(change: Change, expected: Expectation): Promise<SendResult> {
    const target = "haproxy" in change ? change.haproxy : change.node;
    const pid = "haproxy" in change ? this.report(change.haproxy)?.process?.pid : null;
    if (expected.pid !== null && pid !== expected.pid) return { ...OK, sent: false, pidChanged: true };
    this.sent.push(`${target}: ${expected.command}`);
    const fault = this.faults.get(target)?.shift();
    const result = this.#take(change, target, fault);
    this.afterSend(expected.command);
    return result;
  }

  async close(): Promise<void> {}

  fault(target: string, ...faults: readonly Fault[]): this {
    this.faults.set(target, [...(this.faults.get(target) ?? []), ...faults]);
    return this;
  }

  report(haproxy: string): HaproxyReport | null {
    const reading = this.scene.haproxies.get(haproxy)?.reading;
    return reading?.state === "fresh" ? reading.value : null;
  }

  server(haproxy: string, name: string): HaproxyServer | undefined {
    return this.report(haproxy)?.servers.find((each) => `${each.backend}/${each.server}` === name);
  }

  /** A new process with every runtime change gone. */
  reload(haproxy: string, pid: number): void {
    const report = this.report(haproxy);
    if (report?.process == null) throw new Error(`${haproxy} is silent`);
    const servers = report.servers.map(
      (server): HaproxyServer => ({
        ...server,
        state: "up",
        status: "UP",
        adminReasons: [],
        assignedWeight: server.initialWeight ?? null,
      }),
    );
    this.scene.haproxy(haproxy, { reading: fresh({ ...report, servers, process: { ...report.process, pid } }) });
  }

  silence(haproxy: string): void {
    this.scene.haproxy(haproxy, { reading: failed(this.report(haproxy)) });
  }

  #take(change: Change, target: string, fault: Fault | undefined): SendResult {
    const lost = (kind: FailureKind) =>
      new DriverError({ kind, target, operation: "change", message: `${target}: connection ${kind}` });
    switch (fault?.kind) {
      case "refuse":
        return { ...OK, refusal: fault.text, advice: "do this" };
      case "error":
        throw lost(fault.failure);
      case "no-effect":
        return OK;
      case "lost":
        if (fault.done) this.#apply(change);
        throw lost("unknown-outcome");
      case "lost-and-silent":
        this.#apply(change);
        if ("haproxy" in change) this.silence(change.haproxy);
        throw lost("unknown-outcome");
      default:
        this.#apply(change);
        return OK;
    }
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case "server-state": {
        const state = change.state === "ready" ? "up" : change.state;
        this.scene.state(change.haproxy, `${change.backend}/${change.server}`, state);
        return;
      }
      case "server-weight":
        this.scene.server(change.haproxy, `${change.backend}/${change.server}`, {
          weight: change.weight,
          assignedWeight: change.weight,
        });
        return;
      case "shutdown-sessions":
        this.scene.server(change.haproxy, `${change.backend}/${change.server}`, { sessions: 0 });
        return;
      case "replication": {
        const word = change.action === "start" ? "yes" : "no";
        const io = change.thread === "sql" ? {} : ({ io: word } as const);
        const sql = change.thread === "io" ? {} : ({ sql: word } as const);
        this.scene.channel(change.node, { ...io, ...sql });
        return;
      }
      case "read-only":
        this.scene.node(change.node, {
          readOnly: change.on,
          superReadOnly: this.scene.report(change.node).superReadOnly === null ? null : change.on && change.superToo,
        });
        return;
      case "kill-session":
        this.sessions.set(
          change.node,
          (this.sessions.get(change.node) ?? []).filter(({ id }) => id !== change.sessionId),
        );
    }
  }
}

export interface Desk {
  readonly world: FakeWorld;
  readonly operations: Operations;
  readonly journal: Journal;
  readonly dir: string;
  /** The same servers and journal after the console was killed: a process of the journal counts as dead. */
  restart(): Operations;
  remove(): void;
}

export function createDesk(world: FakeWorld): Desk {
  const dir = mkdtempSync(join(tmpdir(), "sbx-ops-"));
  let count = 0;
  const open = (alive: boolean) => {
    const journal = createJournal({ dir, host: "bastion", isAlive: () => alive });
    const random = () => String(count++).padStart(4, "0");
    const clusters = new Map([["shop", world]]);
    return createOperations({ clusters, journal, operator: "ana", host: "bastion", random });
  };
  const operations = open(true);
  return {
    world,
    operations,
    journal: operations.journal,
    dir,
    restart: () => open(false),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export function buildSession(id: number, patch: Partial<ClientSession> = {}): ClientSession {
  return {
    id,
    user: "app",
    host: "10.0.0.7:5000",
    database: "shop",
    command: "Sleep",
    seconds: 1,
    state: null,
    query: null,
    system: false,
    ...patch,
  };
}
