import { afterEach, describe, expect, it } from "vitest";
import { createHaproxyWriter } from "../../src/drivers/haproxy/writer.ts";
import { describeSqlProxyCommand } from "../../src/drivers/sql-proxy/command.ts";
import type { AdminServer } from "../lab/sql-proxies/admin-server.ts";
import { startAtlasStandIn, startMysqlProxyStandIn } from "../lab/sql-proxies/agents.ts";
import { buildProxysqlServer, type ProxysqlStandIn, startProxysqlStandIn } from "../lab/sql-proxies/proxysql.ts";
import { waitFor } from "../lab/wait.ts";
import { type BareChange, boundsOf, buildSettings, changeOn, readOnce } from "./support/sql-proxies.ts";

const running: AdminServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));

function keep<T extends AdminServer>(server: T): T {
  running.push(server);
  return server;
}

const DRAIN: BareChange = { kind: "server-state", state: "drain" };
const MAINT: BareChange = { kind: "server-state", state: "maint" };
const READY: BareChange = { kind: "server-state", state: "ready" };
const LOAD = "LOAD MYSQL SERVERS TO RUNTIME";
const changes = ({ statements }: AdminServer) => statements.filter((sql) => !sql.startsWith("SELECT"));
const caught = (promise: Promise<unknown>) => promise.then(() => null).catch((error: unknown) => error);

