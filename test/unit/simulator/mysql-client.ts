/** The client's half of the MySQL protocol, small enough to be read: for testing the simulator's half without a library. */
import { createHash } from "node:crypto";
import { MysqlConnection } from "../../../src/simulator/mysql/connection.ts";
import type { Node, World } from "../../../src/simulator/world/state.ts";

export const flags = {
  protocol41: 0x200,
  secure: 0x8000,
  pluginAuth: 0x8_0000,
  multiStatements: 0x1_0000,
  withDatabase: 0x8,
  deprecateEof: 0x100_0000,
};

export interface TestClient {
  /** Packets received so far, payloads only. */
  readonly packets: Buffer[];
  readonly sequences: number[];
  ended: boolean;
  readonly connection: MysqlConnection;
  /** Sends a payload as one packet. */
  send(payload: Buffer, sequence: number): void;
}

export function frame(payload: Buffer, sequence: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

function takePackets(client: { packets: Buffer[]; sequences: number[] }, bytes: Buffer): Buffer {
  let rest = bytes;
  while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
    const end = 4 + rest.readUIntLE(0, 3);
    client.sequences.push(rest[3] ?? -1);
    client.packets.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return rest;
}

export function openClient(world: World, node: Node): TestClient {
  let pending: Buffer = Buffer.alloc(0);
  const packets: Buffer[] = [];
  const sequences: number[] = [];
  const state = { packets, sequences, ended: false };
  const connection = new MysqlConnection({
    world,
    node,
    peer: "127.0.0.1:50000",
    write: (bytes) => {
      pending = takePackets(state, Buffer.concat([pending, bytes]));
    },
    end: () => {
      state.ended = true;
    },
    destroy: () => {
      state.ended = true;
    },
    refresh: () => undefined,
  });
  return Object.assign(state, {
    connection,
    send: (payload: Buffer, sequence: number) => connection.receive(frame(payload, sequence)),
  });
}

function sha1(bytes: Buffer): Buffer {
  return createHash("sha1").update(bytes).digest();
}

/** The 20 bytes of the greeting that the proof is made with. */
export function readNonce(greeting: Buffer): Buffer {
  const version = greeting.indexOf(0, 1);
  const first = greeting.subarray(version + 5, version + 13);
  const second = version + 13 + 1 + 2 + 1 + 2 + 2 + 1 + 10;
  return Buffer.concat([first, greeting.subarray(second, second + 12)]);
}

export function buildProof(password: string, nonce: Buffer): Buffer {
  const once = sha1(Buffer.from(password));
  const mask = sha1(Buffer.concat([nonce, sha1(once)]));
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

export interface LoginOptions {
  readonly user?: string;
  readonly password?: string;
  readonly clientFlags?: number;
  readonly plugin?: string;
  readonly database?: string;
}

export function buildLogin(greeting: Buffer, options: LoginOptions = {}): Buffer {
  const { user = "ops", password = "demo-ops", plugin = "mysql_native_password", database } = options;
  const proof = password === "" ? Buffer.alloc(0) : buildProof(password, readNonce(greeting));
  const head = Buffer.alloc(32);
  const wanted =
    flags.protocol41 |
    flags.secure |
    flags.pluginAuth |
    (options.clientFlags ?? 0) |
    (database === undefined ? 0 : flags.withDatabase);
  head.writeUInt32LE(wanted >>> 0, 0);
  head[8] = 45;
  const text = (value: string): Buffer => Buffer.from(`${value}\0`);
  return Buffer.concat([
    head,
    text(user),
    Buffer.from([proof.length]),
    proof,
    ...(database === undefined ? [] : [text(database)]),
    text(plugin),
  ]);
}

export function login(world: World, node: Node, options: LoginOptions = {}): TestClient {
  const client = openClient(world, node);
  const [greeting] = client.packets;
  if (greeting === undefined) throw new Error("no greeting");
  client.send(buildLogin(greeting, options), 1);
  return client;
}

/** Payloads that answer a query. */
export function ask(client: TestClient, sql: string): Buffer[] {
  client.packets.length = 0;
  client.send(Buffer.concat([Buffer.from([3]), Buffer.from(sql)]), 0);
  return [...client.packets];
}

export function readError(payload: Buffer | undefined): { code: number; state: string; message: string } {
  if (payload === undefined || payload[0] !== 0xff) throw new Error("no error packet");
  return { code: payload.readUInt16LE(1), state: payload.toString("utf8", 4, 9), message: payload.toString("utf8", 9) };
}

/** Cells of a text row; only short ones occur in these tests. */
export function readRow(payload: Buffer): (string | null)[] {
  const cells: (string | null)[] = [];
  for (let at = 0; at < payload.length; ) {
    const length = payload[at] ?? 0;
    if (length === 0xfb) {
      cells.push(null);
      at += 1;
      continue;
    }
    const [size, start] = length === 0xfc ? [payload.readUInt16LE(at + 1), at + 3] : [length, at + 1];
    cells.push(payload.toString("utf8", start, start + size));
    at = start + size;
  }
  return cells;
}
