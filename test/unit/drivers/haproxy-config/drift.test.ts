import { describe, expect, it } from "vitest";
import { findDrift } from "../../../../src/drivers/haproxy-config/drift.ts";
import { parseHaproxyConfig } from "../../../../src/drivers/haproxy-config/parse.ts";
import { selectConfigPaths } from "../../../../src/drivers/haproxy-config/read.ts";
import { buildHaproxyReport, buildServer } from "../../../support/model-builders.ts";

const FILE = `listen w
    server db1 10.0.0.1:3306 check rise 5 fall 2
    server db2 10.0.0.2:3306 check backup
`;
const db1 = buildServer("w/db1", "10.0.0.1:3306", { rise: 5, fall: 2, weight: 1, initialWeight: 1 });
const db2 = buildServer("w/db2", "10.0.0.2:3306", { backup: true, weight: 1, initialWeight: 1 });

const driftOf = (text: string, ...servers: readonly (typeof db1)[]) =>
  findDrift(parseHaproxyConfig([text]), buildHaproxyReport(servers));

describe("what the file says now against what runs", () => {
  it("is nothing where both say the same", () => {
    expect(driftOf(FILE, db1, db2)).toEqual([]);
  });

  it.each([
    ["role", [db1, { ...db2, backup: false }], "w/db2 is backup in the file and active in the process"],
    ["missing", [db1], "w/db2 is in the file and does not run"],
    ["added", [db1, db2, { ...db2, server: "db3" }], "w/db3 runs and is not in the file"],
    ["weight", [{ ...db1, initialWeight: 7 }, db2], "w/db1 has weight 1 in the file and 7 in the process"],
    ["rise", [{ ...db1, rise: 2 }, db2], "w/db1 has rise 5 in the file and 2 in the process"],
    [
      "port",
      [{ ...db1, port: 3307 }, db2],
      "w/db1 has address 10.0.0.1:3306 in the file and 10.0.0.1:3307 in the process",
    ],
    [
      "disabled",
      [{ ...db1, adminReasons: ["maint-config"] as const }, db2],
      "w/db1 is not disabled in the file, but was at the start",
    ],
  ])("%s", (_what, servers, words) => {
    expect(driftOf(FILE, ...servers)).toEqual([words]);
  });

  it("tells a backend that is on one side only", () => {
    expect(driftOf(`${FILE}listen r\n server db3 10.0.0.3:3306\n`, db1, db2)).toEqual([
      "backend r is in the file and does not run",
    ]);
    expect(driftOf("", db1)).toEqual(["backend w runs and is not in the file"]);
  });

  it("does not guess: names, unknown reasons, templates and conditional files are no drift", () => {
    const named = FILE.replace("10.0.0.1", "db1.example.com");
    expect(driftOf(named, { ...db1, adminReasons: null }, db2)).toEqual([]);
    expect(driftOf(`${FILE} server-template t 2 x:3306\n`, db1, db2, { ...db2, server: "t1" })).toEqual([]);
    expect(driftOf(`.if defined(X)\n.endif\n${FILE}`, db1)).toEqual([]);
  });
});

describe("the files of a running HAProxy, by its command line", () => {
  it.each([
    [["haproxy", "-W", "-f", "/etc/haproxy/haproxy.cfg", "-p", "/run/haproxy.pid", ""], ["/etc/haproxy/haproxy.cfg"]],
    [
      ["haproxy", "-f", "a.cfg", "-C", "/etc/haproxy", "-f", "b"],
      ["/etc/haproxy/a.cfg", "/etc/haproxy/b"],
    ],
    [
      ["haproxy", "-D", "--", "x.cfg", "y.cfg"],
      ["/srv/x.cfg", "/srv/y.cfg"],
    ],
    [["haproxy"], []],
  ])("%j", (words, paths) => {
    expect(selectConfigPaths(words, "/srv")).toEqual(paths);
  });
});