describe("ProxySQL is changed", () => {
  const READER = "hg20/10.0.0.12:3306";
  const updateOf = (assignment: string) =>
    `UPDATE mysql_servers SET ${assignment} WHERE hostgroup_id=20 AND hostname='10.0.0.12' AND port=3306`;
  const start = async () =>
    keep(
      await startProxysqlStandIn([
        buildProxysqlServer(10, "10.0.0.11", 3306),
        buildProxysqlServer(20, "10.0.0.12", 3306, { weight: 50 }),
        buildProxysqlServer(20, "10.0.0.13", 3306),
      ]),
    );
  const statusOf = (rows: ProxysqlStandIn["runtime"]) => rows.map(({ status }) => status);

  it.each<[BareChange, string, object]>([
    [DRAIN, "status='OFFLINE_SOFT'", { state: "drain", adminReasons: ["drain-forced"] }],
    [MAINT, "status='OFFLINE_HARD'", { state: "maint", adminReasons: ["maint-forced"] }],
    [{ kind: "server-weight", weight: 7 }, "weight=7", { state: "ready", weight: 7 }],
  ])(
    "%j sends an UPDATE and a LOAD, as the plan shows, and reads back what runs",
    async (change, assignment, after) => {
      const proxy = await start();
      const settings = buildSettings("proxysql", proxy);
      const shown = describeSqlProxyCommand(
        { haproxy: "px1", backend: "hg20", server: "10.0.0.12:3306", ...change },
        settings,
        null,
      );
      const result = await changeOn(settings, READER, change, { expectedCommand: shown });
      expect(shown).toBe(`${updateOf(assignment)}; ${LOAD}`);
      expect(changes(proxy)).toEqual([updateOf(assignment), LOAD]);
      expect(proxy.statements.at(-1)).toContain("FROM runtime_mysql_servers");
      expect(result).toMatchObject({
        command: shown,
        sent: true,
        pidChanged: false,
        refusal: null,
        notice: null,
        process: { pid: null },
      });
      expect(result.servers).toHaveLength(2);
      expect(result.servers[0]).toMatchObject({ backend: "hg20", server: "10.0.0.12:3306", ...after });
      expect(await readOnce(settings)).toMatchObject({ sqlAdmin: { pending: [] } });
      await waitFor("no connection", () => proxy.openConnections() === 0);
    },
  );

  it("and back: ONLINE is ready", async () => {
    const proxy = await start();
    const settings = buildSettings("proxysql", proxy);
    await changeOn(settings, READER, MAINT);
    await changeOn(settings, READER, READY);
    expect(statusOf(proxy.runtime)).toEqual(["ONLINE", "ONLINE", "ONLINE"]);
    expect(changes(proxy).slice(2)).toEqual([updateOf("status='ONLINE'"), LOAD]);
  });

  it("only when nothing else waits to be loaded: somebody's unsaved edit stays where it is", async () => {
    const proxy = await start();
    const [first] = proxy.edited;
    if (first) first.status = "OFFLINE_HARD";
    const failure = await caught(changeOn(buildSettings("proxysql", proxy), READER, DRAIN));
    expect(failure).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("hg10/10.0.0.11:3306: status ONLINE → OFFLINE_HARD"),
      advice: expect.stringContaining("SAVE MYSQL SERVERS TO MEMORY"),
    });
    expect(changes(proxy)).toEqual([]);
    expect(statusOf(proxy.runtime)).toEqual(["ONLINE", "ONLINE", "ONLINE"]);
  });

  it("not with a row of before the read_only monitor moved a server to another host group", async () => {
    const proxy = await start();
    const [first] = proxy.runtime;
    if (first) first.hostgroup_id = 20;
    const failure = await caught(changeOn(buildSettings("proxysql", proxy), READER, DRAIN));
    expect(failure).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("hg10/10.0.0.11:3306 would be added"),
    });
    expect(changes(proxy)).toEqual([]);
  });

  it("a server that was shunned by the monitor is no edit", async () => {
    const proxy = await start();
    const [first] = proxy.runtime;
    if (first) first.status = "SHUNNED";
    await changeOn(buildSettings("proxysql", proxy), READER, DRAIN);
    expect(statusOf(proxy.runtime)).toEqual(["SHUNNED", "OFFLINE_SOFT", "ONLINE"]);
  });

  it("a shunned server that stays so is told, and no edit is left for somebody's next LOAD", async () => {
    const proxy = await start();
    proxy.keepsShunned = true;
    const [, second] = proxy.runtime;
    if (second) second.status = "SHUNNED";
    const settings = buildSettings("proxysql", proxy);
    await expect(changeOn(settings, READER, DRAIN)).rejects.toMatchObject({
      kind: "rejected",
      message: "ProxySQL left hg20/10.0.0.12:3306 SHUNNED; the edited row was put back as it was.",
    });
    expect(statusOf(proxy.edited)).toEqual(["ONLINE", "ONLINE", "ONLINE"]);
    expect((await readOnce(settings)).sqlAdmin?.pending).toEqual([]);
  });

  it("an edit of the very cell that is set does not bar the way", async () => {
    const proxy = await start();
    const [, second] = proxy.edited;
    if (second) second.status = "OFFLINE_HARD";
    await changeOn(buildSettings("proxysql", proxy), READER, DRAIN);
    expect(statusOf(proxy.runtime)).toEqual(["ONLINE", "OFFLINE_SOFT", "ONLINE"]);
  });

  it("not when another column of the very row waits to be loaded", async () => {
    const proxy = await start();
    const [, second] = proxy.edited;
    if (second) second.weight = 9;
    const failure = await caught(changeOn(buildSettings("proxysql", proxy), READER, DRAIN));
    expect(failure).toMatchObject({ kind: "rejected", message: expect.stringContaining("weight 50 → 9") });
    expect(changes(proxy)).toEqual([]);
  });

  it("not when somebody edits at the same moment: our row is put back and nothing loaded", async () => {
    const proxy = await start();
    proxy.fault = (sql) => {
      const [first] = proxy.edited;
      if (sql.startsWith("UPDATE") && first) first.weight = 99;
      return null;
    };
    const failure = await caught(changeOn(buildSettings("proxysql", proxy), READER, DRAIN));
    expect(failure).toMatchObject({ kind: "rejected", message: expect.stringContaining("weight 1 → 99") });
    expect(changes(proxy)).toEqual([updateOf("status='OFFLINE_SOFT'"), updateOf("status='ONLINE'")]);
    expect(statusOf(proxy.edited)).toEqual(["ONLINE", "ONLINE", "ONLINE"]);
    expect(statusOf(proxy.runtime)).toEqual(["ONLINE", "ONLINE", "ONLINE"]);
  });

  it("what changed beside it is told", async () => {
    const proxy = await start();
    proxy.fault = (sql) => {
      const [, , third] = proxy.edited;
      if (sql === LOAD && third) third.status = "OFFLINE_HARD";
      return null;
    };
    const result = await changeOn(buildSettings("proxysql", proxy), READER, DRAIN);
    expect(result.notice).toBe("Changed at the same time: hg20/10.0.0.13:3306: status ONLINE → OFFLINE_HARD");
  });

  it("refused at the UPDATE, nothing is changed; the number 1045 is not taken for a wrong password", async () => {
    const proxy = await start();
    proxy.refuse = { pattern: /^UPDATE/, words: "database is locked" };
    const failure = await caught(changeOn(buildSettings("proxysql", proxy), READER, DRAIN));
    expect(failure).toMatchObject({ kind: "rejected", serverCode: 1045, advice: null });
    expect(String(failure)).toContain("database is locked");
  });

  it("refused at the LOAD, the edited row is put back", async () => {
    const proxy = await start();
    proxy.refuse = { pattern: /^LOAD/, words: "Unable to load" };
    await expect(changeOn(buildSettings("proxysql", proxy), READER, DRAIN)).rejects.toMatchObject({ kind: "rejected" });
    expect(changes(proxy)).toEqual([updateOf("status='OFFLINE_SOFT'"), LOAD, updateOf("status='ONLINE'")]);
    expect(statusOf(proxy.edited)).toEqual(["ONLINE", "ONLINE", "ONLINE"]);
  });

  it("when the row cannot be put back either, the outcome is not known", async () => {
    const proxy = await start();
    proxy.refuse = { pattern: /^LOAD|='ONLINE'/, words: "no" };
    const settings = buildSettings("proxysql", proxy);
    await expect(changeOn(settings, READER, DRAIN)).rejects.toMatchObject({ kind: "unknown-outcome" });
    // The next look tells of the edit that was left behind.
    expect((await readOnce(settings)).sqlAdmin?.pending).toEqual(["hg20/10.0.0.12:3306: status ONLINE → OFFLINE_SOFT"]);
  });

  it.each<[string, RegExp, "cut" | "answer-cut" | "hang", string]>([
    ["before the UPDATE", /^SELECT/, "cut", "unreachable"],
    ["with the UPDATE", /^UPDATE/, "cut", "unknown-outcome"],
    ["after the UPDATE", /^UPDATE/, "answer-cut", "unknown-outcome"],
    ["with the LOAD", /^LOAD/, "cut", "unknown-outcome"],
    ["after the LOAD", /^LOAD/, "answer-cut", "unknown-outcome"],
    ["hanging before the UPDATE", /^SELECT/, "hang", "timeout"],
    ["hanging at the LOAD", /^LOAD/, "hang", "unknown-outcome"],
  ])("a connection lost %s is told as what it is", async (_, pattern, fault, kind) => {
    const proxy = await start();
    proxy.fault = (sql) => (pattern.test(sql) ? fault : null);
    const failure = await caught(
      changeOn(buildSettings("proxysql", proxy), READER, DRAIN, { timeoutMs: fault === "hang" ? 200 : 3000 }),
    );
    expect(failure).toMatchObject({ kind });
    await waitFor("no connection", () => proxy.openConnections() === 0);
  });

  it("not when it was confirmed otherwise", async () => {
    const proxy = await start();
    const failure = await caught(
      changeOn(buildSettings("proxysql", proxy), READER, DRAIN, {
        expectedCommand: `${updateOf("weight=1")}; ${LOAD}`,
      }),
    );
    expect(failure).toMatchObject({ kind: "rejected", message: expect.stringContaining("no longer what would have") });
    expect(changes(proxy)).toEqual([]);
  });

  it("one change after the other: none lies between UPDATE and LOAD of another", async () => {
    const proxy = await start();
    const writer = createHaproxyWriter(buildSettings("proxysql", proxy));
    const options = { expectedPid: null, ...boundsOf() };
    await Promise.all(
      ["10.0.0.12:3306", "10.0.0.13:3306"].map((server) =>
        writer.change({ kind: "server-weight", haproxy: "px1", backend: "hg20", server, weight: 3 }, options),
      ),
    );
    expect(changes(proxy).map((sql) => sql.slice(0, 6))).toEqual(["UPDATE", "LOAD M", "UPDATE", "LOAD M"]);
    expect(proxy.runtime.map(({ weight }) => weight)).toEqual([1, 3, 3]);
  });

  it.each([
    ["hg20/10.0.0.99:3306"],
    ["hg99/10.0.0.12:3306"],
    ["rw/10.0.0.12:3306"],
    ["hg20/10.0.0.12' OR 1=1 --:3306"],
    ["hg20;/10.0.0.12:3306"],
  ])("not where there is no such row: %s", async (name) => {
    const proxy = await start();
    await expect(changeOn(buildSettings("proxysql", proxy), name, DRAIN)).rejects.toMatchObject({ kind: "rejected" });
    expect(changes(proxy)).toEqual([]);
  });

  it("never by a name that could end the statement, even where such a row exists", async () => {
    const proxy = keep(await startProxysqlStandIn([buildProxysqlServer(20, "x' OR '1'='1", 3306)]));
    const name = "hg20/x' OR '1'='1:3306";
    await expect(changeOn(buildSettings("proxysql", proxy), name, DRAIN)).rejects.toMatchObject({ kind: "rejected" });
    expect(changes(proxy)).toEqual([]);
  });

  it("not to cut sessions: OFFLINE_HARD does that", async () => {
    const proxy = await start();
    await expect(
      changeOn(buildSettings("proxysql", proxy), READER, { kind: "shutdown-sessions" }),
    ).rejects.toMatchObject({ kind: "unsupported", message: expect.stringContaining("OFFLINE_HARD") });
    expect(proxy.statements).toEqual([]);
  });
});

