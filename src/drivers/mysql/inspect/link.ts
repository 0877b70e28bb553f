/** The one connection of an inspector: opened on demand, one call at a time, closed when nobody asks any more. */
import type { SslOptions } from "mysql2";
import type { RequestBounds } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import type { Asking } from "../asking.ts";
import { type Progress, runBounded } from "../bounds.ts";
import { mapError } from "../failure.ts";
import { type Login, logIn } from "../login.ts";
import { describeTarget, type MysqlTarget } from "../target.ts";
import { createTlsLoader } from "../tls.ts";
import { inspectingSession } from "./inspecting-session.ts";

/** A plan is made again every few seconds while its operator looks at it. */
const idleMs = 30_000;

export class InspectingLink {
  readonly target: string;
  readonly #node: MysqlTarget;
  readonly #buildTls: () => Promise<SslOptions | null>;
  #login: Login | null = null;
  #working = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | null = null;
  #progress: Progress | null = null;
  #closed = false;

  constructor(node: MysqlTarget) {
    this.#node = node;
    this.target = describeTarget(node);
    this.#buildTls = createTlsLoader(node.access.tls, this.target);
  }

  /** Calls wait for each other; the deadline counts from the call. @throws DriverError */
  async run<T>(bounds: RequestBounds, work: (asking: Asking) => Promise<T>): Promise<T> {
    const before = this.#last;
    let operation = "connect";
    const result = runBounded(this.target, bounds, async (progress) => {
      progress.operation = "wait for the question before";
      await before;
      if (progress.ended !== null) throw progress.ended;
      try {
        return await work(await this.#prepare(progress));
      } finally {
        operation = progress.operation;
        this.#rest();
      }
    });
    this.#last = before.then(() =>
      result.then(
        () => undefined,
        () => undefined,
      ),
    );
    try {
      return await result;
    } catch (error) {
      const failure = mapError(error, this.target, operation);
      // Who knows where in its answers a connection stands whose last one made no sense.
      if (failure.kind === "protocol") this.#login?.connection.destroy();
      throw failure;
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#idle !== null) clearTimeout(this.#idle);
    const reason = this.#refuse();
    if (this.#progress !== null) this.#progress.ended ??= reason;
    this.#progress?.cancel?.(reason);
    this.#login?.connection.destroy(reason);
  }

  async #prepare(progress: Progress): Promise<Asking> {
    if (this.#closed) throw this.#refuse();
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#progress = progress;
    const login = this.#login?.connection.usable === true ? this.#login : await this.#connect(progress);
    progress.cancel = (reason) => login.connection.destroy(reason);
    progress.hint = null;
    const { target } = this;
    return { login, problems: [], working: this.#working, asked: [], answers: new Map(), progress, target };
  }

  async #connect(progress: Progress): Promise<Login> {
    this.#working = new Map();
    progress.operation = "connect";
    const login = await logIn(this.#node, await this.#buildTls(), progress, inspectingSession);
    if (this.#closed || progress.ended !== null) {
      login.connection.destroy();
      throw progress.ended ?? this.#refuse();
    }
    this.#login = login;
    return login;
  }

  #rest(): void {
    this.#progress = null;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#progress ?? this.#login?.connection.destroy(), idleMs).unref();
  }

  #refuse(): DriverError {
    const message = `${this.target}: the inspector is closed`;
    return new DriverError({ kind: "cancelled", target: this.target, operation: "connect", message });
  }
}
