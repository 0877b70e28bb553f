/** Encrypted connections to real servers: every mode, every kind of bad certificate, client certificates, and passwords without TLS. */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DriverError } from "../../src/drivers/errors.ts";
import { createMysqlReader } from "../../src/drivers/mysql/reader.ts";
import type { MysqlTarget } from "../../src/drivers/mysql/target.ts";
import { createMysqlWriter } from "../../src/drivers/mysql/writer.ts";
import type { TlsMode, TlsSettings } from "../../src/model/settings.ts";
import type { LabAccount } from "../lab/accounts.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { defaultHaproxyFor, type ServerEngineName } from "../lab/engines.ts";
import { type Lab, type LabNode, labAccounts, startLab } from "../lab/index.ts";
import { type LabTls, makeLabTls, type ServerCertificate, useCertificate } from "../lab/tls.ts";

const ENGINES: readonly ServerEngineName[] = ["mariadb-10.11", "mysql-9.7"];
const DRIVERS = ["reader", "writer"] as const;
const MODES: readonly TlsMode[] = ["preferred", "required", "verify-ca", "verify-identity"];
type Driver = (typeof DRIVERS)[number];
const bounds = () => ({ signal: new AbortController().signal, timeoutMs: 5_000 });

interface Login {
  readonly mode: TlsMode;
  readonly tls?: Partial<TlsSettings>;
  readonly account?: LabAccount;
  readonly host?: string;
  readonly openStream?: () => Duplex;
}

for (const engine of ENGINES) {
  describeEngine([engine, defaultHaproxyFor(engine)], `TLS to a real ${engine}`, () => testEngine(engine));
}

