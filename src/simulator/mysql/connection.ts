/** One client connection of a simulated node: bytes in, bytes out, no socket. */
import { isFull } from "../world/slots.ts";
import type { DirectConnection, Node, World } from "../world/state.ts";
import { answerCommand, commandCodes, type PendingAnswer, toSqlError } from "./command.ts";
import { type SqlError, sqlErrors } from "./errors.ts";
import { createLogin, type Login, type LoginStep } from "./login.ts";
import type { SqlSession } from "./sql/session.ts";
import { selectDatabase } from "./sql/statement.ts";
import { buildError, buildOk } from "./wire/answer.ts";
import { serverStatus } from "./wire/capabilities.ts";
import { createPacketReader, type Packet } from "./wire/packet-reader.ts";
import { framePackets } from "./wire/writer.ts";

/** Longest packet taken from a client: far more than any statement of a console, far less than would hurt. */
const packetLimitBytes = 1024 * 1024;
/** How often a statement that waits looks whether it still has to. */
const waitStepMs = 5;

export interface ConnectionOptions {
  readonly world: World;
  readonly node: Node;
  /** `host:port` of the client. */
  readonly peer: string;
  readonly write: (bytes: Buffer) => void;
  /** Ends the connection after what was written. */
  readonly end: () => void;
  /** Ends it at once. */
  readonly destroy: () => void;
  /** Brings the world up to date. */
  readonly refresh: () => void;
}

export class MysqlConnection {
  readonly #options: ConnectionOptions;
  readonly #id: number;
  readonly #login: Login;
  readonly #reader = createPacketReader(packetLimitBytes);
  #session: SqlSession | null = null;
  #clientFlags = 0;
  #over = false;
  #waiting: NodeJS.Timeout | null = null;
  /** Sent while a statement waits. */
  readonly #later: Packet[] = [];
  #left = false;

  constructor(options: ConnectionOptions) {
    const { world, node, peer } = options;
    this.#options = options;
    this.#id = node.nextConnectionId++;
    this.#login = createLogin(world, node, this.#id, peer.replace(/:\d+$/, ""));
    const full = isFull(node);
    node.openConnections += 1;
    if (full) this.#refuse(sqlErrors.tooManyConnections(), 0);
    else this.#send([this.#login.greeting], 0);
  }

  /** Takes bytes of the client. Never throws, whatever they are. */
  receive(chunk: Buffer): void {
    try {
      if (this.#over) return;
      for (const packet of this.#reader.push(chunk)) this.#take(packet);
    } catch (error) {
      const known = error instanceof RangeError;
      const refusal =
        this.#session === null ? sqlErrors.badHandshake() : known ? sqlErrors.tooBig() : toSqlError(error);
      this.#refuse(refusal, 1);
    }
  }

  /** To be called when the socket is gone, however that came about. */
  closed(): void {
    if (this.#left) return;
    this.#left = true;
    this.#over = true;
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#options.node.openConnections -= 1;
    this.#options.node.connections.delete(this.#id);
  }

  #send(payloads: readonly Buffer[], sequence: number): void {
    this.#options.write(framePackets(payloads, sequence));
  }

  #refuse(error: SqlError, sequence: number): void {
    this.#over = true;
    this.#send([buildError(error)], sequence);
    this.#options.end();
  }

  #take(packet: Packet): void {
    if (this.#over) return;
    if (this.#waiting !== null) this.#later.push(packet);
    else if (this.#session === null) this.#enter(this.#login.take(packet.payload), packet.sequence + 1);
    else this.#serve(this.#session, packet);
  }

  #enter(step: LoginStep, sequence: number): void {
    if (step.kind === "ask") this.#send([step.payload], sequence);
    else if (step.kind === "refused") this.#refuse(step.error, sequence);
    else {
      const session = this.#createSession(step);
      try {
        if (step.response.database !== null) selectDatabase(session, step.response.database);
      } catch (error) {
        this.#refuse(toSqlError(error), sequence);
        return;
      }
      this.#session = session;
      this.#clientFlags = step.response.capabilities;
      this.#options.node.connections.set(this.#id, session.connection);
      this.#send([...step.first, buildOk({ affectedRows: 0, warnings: 0 }, serverStatus.autocommit)], sequence);
    }
  }

  #createSession({ account }: LoginStep & { kind: "accepted" }): SqlSession {
    const { world, node, peer, destroy } = this.#options;
    const connection: DirectConnection = {
      id: this.#id,
      user: account.user,
      host: peer,
      database: null,
      command: "Sleep",
      query: null,
      sinceMs: world.nowMs,
      close: destroy,
      wait: null,
      transaction: null,
    };
    return { world, node, account, connection, variables: new Map(), userVariables: new Map(), warnings: [] };
  }

  #serve(session: SqlSession, { payload, sequence }: Packet): void {
    if (payload[0] === commandCodes.quit) {
      this.#over = true;
      this.#options.end();
      return;
    }
    const { connection } = session;
    connection.command = "Query";
    connection.query = payload[0] === commandCodes.query ? payload.toString("utf8", 1) : null;
    connection.sinceMs = session.world.nowMs;
    this.#finish(session, answerCommand(session, payload, this.#clientFlags), sequence + 1);
  }

  /** Sends the answer, now or when what the statement waits for is so. */
  #finish(session: SqlSession, answer: PendingAnswer, sequence: number): void {
    const { connection, node } = session;
    const payloads = node.process === "running" ? answer() : null;
    if (payloads === null) {
      this.#waiting = setTimeout(() => {
        this.#options.refresh();
        if (!this.#left) this.#finish(session, answer, sequence);
      }, waitStepMs);
      return;
    }
    this.#waiting = null;
    this.#send(payloads, sequence);
    connection.command = "Sleep";
    connection.query = null;
    connection.sinceMs = session.world.nowMs;
    const next = this.#later.shift();
    if (next !== undefined) this.#take(next);
  }
}
