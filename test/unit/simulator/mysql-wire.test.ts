import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPacketReader } from "../../../src/simulator/mysql/wire/packet-reader.ts";
import { encodeLength, framePackets } from "../../../src/simulator/mysql/wire/writer.ts";
import { createFixture, nodeNamed } from "./fixture.ts";
import {
  ask,
  buildLogin,
  buildProof,
  flags,
  frame,
  login,
  openClient,
  readError,
  readNonce,
  readRow,
} from "./mysql-client.ts";

describe("simulated MySQL protocol", () => {
  test("greets as protocol 10 with MariaDB's version behind its prefix", () => {
    const world = createFixture();
    const [greeting] = openClient(world, nodeNamed(world, "db1")).packets;
    expect(greeting?.[0]).toBe(10);
    expect(greeting?.toString("latin1", 1)).toMatch(/^5\.5\.5-10\.11\.\d+-MariaDB.*mysql_native_password\0$/s);
    expect(readNonce(greeting ?? Buffer.alloc(0)).includes(0)).toBe(false);
  });

  test("lets in who knows the password and puts them into the processlist until they leave", () => {
    const world = createFixture();
    const node = nodeNamed(world, "db1");
    const client = login(world, node);
    expect(client.packets[1]?.[0]).toBe(0);
    expect(client.sequences).toEqual([0, 2]);
    expect([...node.connections.values()]).toMatchObject([{ user: "ops", command: "Sleep" }]);
    client.connection.closed();
    expect(node.connections.size).toBe(0);
  });

  test.each([
    ["a wrong password", { password: "demo-opz" }, "YES"],
    ["no password", { password: "" }, "NO"],
    ["an unknown user", { user: "root" }, "YES"],
    ["a password where none is set", { user: "haproxy_check", password: "x" }, "YES"],
  ])("refuses %s with 1045 and closes", (_case, options, withPassword) => {
    const world = createFixture();
    const client = login(world, nodeNamed(world, "db2"), options);
    const user = "user" in options ? options.user : "ops";
    expect(readError(client.packets[1])).toEqual({
      code: 1045,
      state: "28000",
      message: `Access denied for user '${user}'@'127.0.0.1' (using password: ${withPassword})`,
    });
    expect(client.ended).toBe(true);
    expect(ask(client, "SELECT 1")).toEqual([]);
  });

  test("asks a client with another plugin to prove itself with mysql_native_password", () => {
    const world = createFixture();
    const client = login(world, nodeNamed(world, "db1"), { plugin: "caching_sha2_password", password: "whatever" });
    const [greeting, request] = client.packets;
    expect(request?.toString("latin1", 0, 22)).toBe("\u00femysql_native_password");
    client.send(buildProof("demo-ops", readNonce(greeting ?? Buffer.alloc(0))), 3);
    expect(client.packets[2]?.[0]).toBe(0);
    expect(client.sequences).toEqual([0, 2, 4]);
  });

  test("refuses an unknown database at login with 1049", () => {
    const world = createFixture();
    const client = login(world, nodeNamed(world, "db1"), { database: "nope" });
    expect(readError(client.packets[1]).code).toBe(1049);
    expect(nodeNamed(world, "db1").connections.size).toBe(0);
  });

  test("frames a result set with or without EOF packets, as the client wants it", () => {
    const world = createFixture();
    const old = ask(login(world, nodeNamed(world, "db3")), "SELECT @@server_id, NULL, 'a'");
    expect(old.map((payload) => payload.length === 5 && payload[0] === 0xfe)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(readRow(old[5] ?? Buffer.alloc(0))).toEqual(["3", null, "a"]);
    const modern = ask(
      login(world, nodeNamed(world, "db3"), { clientFlags: flags.deprecateEof }),
      "SELECT @@server_id, NULL, 'a'",
    );
    expect(modern).toHaveLength(6);
    expect(modern.at(-1)?.[0]).toBe(0xfe);
    expect(readRow(modern[4] ?? Buffer.alloc(0))).toEqual(["3", null, "a"]);
  });

  test("answers several statements only to a client that announced them, and stops at the first error", () => {
    const world = createFixture();
    const plain = ask(login(world, nodeNamed(world, "db1")), "SELECT 1; SELECT 2");
    expect(readError(plain[0])).toMatchObject({ code: 1064, message: expect.stringContaining("near 'SELECT 2'") });
    const several = login(world, nodeNamed(world, "db1"), { clientFlags: flags.multiStatements | flags.deprecateEof });
    const answers = ask(several, "SELECT 1; SET @a = ';'; nonsense; SELECT 2");
    expect(answers).toHaveLength(6);
    // Status of the first result's end: autocommit and "more results".
    expect(answers[3]?.readUInt16LE(3)).toBe(0x2 | 0x8);
    expect(readError(answers[5]).code).toBe(1064);
  });

  test("refuses prepared statements and unknown commands politely", () => {
    const world = createFixture();
    const client = login(world, nodeNamed(world, "db1"));
    const sendCommand = (code: number): Buffer | undefined => {
      client.send(Buffer.from([code, 0x61]), 0);
      return client.packets.at(-1);
    };
    expect(readError(sendCommand(0x16)).code).toBe(1295);
    expect(readError(sendCommand(0x12)).code).toBe(1047);
    expect(sendCommand(0x0e)?.[0]).toBe(0);
    expect(client.ended).toBe(false);
    client.send(Buffer.from([1]), 0);
    expect(client.ended).toBe(true);
  });

  test("understands a conversation however it is cut into chunks", () => {
    const world = createFixture();
    const node = nodeNamed(world, "db4");
    const talk = (client: ReturnType<typeof openClient>): Buffer =>
      Buffer.concat([
        frame(buildLogin(client.packets[0] ?? Buffer.alloc(0)), 1),
        frame(Buffer.from("\u0003SELECT @@hostname"), 0),
      ]);
    const length = talk(openClient(world, node)).length;
    for (let cut = 1; cut < length; cut += 1) {
      const client = openClient(world, node);
      const bytes = talk(client);
      client.connection.receive(bytes.subarray(0, cut));
      client.connection.receive(bytes.subarray(cut));
      expect(readRow(client.packets[5] ?? Buffer.alloc(0))).toEqual(["db4"]);
    }
  });

  test("survives any bytes, before and after the login", () => {
    const world = createFixture();
    const node = nodeNamed(world, "db1");
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), fc.boolean(), (chunks, loggedIn) => {
        const client = loggedIn ? login(world, node) : openClient(world, node);
        for (const chunk of chunks) client.connection.receive(Buffer.from(chunk));
        client.connection.closed();
      }),
      { numRuns: 300 },
    );
    expect(node.connections.size).toBe(0);
  });

  test("answers any text as a query with a result or an error, never with silence or a defect of its own", {
    timeout: 60_000,
  }, () => {
    const world = createFixture();
    const client = login(world, nodeNamed(world, "db2"));
    const word = fc.constantFrom(
      "SELECT",
      "SHOW",
      "SET",
      "@@",
      "global",
      ".",
      "read_only",
      "=",
      "(",
      ")",
      ",",
      "'",
      "`",
      "x",
      "1",
      "*",
      "FROM",
      "information_schema",
      "processlist",
      "WHERE",
      "LIKE",
      "IN",
      ";",
      "STOP",
      "SLAVE",
      "CASE",
      "--",
      "/*",
      "\\",
      "é",
      "NULL",
      "NOT",
      "constructor",
      "__proto__",
      "ORDER",
      "BY",
      "LIMIT",
      "ALL",
      "STATUS",
    );
    const statement = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(statement, (sql) => {
        const answer = ask(client, sql);
        expect(answer.length).toBeGreaterThan(0);
        if (answer[0]?.[0] === 0xff) expect(readError(answer[0]).code).not.toBe(1105);
      }),
      { numRuns: 800 },
    );
  });

  test("turns away a client that announces a giant packet", () => {
    const world = createFixture();
    const client = login(world, nodeNamed(world, "db1"));
    client.connection.receive(Buffer.from([0xff, 0xff, 0xff, 0, 3]));
    expect(readError(client.packets.at(-1)).code).toBe(1153);
    expect(client.ended).toBe(true);
  });

  test("splits payloads of 16 MB and more over packets, as the protocol wants it", () => {
    const framed = framePackets([Buffer.alloc(0xff_ffff + 5, 1), Buffer.from([2])], 1);
    expect(framed.length).toBe(0xff_ffff + 5 + 1 + 3 * 4);
    expect([framed[3], framed[0xff_ffff + 7], framed.readUIntLE(0xff_ffff + 4, 3)]).toEqual([1, 2, 5]);
  });

  test("writes lengths in one, three, four or nine bytes", () => {
    expect([250, 251, 65_535, 65_536, 16_777_216].map((value) => encodeLength(value).toString("hex"))).toEqual([
      "fa",
      "fcfb00",
      "fcffff",
      "fd000001",
      "fe0000000100000000",
    ]);
  });

  test("hands on packets only when they are whole", () => {
    const reader = createPacketReader(100);
    expect(reader.push(Buffer.from([2, 0, 0, 7, 1]))).toEqual([]);
    expect(reader.push(Buffer.from([2, 1, 0]))).toEqual([{ sequence: 7, payload: Buffer.from([1, 2]) }]);
    expect(() => reader.push(Buffer.from([1, 0, 8]))).toThrow(RangeError);
  });
});
