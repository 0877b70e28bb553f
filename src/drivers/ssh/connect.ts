/** One logged-in ssh2 client: host key judged, identity proven, keepalive on. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client, ConnectConfig } from "ssh2";
import type { KeyPassphrase } from "../../model/settings.ts";
import { lookupName } from "../name-lookup/lookup.ts";
import type { Hop } from "./config/resolve.ts";
import { type Credentials, loadCredentials } from "./credentials.ts";
import { judgeHostKey, orderHostKeyAlgorithms } from "./known-hosts/judge.ts";
import { formatKnownHostName } from "./known-hosts/match.ts";
import type { KnownHostsLine } from "./known-hosts/parse.ts";
import { readKnownHosts } from "./known-hosts/read.ts";
import { describeHostKey, type HostKeyRefusal } from "./known-hosts/refusal.ts";
import { loadSshLibrary, type SshLibrary } from "./library.ts";
import { describeEnd, describeLoginProblem } from "./login-problem.ts";
import { buildSshError, describe, describeSystemError, type SshProblem } from "./ssh-error.ts";

/** From the first byte to the end of the login. Whoever waits for it has a deadline of his own, mostly shorter. */
const LOGIN_TIMEOUT_MS = 10_000;
/** A host that is silent for two of these, and a little, is lost: about two seconds. */
const KEEPALIVE_MS = 700;
const KEEPALIVES_MISSED = 2;

export interface ConnectOptions {
  readonly hop: Hop;
  /** File of our own configuration: the first that is asked, and the one a line would be added to. */
  readonly knownHostsFile: string;
  readonly passphrases: readonly KeyPassphrase[];
  /** Opens the way through the host before; null: directly. */
  readonly openTransport: (() => Promise<Duplex>) | null;
}

/** @throws DriverError; its target is the hop, see `retarget` */
export async function connectHop(options: ConnectOptions): Promise<Client> {
  const { hop, knownHostsFile, passphrases, openTransport } = options;
  const where = formatHop(hop);
  const fail = (problem: SshProblem) => buildSshError(problem, where, where);
  if (hop.hasProxyCommand) throw fail(noProxyCommand);
  const library = await loadSshLibrary();
  const files = [...new Set([knownHostsFile, ...hop.knownHostsFiles])];
  const [lines, credentials] = await Promise.all([
    readKnownHosts(files).catch((error: unknown) => {
      throw fail({
        kind: "unreachable",
        message: `known hosts cannot be read (${describe(error)}).`,
        advice: null,
        code: null,
      });
    }),
    loadCredentials(hop, passphrases, library),
  ]);
  const transport = (await openTransport?.()) ?? openSocket(hop);
  return logIn({ hop, where, knownHostsFile, lines, credentials, transport, library });
}

/** The library's own would ask for the name in Node's threads, see name-lookup. It listens to whatever becomes of this one. */
function openSocket({ hostName, port }: Hop): Socket {
  return connect({ host: hostName, port, lookup: lookupName });
}

const noProxyCommand: SshProblem = {
  kind: "unreachable",
  message: "the SSH configuration reaches this host by a ProxyCommand.",
  advice: "Use ProxyJump, or set `ssh: {transport: openssh}` to use the system's ssh.",
  code: null,
};

export function formatHop({ user, hostName, port }: Pick<Hop, "user" | "hostName" | "port">): string {
  return `${user}@${hostName.includes(":") ? `[${hostName}]` : hostName}:${port}`;
}

interface Attempt {
  readonly hop: Hop;
  readonly where: string;
  readonly knownHostsFile: string;
  readonly lines: readonly KnownHostsLine[];
  readonly credentials: Credentials;
  readonly transport: Duplex;
  readonly library: SshLibrary;
}

function logIn(attempt: Attempt): Promise<Client> {
  const { hop, where, credentials, transport, library } = attempt;
  const name = hop.hostKeyAlias ?? formatKnownHostName(hop.hostName, hop.port);
  return new Promise((resolve, reject) => {
    const client = new library.Client();
    // One for every stream that is being opened.
    client.setMaxListeners(0);
    let refusal: HostKeyRefusal | null = null;
    let problem: SshProblem | null = null;
    const judge = (key: Buffer): boolean => {
      const verdict = judgeHostKey(attempt.lines, name, key);
      refusal = describeHostKey(verdict, { name, key, file: attempt.knownHostsFile });
      return refusal === null;
    };
    const give = (lastWords: SshProblem): void => {
      const known = refusal === null ? null : ({ kind: "unreachable", ...refusal } as const);
      reject(buildSshError(known ?? problem ?? lastWords, where, where));
      transport.destroy();
    };
    // Stays for good: an error without a listener would end the program. What an agent says does not end the login.
    client.on("error", (error: Error & { level?: string }) => {
      if (error.level !== "agent") problem ??= describeLoginProblem(error, hop.user, credentials);
    });
    client.on("close", () => give(describeEnd()));
    client.once("ready", () => {
      client.setNoDelay(true);
      resolve(client);
    });
    try {
      client.connect(buildConnectConfig(attempt, name, judge));
    } catch (error) {
      give({ ...(describeSystemError(null, error) ?? describeLoginProblem(error, hop.user, credentials)) });
      client.destroy();
    }
  });
}

function buildConnectConfig(attempt: Attempt, name: string, judge: (key: Buffer) => boolean): ConnectConfig {
  const { hop, credentials, transport, lines } = attempt;
  const left = [...credentials.methods];
  return {
    username: hop.user,
    sock: transport,
    hostVerifier: judge,
    algorithms: { serverHostKey: [...orderHostKeyAlgorithms(lines, name)] as never },
    authHandler: (_methods, _partial, next) => next(left.shift() ?? (false as never)),
    readyTimeout: LOGIN_TIMEOUT_MS,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVES_MISSED,
    // Dropbear and others forward sockets too, or say that they do not.
    strictVendor: false,
  };
}
