/** A MySQL-protocol server for the stand-ins: greets as told, checks the password, hands every statement to them. Test equipment only. */
import { createServer, type Socket } from "node:net";
import { SqlError } from "../../../src/simulator/mysql/errors.ts";
import { buildError, buildOk, buildResult, type StatementResult } from "../../../src/simulator/mysql/wire/answer.ts";
import { capabilities, serverStatus } from "../../../src/simulator/mysql/wire/capabilities.ts";
import {
  buildAuthSwitch,
  buildGreeting,
  type HandshakeResponse,
  parseHandshakeResponse,
} from "../../../src/simulator/mysql/wire/handshake.ts";
import { createPacketReader } from "../../../src/simulator/mysql/wire/packet-reader.ts";
import { isProofOf, nativePassword } from "../../../src/simulator/mysql/wire/proof.ts";
import { encodeInteger, framePackets } from "../../../src/simulator/mysql/wire/writer.ts";

export type { StatementResult };
export { SqlError };

const NONCE = Buffer.from("abcdefghijklmnopqrst");
const usesNativePassword = (plugin: string | null): boolean => plugin === null || plugin === nativePassword.name;
const COM_QUIT = 0x01;
const COM_QUERY = 0x03;

export interface AdminBehaviour {
  /** `agent`: MySQL Proxy and Atlas, an old greeting without auth plugins, thread id always 1. `plugins`: a modern one. */
  readonly greeting: "agent" | "plugins";
  readonly account: { readonly user: string; readonly password: string };
  /** Error instead of a login; null lets it in. */
  readonly refuseLogin?: (user: string) => SqlError | null;
  /** @throws SqlError */
  readonly answer: (sql: string) => StatementResult;
  /** What comes to a packet that is no COM_QUERY. */
  readonly refuseCommand: () => SqlError;
}

/** What happens to a statement before it is answered: `cut` ends the connection, `hang` never answers, `answer-cut` runs it and then cuts. */
export type Fault = "cut" | "hang" | "answer-cut" | null;

export interface AdminServer {
  readonly port: number;
  readonly account: { readonly user: string; readonly password: string };
  /** Every statement received, in order. */
  readonly statements: string[];
  readonly openConnections: () => number;
  /** Asked before each statement; may change the tables too. */
  fault: (sql: string) => Fault;
  stop(): Promise<void>;
}

/** As the admin plugin of MySQL Proxy greets: version 5.0.99-agent-admin, no plugin name, no TLS, no EOF left out. */
function buildAgentGreeting(): Buffer {
  const flags =
    capabilities.longPassword |
    capabilities.connectWithDatabase |
    capabilities.protocol41 |
    capabilities.secureConnection;
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from("5.0.99-agent-admin\0", "latin1"),
    encodeInteger(1, 4),
    NONCE.subarray(0, 8),
    Buffer.from([0]),
    encodeInteger(flags, 2),
    encodeInteger(8, 1),
    encodeInteger(serverStatus.autocommit, 2),
    Buffer.alloc(13),
    NONCE.subarray(8),
    Buffer.from([0]),
  ]);
}

export async function startAdminServer(behaviour: AdminBehaviour): Promise<AdminServer> {
  const sockets = new Set<Socket>();
  const statements: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket, behaviour, statements, (sql) => admin.fault(sql));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const admin: AdminServer = {
    port: typeof address === "object" && address !== null ? address.port : 0,
    account: behaviour.account,
    statements,
    openConnections: () => sockets.size,
    fault: () => null,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return admin;
}

function serve(socket: Socket, behaviour: AdminBehaviour, statements: string[], fault: (sql: string) => Fault): void {
  const { greeting, account, answer, refuseCommand, refuseLogin } = behaviour;
  const reader = createPacketReader(1024 * 1024);
  let asked: HandshakeResponse | null = null;
  let flags: number | null = null;
  const send = (payloads: readonly Buffer[], sequence: number): void => {
    if (!socket.destroyed) socket.write(framePackets(payloads, sequence));
  };
  const enter = (response: HandshakeResponse, proof: Buffer, sequence: number): void => {
    const isRight = response.user === account.user && isProofOf(nativePassword, account.password, NONCE, proof);
    const denied = new SqlError(1045, "28000", `Access denied for user '${response.user}'@'127.0.0.1'`);
    const refusal = refuseLogin?.(response.user) ?? (isRight ? null : denied);
    if (refusal === null) {
      flags = response.capabilities;
      send([buildOk({ affectedRows: 0, warnings: 0 }, serverStatus.autocommit)], sequence);
    } else {
      send([buildError(refusal)], sequence);
      socket.end();
    }
  };
  const run = (sql: string, sequence: number, clientFlags: number): void => {
    statements.push(sql);
    const what = fault(sql);
    if (what === "hang") return;
    if (what === "cut") return void socket.destroy();
    let payloads: readonly Buffer[];
    try {
      // Both kinds end a result set with EOF packets: neither knows CLIENT_DEPRECATE_EOF.
      payloads = buildResult(answer(sql), clientFlags & ~capabilities.deprecateEof, false);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      payloads = [buildError(error)];
    }
    if (what === "answer-cut") return void socket.destroy();
    send(payloads, sequence);
  };
  send(
    [
      greeting === "agent"
        ? buildAgentGreeting()
        : withoutEofFlag(buildGreeting("8.0.11", nativePassword.name, 1, NONCE)),
    ],
    0,
  );
  socket.on("data", (chunk) => {
    for (const { payload, sequence } of reader.push(chunk)) {
      if (flags === null) {
        if (asked !== null) enter(asked, payload, sequence + 1);
        else {
          const response = parseHandshakeResponse(payload);
          if (greeting === "agent" || usesNativePassword(response.plugin))
            enter(response, response.proof, sequence + 1);
          else {
            asked = response;
            send([buildAuthSwitch(nativePassword.name, NONCE)], sequence + 1);
          }
        }
      } else if (payload[0] === COM_QUIT) socket.end();
      else if (payload[0] === COM_QUERY) run(payload.toString("utf8", 1), sequence + 1, flags);
      else send([buildError(refuseCommand())], sequence + 1);
    }
  });
}

/** The upper half of the capabilities stands after version, thread id, nonce, lower half, charset and status. */
function withoutEofFlag(greeting: Buffer): Buffer {
  const upper = greeting.indexOf(0, 1) + 1 + 4 + 8 + 1 + 2 + 1 + 2;
  greeting.writeUInt16LE(greeting.readUInt16LE(upper) & ~(capabilities.deprecateEof >>> 16), upper);
  return greeting;
}
