/** A cluster that takes changes: a Scene behind the ports of operations, with faults, a clock that runs by itself, and a list of what was sent. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  BinlogTail,
  HaproxyChange,
  MysqlChange,
  RequestBounds,
  RouteAnswer,
} from "../../../../src/drivers/contract.ts";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { buildHaproxyCommand } from "../../../../src/drivers/haproxy/change-command.ts";
import { buildMoveArgv, formatArgv } from "../../../../src/drivers/host/move-argv.ts";
import { commandTextFor } from "../../../../src/drivers/mysql/command.ts";
import type { HaproxyReport, HaproxyServer } from "../../../../src/model/haproxy.ts";
import type { ClientSession } from "../../../../src/model/mysql.ts";
import type { AddressChange, Blocker, Change } from "../../../../src/model/operation.ts";
import { selectChangeSubject } from "../../../../src/model/plan-subject.ts";
import type { DeathProof, LoginTrial, NodePreflight } from "../../../../src/model/preflight.ts";
import type { FailureKind } from "../../../../src/model/reading.ts";
import { createJournal, type Journal } from "../../../../src/operations/journal/journal.ts";
import { createOperations, type Operations } from "../../../../src/operations/operations.ts";
import type { ClusterPorts, Expectation, LookScope, SendResult } from "../../../../src/operations/ports.ts";
import { failed, fresh, type Scene } from "../../../support/model-builders.ts";
import { healthyNode } from "../promotion/support/preflight.ts";
import { FakeClock } from "./fake-clock.ts";
import { applyToNode, applyToServer, Besides, seenOnHaproxy, seenOnNode } from "./fake-servers.ts";

/** What happens to the next change sent to a target. */
export type Fault =
  | { readonly kind: "refuse"; readonly text: string }
  | { readonly kind: "error"; readonly failure: FailureKind }
  /** The connection is lost after sending; done or not. */
  | { readonly kind: "lost"; readonly done: boolean }
  /** Accepted, and nothing happens. */
  | { readonly kind: "no-effect" }
  /** Done, and cannot be read afterwards. */
  | { readonly kind: "lost-and-silent"; readonly done?: boolean }
  /** A statement that waits so long behind a client before it is done; `KILL QUERY` ends it. */
  | { readonly kind: "waits"; readonly ms: number; readonly blockers?: readonly Blocker[] };

const OK = { sent: true, pidChanged: false, refusal: null, advice: null, notice: null };

