/** Streams through sessions of our own (ssh2). */
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { SshSettings } from "../../model/settings.ts";
import { DriverError } from "../errors.ts";
import { type ChannelRefusal, openChannel } from "./channel.ts";
import { describeForwardProblem, describeLostSession } from "./channel-problem.ts";
import { type Hop, resolveHops } from "./config/resolve.ts";
import { formatHop } from "./connect.ts";
import { formatDestination, formatSshEndpoint, type SshDestination, type SshEndpoint } from "./endpoint.ts";
import { runOnClient } from "./run-command.ts";
import { SshSession } from "./session.ts";
import { describeSocketProblem, probeSocket } from "./socket-problem.ts";
import { buildSshError, describe, retarget } from "./ssh-error.ts";
import type { SshTransport } from "./ssh-transport.ts";

/** A change of the SSH configuration counts after this. */
const RESOLVED_FOR_MS = 30_000;
const PROBE_TIMEOUT_MS = 1_000;

interface Resolved {
  readonly hops: Promise<readonly Hop[]>;
  readonly untilMs: number;
}

export interface BuiltinTransport extends SshTransport {
  /** Only logs in, to every host of the way. @throws DriverError, or the signal's reason */
  login(endpoint: SshEndpoint, target: string, signal: AbortSignal): Promise<void>;
}

export function createBuiltinTransport(settings: SshSettings): BuiltinTransport {
  const sessions = new Map<string, SshSession>();
  const resolved = new Map<string, Resolved>();

  const resolve = (endpoint: SshEndpoint): Promise<readonly Hop[]> => {
    const key = formatSshEndpoint(endpoint);
    const known = resolved.get(key);
    if (known !== undefined && performance.now() < known.untilMs) return known.hops;
    const hops = resolveHops(endpoint, settings.configFile);
    resolved.set(key, { hops, untilMs: performance.now() + RESOLVED_FOR_MS });
    hops.catch(() => resolved.delete(key));
    return hops;
  };

  /** One session for each way: the same host through another host may be another machine. */
  const sessionFor = (hops: readonly Hop[]): SshSession => {
    const hop = hops.at(-1);
    if (hop === undefined) throw new Error("no host to connect to");
    const key = hops.map((each) => `${formatHop(each)} ${each.hostKeyAlias ?? ""}`).join(" > ");
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const before = hops.length > 1 ? sessionFor(hops.slice(0, -1)) : null;
    const { knownHostsFile, passphrases = [] } = settings;
    const session = new SshSession({ hop, before, knownHostsFile, passphrases });
    sessions.set(key, session);
    return session;
  };

  const logIn = async (endpoint: SshEndpoint, target: string, signal: AbortSignal) => {
    signal.throwIfAborted();
    const hops = await resolve(endpoint).catch((error: unknown) => {
      const advice = `Look with \`ssh -G ${endpoint.host}\`.`;
      const message = `the SSH configuration cannot be used (${describe(error)}).`;
      throw buildSshError({ kind: "unreachable", message, advice, code: null }, formatSshEndpoint(endpoint), target);
    });
    const session = sessionFor(hops);
    const client = await session.client(signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : retarget(error, target);
    });
    return { session, client };
  };

  return {
    async login(endpoint, target, signal) {
      await logIn(endpoint, target, signal);
    },
    async open(endpoint, destination, target, signal) {
      const { session, client } = await logIn(endpoint, target, signal);
      return openStream(client, destination, session.where, target, signal);
    },
    async run(endpoint, argv, target, bounds) {
      const startedMs = performance.now();
      const { session, client } = await logIn(endpoint, target, bounds.signal).catch((error: unknown) => {
        if (!bounds.signal.aborted) throw error;
        const message = `${target}: ${argv[0]}: cancelled`;
        throw new DriverError({ kind: "cancelled", target, operation: argv[0] ?? "", message });
      });
      const timeoutMs = Math.max(1, bounds.timeoutMs - (performance.now() - startedMs));
      return runOnClient(client, argv, session.where, { signal: bounds.signal, timeoutMs });
    },
    async close() {
      for (const session of [...sessions.values()].reverse()) session.close();
      sessions.clear();
    },
  };
}

async function openStream(
  client: Client,
  destination: SshDestination,
  where: string,
  target: string,
  signal: AbortSignal,
): Promise<Duplex> {
  try {
    return await openChannel(client, destination, signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const refused = (error as ChannelRefusal).reason !== undefined;
    const name = formatDestination(destination);
    if (!refused) throw buildSshError(describeLostSession(error, name, where), where, target);
    if (destination.kind === "tcp") throw buildSshError(describeForwardProblem(error, name, where), where, target);
    const answer = await probeSocket(client, destination.path, PROBE_TIMEOUT_MS);
    signal.throwIfAborted();
    throw buildSshError({ ...describeSocketProblem(answer, destination.path, where), cause: error }, where, target);
  }
}