function testEngine(engine: ServerEngineName): void {
  let lab: Lab;
  let node: LabNode;
  let tls: LabTls;
  beforeAll(async () => {
    lab = await startLab({ topology: "single", engine });
    node = lab.node("db1");
    tls = makeLabTls(join(lab.dir, "tls"));
    await node.restart(tls.serverArgs);
  });
  afterAll(() => lab?.stop());

  const toNode = () => connect({ host: node.host, port: node.port });
  const targetFor = (login: Login): MysqlTarget => {
    const { mode, account = labAccounts.ops, host = node.host } = login;
    const settings = { mode, caFile: tls.ca, certFile: null, keyFile: null, ...login.tls };
    const access = {
      user: account.user,
      password: { secret: account.password },
      tls: settings,
      connectTimeoutMs: 2_000,
    };
    const openStream = login.openStream ?? toNode;
    return { name: "db1", host, port: node.port, access, heartbeatTable: null, openStream };
  };
  /** One poll, or one change that changes nothing. */
  const use = async (driver: Driver, login: Login): Promise<void> => {
    if (driver === "reader") {
      const reader = createMysqlReader(targetFor(login));
      await reader.poll(bounds()).finally(() => reader.close());
    } else {
      const writer = createMysqlWriter(targetFor(login));
      const change = { kind: "read-only", node: "db1", on: false, superToo: false } as const;
      await writer.execute(change, bounds()).finally(() => writer.close());
    }
  };
  const refusal = async (driver: Driver, login: Login): Promise<DriverError> => {
    const error = await use(driver, login).catch((thrown: unknown) => thrown);
    if (!(error instanceof DriverError)) throw new Error(`was not refused: ${String(error)}`);
    return error;
  };
  const countEncrypted = async (): Promise<number> =>
    Number((await node.query("SHOW GLOBAL STATUS LIKE 'Ssl_finished_accepts'"))[0]?.Value);
  /** With it a login that gets as far as the password fails otherwise than one that ends at the certificate. */
  const wrongPassword = { ...labAccounts.ops, password: "not-the-password" };

  describe.each(DRIVERS)("as the %s", (driver) => {
    test.each(MODES)("%s is encrypted", async (mode) => {
      const before = await countEncrypted();
      await use(driver, { mode });
      expect(await countEncrypted()).toBe(before + 1);
    });

    test("off is not", async () => {
      const before = await countEncrypted();
      await use(driver, { mode: "off" });
      expect(await countEncrypted()).toBe(before);
    });

    test.each(["localhost", "127.0.0.1", "db1.example.com"])("verify-identity passes for %s", async (host) => {
      await use(driver, { mode: "verify-identity", host });
    });

    test("the name written as server_name is asked for instead of the address", async () => {
      await use(driver, { mode: "verify-identity", host: "127.0.0.9", tls: { serverName: "db1.example.com" } });
      const error = await refusal(driver, { mode: "verify-identity", tls: { serverName: "db2.example.com" } });
      expect(error.message).toContain("is not for db2.example.com, but for");
    });

    test("an address is looked for in the certificate, not the name localhost", async () => {
      const error = await refusal(driver, { mode: "verify-identity", host: "127.0.0.2", account: wrongPassword });
      expect(error).toMatchObject({ kind: "tls", operation: "connect", serverCode: "ERR_TLS_CERT_ALTNAME_INVALID" });
      expect(error.message).toMatch(/not for 127\.0\.0\.2, but for DNS:localhost, IP Address:127\.0\.0\.1/);
      expect(error.advice).toContain("server_name:");
    });

    test("another authority in ca: is told", async () => {
      const error = await refusal(driver, { mode: "verify-ca", tls: { caFile: tls.otherCa } });
      expect(error.kind).toBe("tls");
      expect(error.message).toContain("signed by an authority that is not trusted (signalbox lab ca)");
    });
  });

  const bad: ReadonlyArray<readonly [ServerCertificate, "verify-ca" | "verify-identity", string, RegExp]> = [
    ["expired", "verify-ca", "CERT_HAS_EXPIRED", /certificate \(db1\.example\.com\) has expired on \w+ +\d+ .* GMT/],
    ["notYetValid", "verify-ca", "CERT_NOT_YET_VALID", /is not valid yet, only from \w+ +\d+ .* GMT/],
    ["otherCa", "verify-ca", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", /is not trusted \(signalbox lab other-ca\)/],
    ["selfSigned", "verify-ca", "DEPTH_ZERO_SELF_SIGNED_CERT", /is signed by itself/],
    [
      "wrongName",
      "verify-identity",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      /is not for 127\.0\.0\.1, but for DNS:db9\.example/,
    ],
  ];
  describe.each(bad)("A certificate that is %s", (certificate, mode, code, words) => {
    beforeAll(() => useCertificate(node, tls, certificate));
    afterAll(() => useCertificate(node, tls, "good"));

    test.each(DRIVERS)("ends the login of the %s before the password is sent, and says why", async (driver) => {
      const error = await refusal(driver, { mode, account: wrongPassword });
      expect(error).toMatchObject({ kind: "tls", operation: "connect", serverCode: code });
      expect(error.target).toContain("db1 127.0.0.1");
      expect(error.message).toMatch(words);
      expect(error.advice).toMatch(/\S.*\.$/);
    });

    test("is used where nobody asked", async () => {
      for (const lax of ["preferred", "required"] as const) await use("reader", { mode: lax });
      if (mode === "verify-identity") await use("reader", { mode: "verify-ca" });
    });
  });

  describe("A client certificate", () => {
    const x509 = { user: "x509", password: "lab-x509" };
    const withClient = (name: "client" | "expiredClient" | "otherClient"): Partial<TlsSettings> => ({
      certFile: tls.files[name].cert,
      keyFile: tls.files[name].key,
    });
    beforeAll(async () => {
      await node.query("CREATE USER x509@'%' IDENTIFIED BY 'lab-x509' REQUIRE X509");
      await node.query("GRANT PROCESS ON *.* TO x509@'%'");
    });

    test("lets an account in that demands one, and without it the error says what is missing", async () => {
      await use("reader", { mode: "verify-identity", account: x509, tls: withClient("client") });
      const error = await refusal("reader", { mode: "required", account: x509 });
      expect(error).toMatchObject({ kind: "auth", serverCode: 1045 });
      expect(error.advice).toContain("REQUIRE X509 (ISSUER, SUBJECT) needs cert: and key:");
    });

    test.each(["expiredClient", "otherClient"] as const)("that is bad (%s) is told as such", async (name) => {
      const error = await refusal("reader", { mode: "required", account: x509, tls: withClient(name) });
      expect(error.kind).toBe("tls");
      expect(error.message).toContain("the server refused the client certificate");
      expect(error.advice).toContain("cert: and key:");
    });

    test("with a key that is not its own names both files", async () => {
      const mixed = { certFile: tls.files.client.cert, keyFile: tls.files.good.key };
      const error = await refusal("reader", { mode: "required", tls: mixed });
      expect(error.kind).toBe("tls");
      expect(error.message).toContain(`good.key does not belong to the certificate`);
    });

    test("file that is missing, or holds none, is named", async () => {
      const missing = join(lab.dir, "missing.pem");
      const unread = await refusal("reader", { mode: "verify-ca", tls: { caFile: missing } });
      expect(unread).toMatchObject({ kind: "tls", serverCode: "ENOENT" });
      expect(unread.message).toContain(missing);
      const error = await refusal("reader", { mode: "verify-ca", tls: { caFile: tls.files.good.key } });
      expect(error.message).toContain(`the file of tls ca holds no certificate: ${tls.files.good.key}`);
    });
  });

  describe("A server that only takes encrypted connections", () => {
    beforeAll(() => node.query("SET GLOBAL require_secure_transport=ON"));
    afterAll(() => node.query("SET GLOBAL require_secure_transport=OFF"));

    test("is told as such to a client that may not encrypt", async () => {
      const error = await refusal("reader", { mode: "off" });
      // MariaDB does not tell it from a wrong password.
      const told = node.flavor === "mariadb" ? { kind: "auth", serverCode: 1045 } : { kind: "tls", serverCode: 3159 };
      expect(error).toMatchObject(told);
      expect(error.advice).toContain("tls: required");
      await use("reader", { mode: "preferred" });
    });
  });

  describe("A server without TLS", () => {
    beforeAll(() => node.restart(node.flavor === "mariadb" ? ["--skip-ssl"] : ["--tls-version="]));

    if (engine === "mysql-9.7") {
      test.each(DRIVERS)(
        "asks for its public key once: a password it has seen is proved by the %s alone",
        async (driver) => {
          const asksForKey = async (): Promise<boolean> => {
            const sent: Buffer[] = [];
            await use(driver, { mode: "off", openStream: () => recordSent(toNode(), sent) });
            return splitPackets(Buffer.concat(sent)).some((packet) => packet.equals(REQUEST_PUBLIC_KEY));
          };
          // A server forgets the passwords it has seen.
          await node.query("FLUSH PRIVILEGES");
          expect(await asksForKey()).toBe(true);
          expect(await asksForKey()).toBe(false);
          await node.query("FLUSH PRIVILEGES");
          expect(await asksForKey()).toBe(true);
        },
      );
    }

    test.each(DRIVERS)("is refused by the %s where encryption is required", async (driver) => {
      for (const mode of ["required", "verify-ca", "verify-identity"] as const) {
        const error = await refusal(driver, { mode, account: wrongPassword });
        expect(error).toMatchObject({ kind: "tls", operation: "connect", serverCode: "HANDSHAKE_NO_SSL_SUPPORT" });
        expect(error.message).toContain("the server offers no encryption");
        expect(error.advice).toContain("tls: preferred");
      }
    });

    test.each(["off", "preferred"] as const)(
      "takes the password of %s without ever seeing it in clear",
      async (mode) => {
        // A server forgets the passwords it has seen, so that caching_sha2_password asks for the whole one.
        await node.query("FLUSH PRIVILEGES");
        const sent: Buffer[] = [];
        await use("reader", { mode, openStream: () => recordSent(toNode(), sent) });
        const bytes = Buffer.concat(sent);
        expect(bytes.includes(labAccounts.ops.user)).toBe(true);
        expect(bytes.includes(labAccounts.ops.password)).toBe(false);
      },
    );
  });
}

/** Of caching_sha2_password: what follows is the whole password, encrypted for the key. */
const REQUEST_PUBLIC_KEY = Buffer.from([2]);

/** What is written to it goes into `sent`, too. */
function recordSent(socket: Socket, sent: Buffer[]): Socket {
  const write = socket.write.bind(socket) as (chunk: Buffer, ...rest: never[]) => boolean;
  socket.write = ((chunk: Buffer, ...rest: never[]) => {
    sent.push(Buffer.from(chunk));
    return write(chunk, ...rest);
  }) as typeof socket.write;
  return socket;
}

/** Payloads of the packets of a connection without TLS. */
function splitPackets(bytes: Buffer): readonly Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUIntLE(at, 3);
    packets.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return packets;
}
