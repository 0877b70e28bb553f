/** A stream to a socket or port as the far host sees it. */
import type { Client, ClientChannel } from "ssh2";
import type { SshDestination } from "./endpoint.ts";
import { acknowledgePromptly } from "./prompt-acknowledgement.ts";

/** An error of ssh2 when a channel is refused; `reason` is that of RFC 4254, 1 = forbidden by configuration. */
export interface ChannelRefusal extends Error {
  readonly reason?: number | string;
}

/** Rejects with the error of ssh2, or with the signal's reason; a channel that comes too late is closed. */
export function openChannel(client: Client, destination: SshDestination, signal: AbortSignal): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const lose = (reason: unknown): void => {
      signal.removeEventListener("abort", onAbort);
      client.off("close", onClose);
      reject(reason);
    };
    const onAbort = (): void => lose(signal.reason);
    // ssh2 does not call back when the session ends before the answer.
    const onClose = (): void => lose(sessionLost());
    signal.addEventListener("abort", onAbort, { once: true });
    client.once("close", onClose);
    const take = (error: Error | undefined, channel: ClientChannel): void => {
      if (error) {
        lose(error);
        return;
      }
      if (signal.aborted) {
        closeChannel(channel);
        return;
      }
      signal.removeEventListener("abort", onAbort);
      client.off("close", onClose);
      acknowledgePromptly(client, channel);
      resolve(channel);
    };
    try {
      if (destination.kind === "unix") client.openssh_forwardOutStreamLocal(destination.path, take);
      else client.forwardOut("127.0.0.1", 0, destination.host, destination.port, take);
    } catch (error) {
      // It throws at once when the session has just ended.
      lose(error);
    }
  });
}

/** Both halves: after the far end has finished, a channel stays open until we do, and holds a socket there. */
export function closeChannel(channel: ClientChannel): void {
  channel.on("error", () => {});
  // Without a reader neither `end` nor `close` ever come.
  channel.resume();
  channel.end();
  channel.close();
}

export function sessionLost(): Error {
  return Object.assign(new Error("the SSH session ended"), { code: "SSH_SESSION_LOST" });
}
