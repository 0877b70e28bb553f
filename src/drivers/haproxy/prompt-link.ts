/**
 * Questions over one kept connection, for ways on which a fresh one is dear: through SSH a new channel for each costs 44–88 ms. It holds one of
 * the socket's ten slots, so there is one for each HAProxy and not more.
 */
import { DriverError } from "../errors.ts";
import { runBounded } from "./deadline.ts";
import { exchange } from "./exchange.ts";
import { PromptChannel } from "./prompt-channel.ts";
import { buildTimeoutError, type ExchangeRequest, type Progress } from "./question-errors.ts";
import type { StreamOpener } from "./stream-opener.ts";

/** Longer than the longest poll interval; HAProxy's own default would close the connection after ten idle seconds. */
const IDLE_SECONDS = 180;

export interface PromptLink {
  /** As `exchange`, with the same answer, for one command or a line that ends with `show stat`. @throws DriverError */
  ask(request: ExchangeRequest): Promise<string>;
  /** The next question opens a new connection: after a reload the old one still leads to the old process. */
  renew(): void;
  close(): void;
}

export function createPromptLink(open: StreamOpener): PromptLink {
  let kept: PromptChannel | null = null;
  let busy = false;
  let closed = false;

  const openPrompt = async (request: ExchangeRequest, progress: Progress, signal: AbortSignal) => {
    const stream = await open(signal);
    const channel = new PromptChannel(stream);
    const giveUp = () => channel.close();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      if (signal.aborted) channel.close();
      progress.connected = true;
      await channel.ask("prompt", request, progress);
      // Level user is enough; a version that does not know it answers with its help.
      await channel.ask(`set timeout cli ${IDLE_SECONDS}`, request, progress);
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  };

  const drop = (): void => {
    kept?.close();
    kept = null;
  };

  const askKept = (request: ExchangeRequest): Promise<string> => {
    const progress: Progress = { connected: false, bytes: 0 };
    const { bounds, target, operation } = request;
    const describeTimeout = (): DriverError => buildTimeoutError(request, progress);
    return runBounded({ bounds, target, operation, describeTimeout }, async (signal) => {
      if (kept?.usable !== true) {
        const channel = await openPrompt(request, progress, signal);
        // Whoever opened it may have given up meanwhile.
        if (signal.aborted || closed) {
          channel.close();
          throw signal.aborted ? signal.reason : closedError(request);
        }
        kept = channel;
      }
      const channel = kept;
      progress.connected = true;
      signal.throwIfAborted();
      return channel.ask(request.line, request, progress);
    });
  };

  return {
    async ask(request) {
      if (closed) throw closedError(request);
      // Two at once would read each other's answers.
      if (busy) return exchange(open, request);
      busy = true;
      try {
        return await askKept(request);
      } catch (error) {
        // What is still to come of this answer must not be taken for the next one's.
        drop();
        throw error;
      } finally {
        busy = false;
      }
    },
    renew: drop,
    close() {
      closed = true;
      drop();
    },
  };
}

function closedError({ target, operation }: ExchangeRequest): DriverError {
  return new DriverError({ kind: "cancelled", target, operation, message: `${operation} was cancelled.` });
}
