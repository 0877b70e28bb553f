/**
 * Streams through the system's own ssh, for what is not built in: certificates, hardware keys, ProxyCommand. Each destination has one ssh that
 * forwards a socket of ours in a private folder to it; ssh itself judges the host key, strictly, whatever the configuration says.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { SshSettings } from "../../model/settings.ts";
import { formatDestination, formatSshEndpoint, type SshDestination, type SshEndpoint } from "./endpoint.ts";
import { createLazyStream } from "./lazy-stream.ts";
import { buildOpensshArguments, buildOpensshConfig } from "./openssh-config.ts";
import { describeOpensshEnd } from "./openssh-problem.ts";
import { runThroughOpenssh } from "./openssh-run.ts";
import { OpensshWords } from "./openssh-words.ts";
import { buildSshError } from "./ssh-error.ts";
import type { SshTransport } from "./ssh-transport.ts";

const LOOK_EVERY_MS = 10;
/** After a failure nobody knocks again before this; servers lock out who does. */
const RETRY_AFTER_MS = 2_000;
/** What ssh says of a stream that sshd refuses comes at the same time as its end. */
const WORDS_WITHIN_MS = 100;

/**
 * Nobody would end an ssh whose program was killed, and it would hold its session for good. So it lives only as long as our end of its standard
 * input is open, which the kernel closes whatever becomes of us. Arguments are passed on as they are: nothing in them is a command.
 */
const WITH_US = `exec 3<&0
"$@" 3<&- </dev/null & ssh=$!
{ while read -r _; do :; done; kill "$ssh"; } <&3 >/dev/null 2>&1 & watch=$!
exec 3<&- </dev/null
wait "$ssh"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

export function createOpensshTransport(settings: SshSettings): SshTransport {
  const forwards = new Map<string, Forward>();
  let folder: string | null = null;
  let count = 0;

  const prepareFolder = (): string => {
    if (folder !== null) return folder;
    folder = mkdtempSync(join(tmpdir(), "signalbox-ssh-"));
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

  const stopAll = (): void => {
    for (const forward of forwards.values()) forward.stop();
  };
  // A program that ends without closing leaves no ssh behind.
  process.once("exit", stopAll);

  return {
    async open(endpoint, destination, target, signal) {
      signal.throwIfAborted();
      return forwardFor(endpoint, destination).open(target, signal);
    },
    async run(endpoint, argv, target, bounds) {
      return runThroughOpenssh(endpoint, argv, join(prepareFolder(), "config"), target, bounds);
    },
    async close() {
      process.off("exit", stopAll);
      stopAll();
      forwards.clear();
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
      folder = null;
    },
  };
}

class Forward {
  readonly #where: string;
  readonly #destination: SshDestination;
  readonly #path: string;
  readonly #child: ChildProcess;
  readonly #words = new OpensshWords();
  #ended = false;
  #endedAtMs = 0;

  constructor(endpoint: SshEndpoint, destination: SshDestination, folder: string, name: string) {
    this.#where = formatSshEndpoint(endpoint);
    this.#destination = destination;
    this.#path = join(folder, name);
    const args = buildOpensshArguments(endpoint, destination, join(folder, "config"), this.#path);
    this.#child = spawn("/bin/sh", ["-c", WITH_US, "signalbox", "ssh", ...args], { stdio: ["pipe", "ignore", "pipe"] });
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#words.add(chunk.toString("utf8")));
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("close", () => this.#end(""));
  }

  /** False when it has ended and may be tried again. */
  get usable(): boolean {
    return !this.#ended || performance.now() - this.#endedAtMs < RETRY_AFTER_MS;
  }

  stop(): void {
    this.#child.stdin?.destroy();
  }

  #end(words: string): void {
    if (this.#ended) return;
    this.#words.add(`${words}\n`);
    this.#ended = true;
    this.stop();
    this.#endedAtMs = performance.now();
    rmSync(this.#path, { force: true });
  }

  async open(target: string, signal: AbortSignal): Promise<Duplex> {
    while (!existsSync(this.#path)) {
      if (this.#ended) throw this.#describe(target);
      await pause(LOOK_EVERY_MS, signal);
    }
    const said = this.#words.count;
    const socket = await connectLocal(this.#path, signal).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw this.#ended ? this.#describe(target) : error;
    });
    // ssh accepts here before it asks there: that nothing is there shows by an end without a byte.
    return createLazyStream(async () => socket, {
      explainEmptyEnd: async () => {
        await pause(WORDS_WITHIN_MS, new AbortController().signal);
        return this.#words.count > said || this.#ended ? this.#describe(target, said) : null;
      },
    });
  }

  #describe(target: string, from = 0): Error {
    const problem = describeOpensshEnd(this.#words.since(from), formatDestination(this.#destination), this.#where);
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
