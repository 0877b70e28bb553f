/**
 * Does a server answer at all? One connection, no login: what counts is the first packet, be it a greeting or an error such as 1040. So no
 * credential travels, whatever the address may lead to by now.
 */
import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { Failure } from "../../../model/reading.ts";
import { DriverError, describeFailure } from "../../errors.ts";
import { lookupName } from "../../name-lookup/lookup.ts";
import { mapError, parseRawError } from "../failure.ts";
import { describeForeignGreeting } from "../guard.ts";
import { describeTarget, type MysqlTarget } from "../target.ts";

export interface Attempt {
  /** `silent`: the connection was accepted, then closed or kept without a word. `untried`: the reason is on our side. */
  readonly outcome: "answered" | "silent" | "unreachable" | "untried";
  /** Null when a server greeted. */
  readonly failure: Failure | null;
}

/** Errors that say nothing of the other side. */
const ours: ReadonlySet<string> = new Set([
  "EADDRNOTAVAIL",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "EACCES",
  "EPERM",
]);
/** Errors that say that nothing accepted, also where somebody else connects for us. */
const refusals: ReadonlySet<string> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"]);
const operation = "connect";

function nameOutcome(code: string, connected: boolean): Attempt["outcome"] {
  if (ours.has(code)) return "untried";
  // Cut right after it was accepted, which node may tell before it tells of the connection; a refusal has its own code.
  if (code === "ECONNRESET" || code === "EPIPE") return "silent";
  return connected && !refusals.has(code) ? "silent" : "unreachable";
}

/** Never rejects. @param timeoutMs bound of the whole attempt */
export function tryGreeting(node: MysqlTarget, timeoutMs: number, signal: AbortSignal): Promise<Attempt> {
  const target = describeTarget(node);
  const failureOf = (message: string, code: string | number | null): Failure => {
    const number = typeof code === "number" ? { errno: code } : { code };
    return describeFailure(mapError(Object.assign(new Error(message), number), target, operation), target, operation);
  };
  return new Promise((resolve) => {
    // A stream that somebody else opens does not say when the far end was reached: not taken for dead.
    let connected = node.openStream !== undefined;
    // A host on the way asks for the name itself.
    let named = node.openStream !== undefined || isIP(node.host) !== 0;
    let received = Buffer.alloc(0);
    let stream: Duplex | null = null;
    const finish = (attempt: Attempt) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      stream?.destroy();
      resolve(attempt);
    };
    const lose = (message: string, code: string) => {
      if (received.length > 0) finish({ outcome: "answered", failure: null });
      else finish({ outcome: nameOutcome(code, connected), failure: failureOf(message, code) });
    };
    // Somebody else connects for us: only what the last host of the way says of the address counts, not that the way to that host is broken.
    const loseWay = (error: DriverError) => {
      if (received.length > 0) return finish({ outcome: "answered", failure: null });
      const outcome = refusals.has(String(error.serverCode)) ? "unreachable" : "untried";
      finish({ outcome, failure: describeFailure(error, target, operation) });
    };
    const onAbort = () => {
      const cancelled = { ...failureOf("cancelled", null), kind: "cancelled" as const };
      finish({ outcome: "untried", failure: { ...cancelled, message: `${target}: ${operation}: cancelled` } });
    };
    const onTime = () => {
      // Nobody was asked yet: that a name server is silent says nothing of the server.
      if (!named) return lose("the name server does not answer", "EAI_AGAIN");
      lose(connected ? `no greeting within ${timeoutMs} ms` : `no answer within ${timeoutMs} ms`, "ETIMEDOUT");
    };
    const timer = setTimeout(onTime, timeoutMs);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    stream = node.openStream?.() ?? connect({ host: node.host, port: node.port, lookup: lookupName });
    stream.on("lookup", (error: Error | null) => {
      named ||= error === null;
    });
    stream.on("connect", () => {
      connected = true;
    });
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error instanceof DriverError) loseWay(error);
      else lose(parseRawError(error).message, error.code ?? "ECONNRESET");
    });
    stream.on("close", () => lose("the connection was closed without a greeting", "ECONNRESET"));
    stream.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const answer = parseFirstPacket(received);
      if (answer === null) return;
      if (answer.error !== null) finish({ outcome: "answered", failure: failureOf(answer.text, answer.error) });
      else if (answer.text !== "") finish({ outcome: "answered", failure: failureOf(answer.text, null) });
      else finish({ outcome: "answered", failure: null });
    });
  });
}

interface FirstPacket {
  /** Number of the server's error; null for a greeting and for another protocol. */
  readonly error: number | null;
  /** Text of the error, or what is wrong with the greeting; "" for a greeting. */
  readonly text: string;
}

/** Null while it is not complete. */
export function parseFirstPacket(bytes: Buffer): FirstPacket | null {
  if (bytes.length < 5) return null;
  const foreign = describeForeignGreeting(bytes);
  if (foreign !== null) return { error: null, text: foreign };
  if (bytes[4] !== 0xff) return { error: null, text: "" };
  const end = 4 + bytes.readUIntLE(0, 3);
  if (bytes.length < end || end < 7) return null;
  return { error: bytes.readUInt16LE(5), text: bytes.toString("utf8", 7, end).replace(/^#[0-9A-Z]{5}/, "") };
}
