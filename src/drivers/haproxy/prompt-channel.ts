/**
 * A connection in prompt mode: it stays, and every answer ends with LF and `> `. One command at a time: versions differ in how often they
 * show the prompt when several were sent (3.2 once, all others each time).
 */
import type { Duplex } from "node:stream";
import { detectForeignProtocol } from "./foreign-protocol.ts";
import {
  buildBrokenError,
  buildForeignError,
  buildTooLargeError,
  type ExchangeRequest,
  type Progress,
} from "./question-errors.ts";

const PROMPT = Buffer.from("\n> ");
const QUOTE = 0x22;
/** First bytes looked at to tell who answers. */
const HEAD_BYTES = 8_192;

interface Waiting {
  readonly request: ExchangeRequest;
  readonly progress: Progress;
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
  readonly chunks: Buffer[];
  size: number;
  quotes: number;
}

export class PromptChannel {
  readonly #stream: Duplex;
  #waiting: Waiting | null = null;
  #ended = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    // An SSH channel stays half-open until our half is closed too.
    stream.on("end", () => this.close());
    stream.on("close", () => this.#break(null));
    stream.on("error", (error: Error) => this.#break(error));
  }

  /** False once it ended: then it gives no answer any more. */
  get usable(): boolean {
    return !this.#ended;
  }

  /** The answer of one command, without the prompt: only a whole one, because only a whole one ends with it. @throws DriverError */
  ask(command: string, request: ExchangeRequest, progress: Progress): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { request, progress, resolve, reject, chunks: [], size: 0, quotes: 0 };
      if (this.#ended) this.#break(null);
      else this.#stream.write(`${command}\n`);
    });
  }

  close(): void {
    this.#break(null);
    this.#stream.destroy();
  }

  #take(chunk: Buffer): void {
    const waiting = this.#waiting;
    // Nobody asked: then what came is no answer to whatever is asked next.
    if (waiting === null) this.close();
    else this.#read(waiting, chunk);
  }

  #read(waiting: Waiting, chunk: Buffer): void {
    waiting.chunks.push(chunk);
    waiting.size += chunk.length;
    waiting.progress.bytes += chunk.length;
    for (const byte of chunk) if (byte === QUOTE) waiting.quotes += 1;
    const error = findFault(waiting);
    if (error !== null) {
      this.#waiting = null;
      this.close();
      waiting.reject(error);
      return;
    }
    // A text of somebody else in a quoted column may look like the prompt.
    if (!endsWithPrompt(waiting.chunks) || (waiting.quotes % 2 === 1 && isTable(waiting))) return;
    this.#waiting = null;
    waiting.resolve(Buffer.concat(waiting.chunks).toString("utf8", 0, waiting.size - PROMPT.length + 1));
  }

  #break(cause: Error | null): void {
    this.#ended = true;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(buildBrokenError(waiting.request, waiting.progress, cause));
  }
}

function findFault({ request, chunks, size }: Waiting): Error | null {
  if (size > request.maxAnswerBytes) return buildTooLargeError(request);
  if (size > HEAD_BYTES) return null;
  const speaker = detectForeignProtocol(Buffer.concat(chunks));
  return speaker === null ? null : buildForeignError(request, speaker);
}

/** Only tables quote: in `show info` a quote may be part of a name. */
function isTable({ chunks }: Waiting): boolean {
  return chunks[0]?.[0] === 0x23;
}

function endsWithPrompt(chunks: readonly Buffer[]): boolean {
  const last = chunks.at(-1);
  if (last === undefined) return false;
  if (last.length >= PROMPT.length) return last.subarray(-PROMPT.length).equals(PROMPT);
  return Buffer.concat(chunks.slice(-PROMPT.length)).subarray(-PROMPT.length).equals(PROMPT);
}
