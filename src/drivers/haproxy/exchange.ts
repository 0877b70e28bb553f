/**
 * One question on one fresh connection: one write with the whole line and its LF, the answer framed by the end of the stream.
 * HAProxy before 1.5 and 2.6–2.8 lose what comes in a second packet, and no byte inside an answer is a sure end of it.
 */
import type { Duplex } from "node:stream";
import type { DriverError } from "../errors.ts";
import { runBounded } from "./deadline.ts";
import { detectForeignProtocol } from "./foreign-protocol.ts";
import {
  buildBrokenError,
  buildForeignError,
  buildTimeoutError,
  buildTooLargeError,
  type ExchangeRequest,
  type Progress,
} from "./question-errors.ts";
import type { StreamOpener } from "./stream-opener.ts";

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
      if (speaker !== null) reject(buildForeignError(request, speaker));
    });
    stream.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    stream.once("error", (error: Error) => reject(buildBrokenError(request, progress, error)));
    stream.once("close", () => reject(buildBrokenError(request, progress, null)));
    stream.write(`${request.line}\n`);
  });
}
