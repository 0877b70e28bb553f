/** How one question to a stats socket can fail: cut off, too large, not HAProxy, too late. */
import type { RequestBounds } from "../contract.ts";
import { DriverError, type DriverErrorFields } from "../errors.ts";
import { errorCode } from "./connect-error.ts";
import type { ForeignSpeaker } from "./foreign-protocol.ts";

export interface ExchangeRequest {
  readonly target: string;
  /** Name of the question in errors, e.g. `show stat`. */
  readonly operation: string;
  /** Commands joined by `;`, without LF. */
  readonly line: string;
  readonly bounds: RequestBounds;
  readonly maxAnswerBytes: number;
}

/** How far a request got. */
export interface Progress {
  connected: boolean;
  bytes: number;
}

export function buildForeignError(request: ExchangeRequest, { name, advice }: ForeignSpeaker): DriverError {
  const message = `The answer is not from an HAProxy stats socket: this is ${name}.`;
  return protocolError(request, { message, advice });
}

function protocolError(
  { target, operation }: ExchangeRequest,
  fields: Pick<DriverErrorFields, "message" | "advice" | "serverCode" | "cause">,
): DriverError {
  return new DriverError({ kind: "protocol", target, operation, ...fields });
}

export function buildTooLargeError(request: ExchangeRequest): DriverError {
  const message = `The answer is larger than ${request.maxAnswerBytes} bytes and was not read to its end.`;
  return protocolError(request, { message });
}

export function buildBrokenError(request: ExchangeRequest, progress: Progress, cause: Error | null): DriverError {
  // Whoever forwards the stream knows better.
  if (cause instanceof DriverError) return cause;
  const message =
    progress.bytes === 0
      ? "The connection broke before any answer came."
      : `The connection broke after ${progress.bytes} bytes: the answer is cut off.`;
  const advice = "HAProxy may have been stopped or restarted; the next poll tells.";
  return protocolError(request, { message, advice, serverCode: errorCode(cause), cause });
}

export function buildTimeoutError({ target, operation, bounds }: ExchangeRequest, progress: Progress): DriverError {
  const within = `within ${bounds.timeoutMs} ms`;
  if (!progress.connected) {
    const advice = "Check that the host is up and no firewall is between.";
    return new DriverError({
      kind: "timeout",
      target,
      operation: "connect",
      message: `No connection ${within}.`,
      advice,
    });
  }
  const message =
    progress.bytes === 0
      ? `The connection was accepted, but no answer came ${within}.`
      : `The answer did not end ${within} (${progress.bytes} bytes came).`;
  const advice =
    "The HAProxy process may be stopped or overloaded, or its admin socket full (10): look for idle sessions on the socket.";
  return new DriverError({ kind: "timeout", target, operation, message, advice });
}