export class FakeWorld implements ClusterPorts {
  readonly scene: Scene;
  /** `lb1: set server read_nodes/db2 state drain`, in the order in which they came. */
  readonly sent: string[] = [];
  readonly faults = new Map<string, Fault[]>();
  readonly tables = new Map<string, readonly string[]>();
  /** Nobody can read the files of its HAProxies. */
  writtenServers: ClusterPorts["writtenServers"] = async () => null;
  readonly locks: ClusterPorts["locks"];
  readonly lockCalls: string[] = [];
  sessions = new Map<string, readonly ClientSession[]>();
  lockedBy: { user: string; host: string } | null = null;
  /** Called after every change, to let something happen between two steps. */
  afterSend: (command: string) => void = () => {};
  /** What happens to this change, before what is lined up for its target. */
  faultOf: (change: HaproxyChange | MysqlChange | AddressChange) => Fault | undefined = () => undefined;
  /** Called before every look. */
  beforeLook: (scope: LookScope | "all") => void = () => {};
  /** Nodes to which no connection can be opened. */
  readonly closed = new Set<string>();
  readonly besides = new Besides();
  /** `prepare db1`, `interrupt db1`, `route`, `preflight db1`. */
  readonly calls: string[] = [];
  readonly preflights = new Map<string, NodePreflight>();
  /** Node that answers at the writer's address; null: none is configured. */
  routesTo: string | null = null;
  readonly #waiting = new Map<string, () => void>();

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
      lockHolder: async () =>
        this.lockedBy === null
          ? { connectionId: 1, user: "ops", host: "bastion", own: true }
          : { connectionId: 77, own: false, ...this.lockedBy },
    };
  }

  get settings() {
    return this.scene.settings;
  }

  /** Time passes only while somebody waits. */
  readonly clock = new FakeClock(Date.UTC(2026, 10, 20, 15, 31, 2));

  pass(ms: number): void {
    this.clock.nowMs += ms;
  }

  async look(scope: LookScope | "all") {
    this.beforeLook(scope);
    this.scene.now = this.clock.nowMs;
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
    switch (change.kind) {
      case "probe-writer":
      case "confirm-contained":
      case "confirm-most-advanced":
        return `${change.kind} ${change.node}`;
      case "move-address":
        return formatArgv(buildMoveArgv(change));
      default:
        return commandTextFor(change, this.scene.report(change.node));
    }
  }

  async send(
    change: HaproxyChange | MysqlChange | AddressChange,
    expected: Expectation,
    bounds: RequestBounds,
  ): Promise<SendResult> {
    const target = selectChangeSubject(change);
    const pid = "haproxy" in change ? this.report(change.haproxy)?.process?.pid : null;
    const command = expected.command ?? this.commandText(change);
    if (expected.pid !== null && pid !== expected.pid) {
      return { ...OK, sent: false, pidChanged: true, command, seen: {} };
    }
    this.sent.push(`${target}: ${command}`);
    const fault = this.faultOf(change) ?? this.faults.get(target)?.shift();
    if (fault?.kind === "waits") await this.#wait(target, fault, expected, bounds);
    const result = this.#take(change, target, command, fault);
    this.afterSend(command);
    return result;
  }

  async preflight(node: string): Promise<NodePreflight> {
    this.calls.push(`preflight ${node}`);
    this.#connect(node);
    const told = this.preflights.get(node) ?? healthyNode(this.scene.report(node).flavor);
    const scheduler = this.besides.schedulers.get(node);
    return scheduler === undefined ? told : { ...told, eventScheduler: scheduler ? "on" : "off" };
  }

  async binlogTail(): Promise<BinlogTail> {
    return { eventTypes: ["Format_desc", "Stop"], changesData: false };
  }

  async tryLogin(node: string): Promise<LoginTrial> {
    return { node, user: "repl", ok: true, failure: null, mayReplicate: true };
  }

  async proveDeath(node: string): Promise<DeathProof> {
    const isDead = this.scene.nodes.get(node)?.reading.state !== "fresh";
    return {
      node,
      attempts: [],
      verdict: isDead ? "dead" : "alive",
      message: `${node} is ${isDead ? "dead" : "alive"}`,
    };
  }

  async route(): Promise<RouteAnswer | null> {
    this.calls.push("route");
    if (this.routesTo === null) return null;
    const { serverId, hostname, port, serverUuid, readOnly } = this.scene.report(this.routesTo);
    return { serverId, hostname, port, serverUuid, readOnly };
  }

  async prepare(node: string): Promise<void> {
    this.calls.push(`prepare ${node}`);
    this.#connect(node);
  }

  async interrupt(node: string): Promise<boolean> {
    this.calls.push(`interrupt ${node}`);
    const end = this.#waiting.get(node);
    end?.();
    return end !== undefined;
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

  /** What hosts do with a change of theirs. */
  moveAddress: (change: AddressChange) => void = () => {};
  silenceHosts: () => void = () => {};

  silence(haproxy: string): void {
    this.scene.haproxy(haproxy, { reading: failed(this.report(haproxy)) });
  }

  #connect(node: string): void {
    if (!this.closed.has(node)) return;
    throw new DriverError({ kind: "unreachable", target: node, operation: "connect", message: "Too many connections" });
  }

  #wait(
    target: string,
    { ms, blockers }: Extract<Fault, { readonly kind: "waits" }>,
    { onBlockers }: Expectation,
    { timeoutMs }: RequestBounds,
  ): Promise<void> {
    onBlockers?.(blockers ?? []);
    const end = (kind: FailureKind, message: string) =>
      new DriverError({ kind, target, operation: "change", message: `${target}: ${message}` });
    return new Promise((resolve, reject) => {
      const done = (error: DriverError | null) => {
        this.#waiting.delete(target);
        for (const cancel of cancels) cancel();
        if (error === null) resolve();
        else reject(error);
      };
      const cancels = [
        this.clock.after(ms, () => done(null)),
        this.clock.after(timeoutMs, () => done(end("unknown-outcome", "no answer in time"))),
      ];
      this.#waiting.set(target, () => done(end("rejected", "Query execution was interrupted")));
    });
  }

  #take(
    change: HaproxyChange | MysqlChange | AddressChange,
    target: string,
    command: string,
    fault: Fault | undefined,
  ): SendResult {
    const lost = (kind: FailureKind) =>
      new DriverError({ kind, target, operation: "change", message: `${target}: connection ${kind}` });
    switch (fault?.kind) {
      case "refuse":
        return { ...OK, command, seen: {}, refusal: fault.text, advice: "do this" };
      case "error":
        throw lost(fault.failure);
      case "lost":
        if (fault.done) this.#apply(change);
        throw lost("unknown-outcome");
      case "lost-and-silent":
        if (fault.done !== false) this.#apply(change);
        if ("haproxy" in change) this.silence(change.haproxy);
        else if (change.kind === "move-address") this.silenceHosts();
        else this.scene.kill(change.node);
        throw lost("unknown-outcome");
      default:
        if (fault?.kind !== "no-effect") this.#apply(change);
        return { ...OK, command, seen: this.#seen(change) };
    }
  }

  #seen(change: HaproxyChange | MysqlChange | AddressChange) {
    if ("haproxy" in change) return seenOnHaproxy(this.scene, change);
    if (change.kind === "move-address") return {};
    return seenOnNode(this.scene, this.besides, change);
  }

  #apply(change: HaproxyChange | MysqlChange | AddressChange): void {
    if (change.kind === "move-address") {
      this.moveAddress(change);
      return;
    }
    if ("haproxy" in change) {
      applyToServer(this.scene, change);
      return;
    }
    if (change.kind === "kill-session") {
      const sessions = this.sessions.get(change.node) ?? [];
      this.sessions.set(
        change.node,
        sessions.filter(({ id }) => id !== change.sessionId),
      );
    } else applyToNode(this.scene, this.besides, change);
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
