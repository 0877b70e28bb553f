/** What every server must be good for, as far as the reader is concerned: the simulator and real servers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MysqlReader } from "../../src/drivers/contract.ts";
import { DriverError } from "../../src/drivers/errors.ts";
import { createMysqlReader } from "../../src/drivers/mysql/reader.ts";
import type { Flavor, MysqlReport } from "../../src/model/mysql.ts";
import type { TlsMode } from "../../src/model/settings.ts";
import { waitFor } from "../lab/wait.ts";

export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface MysqlPeer {
  readonly host: string;
  readonly port: number;
  readonly serverId: number;
}

export interface MysqlSubject {
  readonly flavor: Flavor;
  /** Start of the version, e.g. `10.11.`. */
  readonly version: string;
  /** Takes writes, follows nobody; `replica` is attached to it. */
  readonly source: MysqlPeer;
  /** Read-only, both threads running, follows `source` by GTID. */
  readonly replica: MysqlPeer;
  /** How many replicas are attached to `source`. */
  readonly attached: number;
  readonly ops: Account;
  stop(): Promise<void>;
}

type Which = "source" | "replica";

export interface LiveMysqlSubject extends MysqlSubject {
  /** Only looks: process list, replica status and source status, but not the replica list. */
  readonly viewer: Account;
  /** May log in and nothing else. */
  readonly nopriv: Account;
  /** Rows of a statement, asked as administrator with another client than the reader's. */
  ask(node: Which, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** One acknowledged row on the source. */
  write(): Promise<void>;
  setApplier(run: boolean): Promise<void>;
  setReceiver(run: boolean): Promise<void>;
  breakApplier(): Promise<void>;
  repairApplier(): Promise<void>;
  freeze(node: Which): Promise<void>;
  thaw(node: Which): void;
  restart(node: Which): Promise<void>;
  /** False: SIGKILL. */
  setAlive(node: Which, alive: boolean): Promise<void>;
  /** Every slot taken; resolves to what gives them back. */
  fillConnections(node: Which): Promise<() => Promise<void>>;
  /** The server's own words for the two status statements. */
  readonly statements: { readonly sourceStatus: string; readonly executedGtid: string };
}

export function openReader({ host, port }: MysqlPeer, { user, password }: Account, mode: TlsMode = "off"): MysqlReader {
  const tls = { mode, caFile: null, certFile: null, keyFile: null };
  const access = { user, password: { secret: password }, tls, connectTimeoutMs: 2_000 };
  return createMysqlReader({ name: "db1", host, port, access, heartbeatTable: null });
}

export const boundsOf = (timeoutMs = 3_000) => ({ signal: new AbortController().signal, timeoutMs });

async function withReader<T>(peer: MysqlPeer, account: Account, use: (reader: MysqlReader) => Promise<T>): Promise<T> {
  const reader = openReader(peer, account);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

const pollOnce = (peer: MysqlPeer, account: Account): Promise<MysqlReport> =>
  withReader(peer, account, (reader) => reader.poll(boundsOf()));

async function failureOf(promise: Promise<unknown>): Promise<DriverError> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DriverError);
  return error as DriverError;
}

export function describeLiveMysqlReader(name: string, start: () => Promise<LiveMysqlSubject>): void {
  describe(`MySQL reader on ${name}`, () => {
    let subject: LiveMysqlSubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject?.stop());
    testReading(() => subject);
    testAccounts(() => subject);
    testPositions(() => subject);
    testThreads(() => subject);
    testFaults(() => subject);
  });
}

