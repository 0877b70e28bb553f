/**
 * A connection in prompt mode: it stays, and every answer ends with LF and `> `. One line at a time, and prompts are not counted where it can be
 * helped: within one line of several commands versions differ in how often they show it (3.2 once, all others for each command).
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

const PROMPT_TEXT = "\n> ";
const PROMPT = Buffer.from(PROMPT_TEXT);
/** First line of `show stat`, which may hold bytes of others and therefore stands last in a line. */
const TABLE = /(?<=^|\n|\n> )# pxname,/;
/** First bytes looked at to tell who answers. */
const HEAD_BYTES = 8_192;

interface Waiting {
  readonly line: string;
  readonly request: ExchangeRequest;
  readonly progress: Progress;
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
  readonly chunks: Buffer[];
  size: number;
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

  /**
   * The answer to one line, without prompts: only a whole one, because only a whole one ends with a prompt.
   * @param line one command, or several of which the last is `show stat`
   * @throws DriverError
   */
  ask(line: string, request: ExchangeRequest, progress: Progress): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { line, request, progress, resolve, reject, chunks: [], size: 0 };
      if (this.#ended) this.#break(null);
      else this.#stream.write(`${line}\n`);
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
    const error = findFault(waiting);
    if (error !== null) {
      this.#waiting = null;
      this.close();
      waiting.reject(error);
      return;
    }
    const answer = readWhole(waiting);
    if (answer === null) return;
    this.#waiting = null;
    waiting.resolve(answer);
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

/** Null as long as it is not whole. */
function readWhole({ line, chunks }: Waiting): string | null {
  if (!endsWithPrompt(chunks)) return null;
  const text = Buffer.concat(chunks).toString("utf8");
  const whole = text.slice(0, 1 - PROMPT.length);
  const table = whole.search(TABLE);
  if (table >= 0) {
    // A text of somebody else in a quoted column may look like the prompt.
    if (countOf(whole, '"', table) % 2 === 1) return null;
    return withoutPrompts(whole.slice(0, table)) + whole.slice(table);
  }
  return countOf(text, PROMPT_TEXT, 0) >= line.split(";").length ? withoutPrompts(whole) : null;
}

function withoutPrompts(text: string): string {
  return text.replaceAll(PROMPT_TEXT, "\n");
}

function countOf(text: string, part: string, from: number): number {
  let count = 0;
  for (let at = text.indexOf(part, from); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}

function endsWithPrompt(chunks: readonly Buffer[]): boolean {
  const last = chunks.at(-1);
  if (last === undefined) return false;
  if (last.length >= PROMPT.length) return last.subarray(-PROMPT.length).equals(PROMPT);
  return Buffer.concat(chunks.slice(-PROMPT.length)).subarray(-PROMPT.length).equals(PROMPT);
}
