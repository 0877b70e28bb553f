/** Greeting of the server and answer of the client (handshake v10). */
import { capabilities, serverCapabilities, serverStatus, utf8mb4 } from "./capabilities.ts";
import { encodeInteger } from "./writer.ts";

/** @param version as it is greeted with @param nonce 20 bytes without a zero */
export function buildGreeting(version: string, plugin: string, connectionId: number, nonce: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`, "latin1"),
    encodeInteger(connectionId, 4),
    nonce.subarray(0, 8),
    Buffer.from([0]),
    encodeInteger(serverCapabilities & 0xffff, 2),
    encodeInteger(utf8mb4, 1),
    encodeInteger(serverStatus.autocommit, 2),
    encodeInteger(serverCapabilities >>> 16, 2),
    encodeInteger(nonce.length + 1, 1),
    Buffer.alloc(10),
    nonce.subarray(8),
    Buffer.from(`\0${plugin}\0`, "latin1"),
  ]);
}

export interface HandshakeResponse {
  readonly capabilities: number;
  readonly user: string;
  readonly proof: Buffer;
  readonly database: string | null;
  /** Plugin the proof was made with; null when the client does not say. */
  readonly plugin: string | null;
}

function readZeroEnded(payload: Buffer, offset: number): { text: string; next: number } {
  const end = payload.indexOf(0, offset);
  if (end === -1) throw new RangeError("text without end");
  return { text: payload.toString("utf8", offset, end), next: end + 1 };
}

/** Reads the client's first packet. @throws RangeError when it is none. */
export function parseHandshakeResponse(payload: Buffer): HandshakeResponse {
  const flags = payload.readUInt32LE(0);
  if ((flags & capabilities.protocol41) === 0 || payload.length < 33) throw new RangeError("not a 4.1 client");
  const user = readZeroEnded(payload, 32);
  const proofLength = payload.readUInt8(user.next);
  if (proofLength > 250) throw new RangeError("proof too long");
  const proofEnd = user.next + 1 + proofLength;
  if (proofEnd > payload.length) throw new RangeError("proof cut off");
  const proof = payload.subarray(user.next + 1, proofEnd);
  const withDatabase = (flags & capabilities.connectWithDatabase) !== 0 && proofEnd < payload.length;
  const database = withDatabase ? readZeroEnded(payload, proofEnd) : { text: "", next: proofEnd };
  const withPlugin = (flags & capabilities.pluginAuth) !== 0 && database.next < payload.length;
  return {
    capabilities: flags >>> 0,
    user: user.text,
    proof,
    database: database.text === "" ? null : database.text,
    plugin: withPlugin ? readZeroEnded(payload, database.next).text : null,
  };
}

/** Asks a client that began with another plugin to prove itself again. */
export function buildAuthSwitch(plugin: string, nonce: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xfe]), Buffer.from(`${plugin}\0`, "latin1"), nonce, Buffer.from([0])]);
}