describe("Atlas is changed", () => {
  const start = async () =>
    keep(
      await startAtlasStandIn([
        { address: "10.0.0.11:3306", state: "up", type: "rw" },
        { address: "10.0.0.12:3306", state: "up", type: "ro" },
        { address: "10.0.0.13:3306", state: "up", type: "ro" },
      ]),
    );

  it("by the index of the address, read right before; offline is drain, and online begins as unknown", async () => {
    const atlas = await start();
    const settings = buildSettings("atlas", atlas);
    const drained = await changeOn(settings, "ro/10.0.0.13:3306", DRAIN, { expectedCommand: "SET OFFLINE 3" });
    expect(atlas.statements).toEqual(["SELECT * FROM backends", "SET OFFLINE 3", "SELECT * FROM backends"]);
    expect(drained).toMatchObject({ command: "SET OFFLINE 3", sent: true, refusal: null, notice: null });
    expect(drained.servers.map(({ server, state }) => `${server} ${state}`)).toEqual([
      "10.0.0.12:3306 ready",
      "10.0.0.13:3306 drain",
    ]);
    const ready = await changeOn(settings, "ro/10.0.0.13:3306", READY);
    expect(ready).toMatchObject({ command: "SET ONLINE 3" });
    expect(atlas.backends[2]?.state).toBe("unknown");
    expect(ready.servers[1]).toMatchObject({ state: "ready", adminReasons: [] });
  });

  it("not when the list has shifted since it was confirmed: another server would be hit", async () => {
    const atlas = await start();
    atlas.backends.splice(1, 1);
    const failure = await caught(
      changeOn(buildSettings("atlas", atlas), "ro/10.0.0.13:3306", DRAIN, { expectedCommand: "SET OFFLINE 3" }),
    );
    expect(failure).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("SET OFFLINE 2 instead of SET OFFLINE 3"),
    });
    expect(changes(atlas)).toEqual([]);
  });

  it("a shift in the very moment is found by the answer, which names another address", async () => {
    const atlas = await start();
    atlas.fault = (sql) => {
      if (sql.startsWith("SET")) atlas.backends.splice(0, 1);
      return null;
    };
    const failure = await caught(changeOn(buildSettings("atlas", atlas), "ro/10.0.0.12:3306", DRAIN));
    expect(failure).toMatchObject({
      kind: "unknown-outcome",
      message: expect.stringContaining("SET OFFLINE 2 was about 10.0.0.13:3306"),
    });
  });

  it("the writer's own row and the reader's row of one address are two servers", async () => {
    const atlas = await start();
    atlas.backends.push({ address: "10.0.0.11:3306", state: "up", type: "ro" });
    const result = await changeOn(buildSettings("atlas", atlas), "ro/10.0.0.11:3306", DRAIN);
    expect(result.command).toBe("SET OFFLINE 4");
    expect(atlas.backends.map(({ state }) => state)).toEqual(["up", "up", "up", "offline"]);
  });

  it("what an operator changed beside it is told", async () => {
    const atlas = await start();
    atlas.fault = (sql) => {
      if (sql.startsWith("SET")) Object.assign(atlas.backends[0] ?? {}, { state: "offline" });
      return null;
    };
    const result = await changeOn(buildSettings("atlas", atlas), "ro/10.0.0.12:3306", DRAIN);
    expect(result.notice).toBe("Changed at the same time: rw/10.0.0.11:3306 is offline");
  });

  it.each<[string, RegExp, "cut" | "answer-cut", string]>([
    ["before SET", /^SELECT/, "cut", "unreachable"],
    ["with SET", /^SET/, "cut", "unknown-outcome"],
    ["after SET", /^SET/, "answer-cut", "unknown-outcome"],
  ])("a connection lost %s is told as what it is", async (_, pattern, fault, kind) => {
    const atlas = await start();
    atlas.fault = (sql) => (pattern.test(sql) ? fault : null);
    await expect(changeOn(buildSettings("atlas", atlas), "ro/10.0.0.12:3306", DRAIN)).rejects.toMatchObject({ kind });
  });

  it.each<[BareChange, string]>([
    [MAINT, "only one way out"],
    [{ kind: "server-weight", weight: 5 }, "cannot change a weight"],
    [{ kind: "shutdown-sessions" }, "cannot cut the sessions"],
  ])("not by %j, and nothing is sent", async (change, words) => {
    const atlas = await start();
    const failure = await caught(changeOn(buildSettings("atlas", atlas), "ro/10.0.0.12:3306", change));
    expect(failure).toMatchObject({ kind: "unsupported", message: expect.stringContaining(words) });
    expect(atlas.statements).toEqual([]);
  });

  it("not where the address is unknown, and its credentials are never read", async () => {
    const atlas = await start();
    await expect(changeOn(buildSettings("atlas", atlas), "ro/10.0.0.99:3306", DRAIN)).rejects.toMatchObject({
      kind: "rejected",
    });
    expect(atlas.statements.join()).not.toMatch(/pwds|SET/);
  });
});

