/**
 * Keeps the client library from being hurt by what a server says. mysql2 3.24 parses inside the socket's `data` handler: an exception
 * there would end the process; packets out of order are printed with console.error, over the screen, and then used all the same; a
 * malformed length is printed with console.trace; and a server may send for ever. All end here: the connection is given up with an error.
 */
import type { Connection } from "mysql2";

/** More than any answer we ask for; a server that sends more in one request is not answering it. */
export const maxAnswerBytes = 64 * 1024 * 1024;

/** The inner parts of mysql2's connection that are guarded; test/unit/drivers/mysql/hostile.test.ts fails when they change. */
interface Internals {
  sequenceId: number;
  packetParser: { execute(chunk: Buffer): unknown };
  handlePacket(packet?: { readonly sequenceId: number }): void;
}

export interface Guard {
  /** Bytes received since the connection was opened. */
  received(): number;
  /** Starts the byte count of the next answer. */
  expectAnswer(): void;
}

/** A sentence about bytes that are no MySQL greeting; null when they may be one. */
export function describeForeignGreeting(chunk: Buffer): string | null {
  if (chunk.length < 5) return null;
  const [sequence, first] = [chunk[3], chunk[4]];
  const isGreeting = sequence === 0 && (first === 10 || first === 9 || first === 255);
  return isGreeting
    ? null
    : `it answers in another protocol, beginning with ${JSON.stringify(chunk.toString("latin1", 0, 24))}`;
}

function protocolError(message: string): Error {
  return Object.assign(new Error(message), { code: "PROTOCOL_ERROR", fatal: true });
}

/**
 * Puts the guard around a connection that was just created (before the first byte can have arrived).
 * @param giveUp called with what is wrong; must destroy the connection. After it nothing more is parsed.
 */
export function guardConnection(connection: Connection, giveUp: (error: Error) => void): Guard {
  const inner = connection as unknown as Internals;
  const { packetParser: parser, handlePacket } = inner;
  let total = 0;
  let answer = 0;
  let broken = false;
  const breakOff = (error: Error) => {
    if (broken) return;
    broken = true;
    giveUp(error);
  };
  const check = (chunk: Buffer): string | null => {
    const foreign = total === 0 ? describeForeignGreeting(chunk) : null;
    total += chunk.length;
    answer += chunk.length;
    return foreign ?? (answer > maxAnswerBytes ? `it sent more than ${maxAnswerBytes} bytes for one answer` : null);
  };
  const guarded = (action: () => void) => {
    if (broken) return;
    const { trace } = console;
    console.trace = () => undefined;
    try {
      action();
    } catch (error) {
      breakOff(error instanceof Error ? error : new Error(String(error)));
    } finally {
      console.trace = trace;
    }
  };
  inner.packetParser = {
    execute: (chunk) =>
      guarded(() => {
        const wrong = check(chunk);
        if (wrong === null) parser.execute(chunk);
        else breakOff(protocolError(wrong));
      }),
  };
  inner.handlePacket = (packet) => {
    if (broken) return;
    if (packet !== undefined && packet.sequenceId !== inner.sequenceId) {
      breakOff(protocolError(`packets out of order: number ${packet.sequenceId} instead of ${inner.sequenceId}`));
    } else {
      handlePacket.call(connection, packet);
    }
  };
  return {
    received: () => total,
    expectAnswer: () => {
      answer = 0;
    },
  };
}
