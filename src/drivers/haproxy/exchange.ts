/**
 * One question on one fresh connection: one write with the whole line and its LF, the answer framed by the end of the stream.
 * HAProxy before 1.5 and 2.6–2.8 lose what comes in a second packet, and no byte inside an answer is a sure end of it.
 */
import type { Duplex } from "node:stream";
import type { RequestBounds } from "../contract.ts";
import { DriverError, type DriverErrorFields } from "../errors.ts";
import { errorCode } from "./connect-error.ts";
import { runBounded } from "./deadline.ts";
import { detectForeignProtocol } from "./foreign-protocol.ts";
import type { StreamOpener } from "./stream-opener.ts";

export interface ExchangeRequest {
  readonly target: string;
  /** Name of the question in errors, e.g. `show stat`. */
  readonly operation: string;
  /** Commands joined by `;`, without LF. */
  readonly line: string;
  readonly bounds: RequestBounds;
  readonly maxAnswerBytes: number;
}

interface Progress {
  connected: boolean;
  bytes: number;
}

/** First bytes kept to tell who answers; the master's help text fits in it. */
const HEAD_BYTES = 8192;

/** The answer as it came, decoded as UTF-8. Whether it is whole is for the caller to tell from its form. @throws DriverError */
export async function exchange(open: StreamOpener, request: ExchangeRequest): Promise<string> {
  const progress: Progress = { connected: false, bytes: 0 };
  const { bounds, target, operation } = request;
  const describeTimeout = (): DriverError => buildTimeoutError(request, progress);
  return runBounded({ bounds, target, operation, describeTimeout }, async (signal) => {
    const stream = await open(signal);
    try {
      signal.throwIfAborted();
      progress.connected = true;
      return await readAnswer(stream, request, progress, signal);
    } finally {
      stream.on("error", () => {});
      stream.destroy();
    }
  });
}

function readAnswer(
  stream: Duplex,
  request: ExchangeRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let head = Buffer.alloc(0);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      progress.bytes += chunk.length;
      if (progress.bytes > request.maxAnswerBytes) reject(buildTooLargeError(request));
      if (head.length >= HEAD_BYTES) return;
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      const speaker = detectForeignProtocol(head);
      if (speaker === null) return;
      const message = `The answer is not from an HAProxy stats socket: this is ${speaker.name}.`;
      reject(protocolError(request, { message, advice: speaker.advice }));
    });
    stream.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    stream.once("error", (error: Error) => reject(buildBrokenError(request, progress, error)));
    stream.once("close", () => reject(buildBrokenError(request, progress, null)));
    stream.write(`${request.line}\n`);
  });
}

function protocolError(
  { target, operation }: ExchangeRequest,
  fields: Pick<DriverErrorFields, "message" | "advice" | "serverCode" | "cause">,
): DriverError {
  return new DriverError({ kind: "protocol", target, operation, ...fields });
}

function buildTooLargeError(request: ExchangeRequest): DriverError {
  const message = `The answer is larger than ${request.maxAnswerBytes} bytes and was not read to its end.`;
  return protocolError(request, { message });
}

function buildBrokenError(request: ExchangeRequest, progress: Progress, cause: Error | null): DriverError {
  const message =
    progress.bytes === 0
      ? "The connection broke before any answer came."
      : `The connection broke after ${progress.bytes} bytes: the answer is cut off.`;
  const advice = "HAProxy may have been stopped or restarted; the next poll tells.";
  return protocolError(request, { message, advice, serverCode: errorCode(cause), cause });
}

function buildTimeoutError({ target, operation, bounds }: ExchangeRequest, progress: Progress): DriverError {
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