it("MySQL Proxy takes no change, and is not even asked", async () => {
  const proxy = keep(await startMysqlProxyStandIn([{ address: "10.0.0.11:3306", state: "up", type: "rw" }]));
  const settings = buildSettings("mysql-proxy", proxy);
  const change = {
    kind: "server-state",
    haproxy: "px1",
    backend: "rw",
    server: "10.0.0.11:3306",
    state: "drain",
  } as const;
  expect(describeSqlProxyCommand(change, settings, null)).toBe("nothing: the admin of MySQL Proxy can only be read");
  await expect(changeOn(settings, "rw/10.0.0.11:3306", DRAIN)).rejects.toMatchObject({ kind: "unsupported" });
  expect(proxy.statements).toEqual([]);
});

it("a plan that was bound to a pid was made for a HAProxy of this name: nothing is sent", async () => {
  const proxy = keep(await startProxysqlStandIn([buildProxysqlServer(10, "10.0.0.11", 3306)]));
  const change = { kind: "server-state", haproxy: "px1", backend: "hg10", server: "10.0.0.11:3306" } as const;
  const writer = createHaproxyWriter(buildSettings("proxysql", proxy));
  const result = await writer.change({ ...change, state: "drain" }, { expectedPid: 123, ...boundsOf() });
  expect(result).toMatchObject({ sent: false, pidChanged: true, servers: [] });
  expect(proxy.statements).toEqual([]);
});