function testReading(subject: () => MysqlSubject): void {
  test("says who the source is, that it may be written, and that it follows nobody", async () => {
    const { source, ops, flavor, version } = subject();
    const report = await pollOnce(source, ops);
    expect(report).toMatchObject({
      flavor,
      serverId: source.serverId,
      port: source.port,
      readOnly: false,
      channels: [],
      problems: [],
    });
    expect(report.version.startsWith(version)).toBe(true);
    expect(report).toMatchObject({ logBin: true, galera: false, groupReplication: false });
    expect(report.uptimeSeconds).toBeGreaterThanOrEqual(0);
    expect(report.threadsConnected).toBeGreaterThan(0);
    expect(report.maxConnections).toBeGreaterThan(0);
  });

  test("names every replica that is attached to the source", async () => {
    const { source, replica, ops, attached } = subject();
    const { attachedReplicas } = await pollOnce(source, ops);
    expect(attachedReplicas).toHaveLength(attached);
    expect(attachedReplicas?.map((each) => each.serverId)).toContain(replica.serverId);
  });

  test("shows the replica's channel with both threads running and its source", async () => {
    const { source, replica, ops } = subject();
    const report = await pollOnce(replica, ops);
    expect(report).toMatchObject({ serverId: replica.serverId, readOnly: true, problems: [] });
    expect(report.channels).toHaveLength(1);
    expect(report.channels?.[0]).toMatchObject({ io: "yes", sql: "yes", sourcePort: source.port, usesGtid: true });
    expect(report.channels?.[0]).toMatchObject({ sourceServerId: source.serverId, ioError: null, sqlError: null });
  });

  test("keeps one connection over many polls", async () => {
    const { source, ops } = subject();
    await withReader(source, ops, async (reader) => {
      const first = await reader.poll(boundsOf());
      for (let poll = 0; poll < 5; poll++) await reader.poll(boundsOf());
      const last = await reader.poll(boundsOf());
      expect(last.threadsConnected).toBe(first.threadsConnected);
    });
  });

  test("lists sessions on a second connection, replication threads marked as the server's own", async () => {
    const { source, ops, attached } = subject();
    await withReader(source, ops, async (reader) => {
      const [, sessions] = await Promise.all([reader.poll(boundsOf()), reader.sessions(boundsOf())]);
      const dumps = sessions.filter((session) => session.command.startsWith("Binlog Dump"));
      expect(dumps).toHaveLength(attached);
      expect(dumps.every((session) => session.system)).toBe(true);
      expect(sessions.some((session) => session.user === ops.user && !session.system && session.query !== null)).toBe(
        true,
      );
    });
  });

  test("calls a wrong password by its name, without the password", async () => {
    const { source, ops } = subject();
    const error = await failureOf(pollOnce(source, { user: ops.user, password: "wr0ng-secret" }));
    expect(error).toMatchObject({ kind: "auth", serverCode: 1045, operation: "connect" });
    expect(`${error.message} ${error.advice}`).not.toContain("wr0ng-secret");
  });
}

function testAccounts(subject: () => LiveMysqlSubject): void {
  test("an account without privileges learns what is open to all and which GRANT each other part needs", async () => {
    const { source, nopriv } = subject();
    const report = await pollOnce(source, nopriv);
    expect(report).toMatchObject({ serverId: source.serverId, readOnly: false, channels: null, position: null });
    expect(report.attachedReplicas).toBeNull();
    expect(report.rivalUsers).toBeNull();
    expect(report.gtid.executed).not.toBeNull();
    const parts = new Map(report.problems.map(({ part, failure }) => [part, failure]));
    expect([...parts.keys()].sort()).toEqual(["process list", "replica list", "replica status", "source status"]);
    for (const failure of parts.values()) {
      expect(failure.kind).toBe("auth");
      expect(failure.advice).toMatch(/^GRANT [A-Z ]+ ON \*\.\* TO 'nopriv'@'%';$/);
    }
  });

  test("an account that sees the process list but not the replica list knows how many are attached", async () => {
    const { source, viewer, attached } = subject();
    const report = await pollOnce(source, viewer);
    expect(report.attachedReplicas).toHaveLength(attached);
    expect(report.attachedReplicas?.every((each) => each.seenIn === "processlist" && each.serverId === null)).toBe(
      true,
    );
    expect(report.problems).toEqual([]);
  });

  test("an account that is shown only its own sessions is told so instead of getting a short list", async () => {
    const { source, nopriv } = subject();
    const error = await withReader(source, nopriv, (reader) => failureOf(reader.sessions(boundsOf())));
    expect(error).toMatchObject({ kind: "auth", advice: "GRANT PROCESS ON *.* TO 'nopriv'@'%';" });
  });
}

function testPositions(subject: () => LiveMysqlSubject): void {
  test("positions and GTID sets are those the server gives to another client", async () => {
    const { source, replica, ops, ask, write, statements } = subject();
    await write();
    const [status] = await ask("source", statements.sourceStatus);
    const [executed] = await ask("source", `SELECT ${statements.executedGtid} AS gtid`);
    const gtid = String(executed?.gtid).replace(/\n/g, "");
    expect(gtid).not.toBe("");
    const report = await pollOnce(source, ops);
    expect(report.position).toEqual({ file: status?.File, pos: Number(status?.Position), gtid });
    expect(report.gtid.executed).toBe(gtid);
    await withReader(replica, ops, (reader) =>
      waitFor("the replica to have it all", async () => {
        const channel = (await reader.poll(boundsOf())).channels?.[0];
        return (
          channel?.readPos === report.position?.pos && channel?.executedGtid === gtid && channel.receivedGtid !== ""
        );
      }),
    );
  });

  test("a connection that was preferred to be encrypted gives the same report", async () => {
    const { source, ops } = subject();
    const reader = openReader(source, ops, "preferred");
    try {
      expect(await reader.poll(boundsOf())).toMatchObject({ serverId: source.serverId, problems: [] });
    } finally {
      await reader.close();
    }
  });
}

