/**
 * Streams through the system's own ssh, for what is not built in: certificates, hardware keys, ProxyCommand. Each destination has one ssh that
 * forwards a socket of ours in a private folder to it; ssh itself judges the host key, strictly, whatever the configuration says.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { SshSettings } from "../../model/settings.ts";
import { formatDestination, formatSshEndpoint, type SshDestination, type SshEndpoint } from "./endpoint.ts";
import { createLazyStream } from "./lazy-stream.ts";
import { OpensshChild } from "./openssh-child.ts";
import { buildOpensshArguments, buildOpensshConfig } from "./openssh-config.ts";
import { describeOpensshEnd } from "./openssh-problem.ts";
import { runThroughOpenssh } from "./openssh-run.ts";
import { OpensshSession } from "./openssh-session.ts";
import { buildSshError } from "./ssh-error.ts";
import type { SshTransport } from "./ssh-transport.ts";

/** The path of a socket has at most 107 bytes, and ssh first makes the one of a session under a name that is 17 longer. */
const LONGEST_FOLDER = 60;
const LOOK_EVERY_MS = 10;
/** What ssh says of a stream that sshd refuses comes at the same time as its end. */
const WORDS_WITHIN_MS = 100;

export function createOpensshTransport(settings: SshSettings): SshTransport {
  const forwards = new Map<string, Forward>();
  const sessions = new Map<string, OpensshSession>();
  let folder: string | null = null;
  let count = 0;

  const prepareFolder = (): string => {
    if (folder !== null) return folder;
    const temporary = tmpdir();
    folder = mkdtempSync(join(temporary.length > LONGEST_FOLDER ? "/tmp" : temporary, "signalbox-ssh-"));
    writeFileSync(join(folder, "config"), buildOpensshConfig(settings), { mode: 0o600 });
    return folder;
  };

  const forwardFor = (endpoint: SshEndpoint, destination: SshDestination): Forward => {
    const key = `${formatSshEndpoint(endpoint)} ${formatDestination(destination)}`;
    const known = forwards.get(key);
    if (known?.usable === true) return known;
    count += 1;
    const forward = new Forward(endpoint, destination, prepareFolder(), `${count}.sock`);
    forwards.set(key, forward);
    return forward;
  };

  const sessionFor = (endpoint: SshEndpoint): OpensshSession => {
    const key = formatSshEndpoint(endpoint);
    const known = sessions.get(key);
    if (known?.usable === true) return known;
    count += 1;
    const session = new OpensshSession(endpoint, prepareFolder(), `${count}.ctl`);
    sessions.set(key, session);
    return session;
  };

  const stopAll = (): void => {
    for (const each of [...forwards.values(), ...sessions.values()]) each.stop();
    if (folder !== null) removeFolder(folder);
    folder = null;
  };
  // A program that ends without closing leaves nothing behind.
  process.once("exit", stopAll);

  return {
    async open(endpoint, destination, target, signal) {
      signal.throwIfAborted();
      return forwardFor(endpoint, destination).open(target, signal);
    },
    async run(endpoint, argv, target, bounds) {
      const way = { configFile: join(prepareFolder(), "config"), controlPath: sessionFor(endpoint).path };
      return runThroughOpenssh(endpoint, argv, way, target, bounds);
    },
    async close() {
      process.off("exit", stopAll);
      stopAll();
      forwards.clear();
      sessions.clear();
    },
  };
}

function removeFolder(path: string): void {
  try {
    // An ssh that has just begun may put its socket there meanwhile.
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // No program ends otherwise than it would because of what is left there.
  }
}

class Forward {
  readonly #where: string;
  readonly #destination: SshDestination;
  readonly #path: string;
  readonly #child: OpensshChild;

  constructor(endpoint: SshEndpoint, destination: SshDestination, folder: string, name: string) {
    this.#where = formatSshEndpoint(endpoint);
    this.#destination = destination;
    this.#path = join(folder, name);
    this.#child = new OpensshChild(
      buildOpensshArguments(endpoint, destination, join(folder, "config"), this.#path),
      () => rmSync(this.#path, { force: true }),
    );
  }

  /** False when it has ended and may be tried again. */
  get usable(): boolean {
    return this.#child.usable;
  }

  stop(): void {
    this.#child.stop();
  }

  async open(target: string, signal: AbortSignal): Promise<Duplex> {
    const { socket, said } = await this.#connect(target, signal);
    // ssh accepts here before it asks there: that nothing is there shows by an end without a byte.
    return createLazyStream(async () => socket, {
      explainEmptyEnd: async () => {
        await pause(WORDS_WITHIN_MS, new AbortController().signal);
        return this.#child.words.count > said || this.#child.ended ? this.#describe(target, said) : null;
      },
    });
  }

  /**
   * To our own end of it, with how much ssh had said before. That ssh does not listen here yet says nothing of what is there: such an error
   * never leaves this.
   */
  async #connect(target: string, signal: AbortSignal): Promise<{ readonly socket: Socket; readonly said: number }> {
    for (;;) {
      if (this.#child.ended) throw this.#describe(target);
      const said = this.#child.words.count;
      const socket = existsSync(this.#path) ? await connectLocal(this.#path, signal).catch(() => null) : null;
      if (socket !== null) return { socket, said };
      signal.throwIfAborted();
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  #describe(target: string, from = 0): Error {
    const problem = describeOpensshEnd(this.#child.words.since(from), formatDestination(this.#destination), {
      where: this.#where,
      hasEnded: this.#child.ended,
    });
    return buildSshError(problem, this.#where, target);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function connectLocal(path: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ path, allowHalfOpen: false });
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", reject);
      // Nobody may listen yet when the far end goes.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}
