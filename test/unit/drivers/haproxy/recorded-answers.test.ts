import { describe, expect, test } from "vitest";
import { POLL_LINE, POLL_LINE_WITH_LEVEL, parsePollAnswer } from "../../../../src/drivers/haproxy/poll-answer.ts";
import type { HaproxyReport } from "../../../../src/model/haproxy.ts";
import { RECORDED_VERSIONS, replay } from "./recordings.ts";

const CHECK_TEXT = '#08004Too many "connections", try later';

function read(version: string): HaproxyReport {
  return parsePollAnswer(replay(version, POLL_LINE_WITH_LEVEL), "lb1");
}

function find(report: HaproxyReport, name: string) {
  const found = report.servers.find(({ backend, server }) => `${backend}/${server}` === name);
  if (found === undefined) throw new Error(`${name} is not in the report`);
  return found;
}

/** First version numbers as one figure: 1.9.0 is 109, 2.6.12 is 206. */
function rank(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 100 + minor;
}

test("there are recordings of thirteen versions", () => {
  expect(RECORDED_VERSIONS).toHaveLength(13);
});

describe.each(RECORDED_VERSIONS)("the answers of HAProxy %s", (version) => {
  const report = read(version);
  const tellsAdminState = rank(version) >= 106;

  test("tell the process", () => {
    expect(report.process).toMatchObject({
      nodeName: "vm",
      nbproc: 1,
      processNumber: 1,
      stopping: false,
      maxConnections: 200,
    });
    expect(report.process?.version?.startsWith(version)).toBe(true);
    expect(report.process?.pid).toBeGreaterThan(11_000);
    expect(report.process?.startTimeSeconds === null).toBe(rank(version) < 204);
  });

  test("tell the level from 1.9 on", () => {
    expect(report.level).toBe(rank(version) >= 109 ? "admin" : null);
  });

  test("list every proxy with its kind and status", () => {
    const names = report.proxies.map(({ name, kind, status }) => `${kind} ${name} ${status}`);
    expect(names.slice(0, 4)).toEqual([
      "frontend write_nodes OPEN",
      "backend write_nodes UP",
      "frontend read_nodes OPEN",
      "backend read_nodes UP",
    ]);
    expect(names).toContain("backend tracked DOWN");
  });

  test("list every server once, with role and state", () => {
    const states = report.servers.map((s) => `${s.backend}/${s.server} ${s.backup ? "backup" : "active"} ${s.state}`);
    expect(new Set(states).size).toBe(states.length);
    expect(states.slice(0, 3)).toEqual([
      "write_nodes/db1 active up",
      "write_nodes/db2 backup up",
      "write_nodes/db3 backup maint",
    ]);
    expect(states).toContain("read_nodes/db3 active maint");
    expect(states).toContain("tracked/t1 active maint");
    expect(states).toHaveLength(version === "1.4.6" ? 9 : 10);
  });

  test("tell a drained server by its status, and on 1.4, which cannot drain, only by its weight", () => {
    const drained = find(report, "read_nodes/db2");
    expect(drained).toMatchObject(version === "1.4.6" ? { state: "up", weight: 0 } : { state: "drain", weight: 50 });
    expect(drained.adminReasons).toEqual(tellsAdminState ? ["drain-forced"] : null);
  });

  test("tell a weight of 0 as a weight, and on 1.5 as a drain too", () => {
    const states = { "1.4.6": "unchecked", "1.5.0": "drain" } as Readonly<Record<string, string>>;
    expect(find(report, "read_nodes/db5").state).toBe(states[version] ?? "unchecked");
    expect(find(report, "read_nodes/db5").weight).toBe(version === "1.4.6" ? 1 : 0);
  });

  test("tell the reasons of maintenance", () => {
    const reasons = ["write_nodes/db3", "read_nodes/db3", "tracked/t1"].map((name) => find(report, name).adminReasons);
    expect(reasons).toEqual(
      tellsAdminState ? [["maint-forced", "maint-config"], ["maint-forced"], ["maint-inherited"]] : [null, null, null],
    );
    expect(find(report, "tracked/t1").tracks).toBe("read_nodes/db3");
  });

  test("give a check's text without the quotes of its transport, and its code", () => {
    const checks = report.servers.filter(({ backend }) => backend === "checked");
    const expected = {
      state: "down",
      check: "L7STS",
      checkInfo: CHECK_TEXT,
      checkCode: rank(version) >= 202 ? 1040 : 0,
    };
    expect(checks).toMatchObject(version === "1.4.6" ? [] : [expected]);
  });

  test("take a server with odd counts for what it is: up", () => {
    expect(find(report, "write_nodes/db1")).toMatchObject({ state: "up", inTransition: false, check: "L4OK" });
  });

  test("tell the address as far as the version does", () => {
    const { host, port } = find(report, "write_nodes/db1");
    expect(host).toBe(rank(version) >= 106 ? "127.0.0.1" : null);
    expect(port).toBe(rank(version) >= 107 ? 37001 : null);
  });

  test("are refused when they are cut off anywhere", () => {
    const answer = replay(version, POLL_LINE);
    for (let length = 1; length < answer.length; length += 7) {
      expect(() => parsePollAnswer(answer.slice(0, length), "lb1"), `cut at ${length}`).toThrow();
    }
    expect(() => parsePollAnswer(answer.slice(0, -1), "lb1")).toThrow("cut off");
  });
});

test("servers of a disabled backend, which only the state table has, are kept without a status", () => {
  const answer = replay("2.6.12", POLL_LINE).replace(
    "\n2 write_nodes 1 db1 ",
    "\n9 hidden 1 h1 10.0.0.9 2 0 1 1 4 1 0 2 0 0 0 0 - 3306 - 0 0 - - 0\n9 hidden 2 h2 - 0 1 7 9 4 1 0 2 0 0 0 0 - 0 - 0 0 - - 0\n2 write_nodes 1 db1 ",
  );
  expect(parsePollAnswer(answer, "lb1").servers.slice(-2)).toMatchObject([
    {
      server: "h1",
      status: null,
      state: "unknown",
      host: "10.0.0.9",
      port: 3306,
      sessions: null,
      active: false,
      backup: false,
    },
    {
      server: "h2",
      status: null,
      state: "maint",
      adminReasons: ["maint-forced"],
      host: null,
      port: null,
      weight: 7,
      initialWeight: 9,
    },
  ]);
});