function testThreads(subject: () => LiveMysqlSubject): void {
  const channelWhen = (
    reader: MysqlReader,
    what: string,
    wanted: (channel: NonNullable<MysqlReport["channels"]>[number]) => boolean,
  ) =>
    waitFor(what, async () => {
      const channel = (await reader.poll(boundsOf())).channels?.[0];
      return channel !== undefined && wanted(channel) ? channel : null;
    });

  test("a stopped applier is seen at once, and its lag is unknown", async () => {
    const { replica, ops, setApplier } = subject();
    await withReader(replica, ops, async (reader) => {
      await reader.poll(boundsOf());
      await setApplier(false);
      const { channels } = await reader.poll(boundsOf());
      expect(channels?.[0]).toMatchObject({
        io: "yes",
        sql: "no",
        sqlError: null,
        secondsBehind: null,
        transactionLagSeconds: null,
      });
      await setApplier(true);
      await channelWhen(reader, "both threads", (channel) => channel.io === "yes" && channel.sql === "yes");
    });
  });

  test("a stopped receiver is seen at once, and its lag is unknown", async () => {
    const { replica, ops, setReceiver } = subject();
    await withReader(replica, ops, async (reader) => {
      await setReceiver(false);
      const { channels } = await reader.poll(boundsOf());
      expect(channels?.[0]).toMatchObject({ io: "no", sql: "yes", secondsBehind: null, transactionLagSeconds: null });
      await setReceiver(true);
      await channelWhen(reader, "both threads", (channel) => channel.io === "yes" && channel.sql === "yes");
    });
  });

  test("an applier that broke shows the server's error number and text", async () => {
    const { replica, ops, breakApplier, repairApplier } = subject();
    await withReader(replica, ops, async (reader) => {
      await breakApplier();
      const { channels } = await reader.poll(boundsOf());
      expect(channels?.[0]).toMatchObject({ sql: "no", secondsBehind: null });
      expect(channels?.[0]?.sqlError?.code).toBe(1062);
      expect(channels?.[0]?.sqlError?.message).not.toBe("");
      await repairApplier();
      await channelWhen(reader, "a running applier", (channel) => channel.sql === "yes" && channel.sqlError === null);
    });
  });
}

function testFaults(subject: () => LiveMysqlSubject): void {
  test("a server that is stopped by a signal fails the poll at its deadline and answers again afterwards", async () => {
    const { replica, ops, freeze, thaw } = subject();
    await withReader(replica, ops, async (reader) => {
      await reader.poll(boundsOf());
      await freeze("replica");
      try {
        for (const operation of ["variables", "connect"]) {
          const begin = performance.now();
          expect(await failureOf(reader.poll(boundsOf(400)))).toMatchObject({ kind: "timeout", operation });
          expect(performance.now() - begin).toBeLessThan(1_400);
        }
      } finally {
        thaw("replica");
      }
      const report = await waitFor("an answer", () => reader.poll(boundsOf()));
      expect(report.serverId).toBe(replica.serverId);
    });
  });

  test("a server without a free connection is alive: the poll is rejected, not unreachable", async () => {
    const { replica, ops, ask, fillConnections } = subject();
    await waitFor("the connections of earlier tests to be gone", async () => {
      const own = await ask("replica", `SELECT id FROM information_schema.processlist WHERE user='${ops.user}'`);
      return own.length === 0;
    });
    const release = await fillConnections("replica");
    try {
      expect(await failureOf(pollOnce(replica, ops))).toMatchObject({
        kind: "rejected",
        serverCode: 1040,
        operation: "connect",
      });
    } finally {
      await release();
    }
    await waitFor("a free connection", () => pollOnce(replica, ops));
  });

  test("after a restart the next poll finds the way back and reads anew who is there", async () => {
    const { replica, ops, restart } = subject();
    await withReader(replica, ops, async (reader) => {
      for (let poll = 0; poll < 20; poll++) await reader.poll(boundsOf());
      const before = await reader.poll(boundsOf());
      await restart("replica");
      const after = await reader.poll(boundsOf());
      expect(after).toMatchObject({
        serverId: before.serverId,
        serverUuid: before.serverUuid,
        version: before.version,
      });
      // A counter that went back proves that the answer comes from the new life of the server.
      expect(after.queriesTotal).toBeLessThan(before.queriesTotal ?? 0);
    });
  });

  test("while the server is away the poll says that nobody listens", async () => {
    const { replica, ops, setAlive } = subject();
    await withReader(replica, ops, async (reader) => {
      await reader.poll(boundsOf());
      await setAlive("replica", false);
      try {
        // The first may still find the old connection, in the moment of its end.
        expect((await failureOf(reader.poll(boundsOf()))).kind).toBe("unreachable");
        expect(await failureOf(reader.poll(boundsOf()))).toMatchObject({ kind: "unreachable", operation: "connect" });
      } finally {
        await setAlive("replica", true);
      }
      expect((await reader.poll(boundsOf())).serverId).toBe(replica.serverId);
    });
  });
}
