/** The one session to a host that everybody shares: opened on demand, opened again when it was lost, and not too often when it fails. */
import type { Client } from "ssh2";
import type { KeyPassphrase } from "../../model/settings.ts";
import { DriverError } from "../errors.ts";
import { openChannel } from "./channel.ts";
import { describeForwardProblem } from "./channel-problem.ts";
import type { Hop } from "./config/resolve.ts";
import { connectHop, formatHop } from "./connect.ts";
import { buildSshError } from "./ssh-error.ts";

export interface SessionOptions {
  readonly hop: Hop;
  /** The session to the host before; null: connected directly. */
  readonly before: SshSession | null;
  readonly knownHostsFile: string;
  readonly passphrases: readonly KeyPassphrase[];
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** A login or a host key that was refused will be refused again, and servers lock out who knocks too often. */
const REFUSED_WAIT_MS = 10_000;
const REFUSALS: ReadonlySet<DriverError["serverCode"]> = new Set([
  "HOST_KEY_UNKNOWN",
  "HOST_KEY_CHANGED",
  "HOST_KEY_REVOKED",
  "KEY_LOCKED",
  "LOGIN_REFUSED",
]);

export class SshSession {
  readonly where: string;
  readonly #options: SessionOptions;
  #client: Client | null = null;
  #connecting: Promise<Client> | null = null;
  #lastError: DriverError | null = null;
  #retryAtMs = 0;
  #failures = 0;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.where = formatHop(options.hop);
  }

  /**
   * The logged-in client. An attempt goes on when the caller's signal aborts: others may wait for it, or come to.
   * @throws DriverError of the attempt, of the last one when it is too early for another; else the signal's reason
   */
  async client(signal: AbortSignal): Promise<Client> {
    signal.throwIfAborted();
    if (this.#client !== null) return this.#client;
    if (this.#connecting === null && this.#lastError !== null && performance.now() < this.#retryAtMs)
      throw this.#lastError;
    this.#connecting ??= this.#connect();
    return untilAborted(this.#connecting, signal);
  }

  close(): void {
    this.#closed = true;
    this.#client?.destroy();
    this.#client = null;
  }

  async #connect(): Promise<Client> {
    try {
      const { hop, before, knownHostsFile, passphrases } = this.#options;
      const openTransport = before === null ? null : () => this.#openThrough(before);
      const client = await connectHop({ hop, knownHostsFile, passphrases, openTransport });
      if (this.#closed) {
        client.destroy();
        throw new DriverError({ kind: "cancelled", target: this.where, operation: "ssh", message: "SSH was closed." });
      }
      client.once("close", () => {
        if (this.#client === client) this.#client = null;
      });
      this.#client = client;
      this.#failures = 0;
      this.#lastError = null;
      return client;
    } catch (error) {
      this.#note(error);
      throw error;
    } finally {
      this.#connecting = null;
    }
  }

  #note(error: unknown): void {
    if (!(error instanceof DriverError)) return;
    const waitMs = REFUSALS.has(error.serverCode)
      ? REFUSED_WAIT_MS
      : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#lastError = error;
    this.#retryAtMs = performance.now() + waitMs;
  }

  async #openThrough(before: SshSession) {
    const { hop } = this.#options;
    const signal = AbortSignal.timeout(TRANSPORT_TIMEOUT_MS);
    const client = await before.client(signal);
    try {
      return await openChannel(client, { kind: "tcp", host: hop.hostName, port: hop.port }, signal);
    } catch (error) {
      const problem = describeForwardProblem(error, `${hop.hostName}:${hop.port}`, before.where);
      throw buildSshError({ ...problem, code: `SSH_${problem.code}` }, this.where, this.where);
    }
  }
}

const TRANSPORT_TIMEOUT_MS = 10_000;

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever started it may have gone by the time it fails.
  work.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
