import { describe, expect, it } from "vitest";
import { splitWords } from "../../../../src/drivers/haproxy-config/words.ts";
import type { AdminReason } from "../../../../src/model/haproxy.ts";
import { describeEdit, rewriteServerLine, type ServerRole } from "../../../../src/operations/promotion/config-edit.ts";
import { buildServer } from "../../../support/model-builders.ts";

const asRunning = (text: string, adminReasons: readonly AdminReason[] = []) => ({
  backup: splitWords(text).slice(3).includes("backup"),
  adminReasons: splitWords(text).slice(3).includes("disabled") ? (["maint-config"] as const) : adminReasons,
});
const rewrite = (text: string, role: ServerRole) => rewriteServerLine(text, role, asRunning(text));

describe("a server line as it has to become", () => {
  it.each([
    ["server db2 10.0.0.2:3306 check backup", "active", "server db2 10.0.0.2:3306 check"],
    ["server db2 10.0.0.2:3306 backup check inter 1s", "active", "server db2 10.0.0.2:3306 check inter 1s"],
    ["server db2 10.0.0.2:3306 check disabled backup # was new", "active", "server db2 10.0.0.2:3306 check # was new"],
    ["server db1 10.0.0.1:3306 check", "backup", "server db1 10.0.0.1:3306 check backup"],
    [
      "server db1 10.0.0.1:3306\tcheck   # the primary",
      "backup",
      "server db1 10.0.0.1:3306\tcheck backup   # the primary",
    ],
    ["server db1 10.0.0.1:3306 check disabled", "backup", "server db1 10.0.0.1:3306 check backup"],
    ["server db1 10.0.0.1:3306 check", "disabled", "server db1 10.0.0.1:3306 check disabled"],
    ["server db1 10.0.0.1:3306 check backup", "disabled", "server db1 10.0.0.1:3306 check backup disabled"],
    ['server db1 10.0.0.1:3306 cookie "a # b" check', "backup", 'server db1 10.0.0.1:3306 cookie "a # b" check backup'],
  ] as const)("%s as %s", (text, role, wanted) => {
    expect(rewrite(text, role)).toBe(wanted);
    expect(rewrite(wanted, role)).toBe(wanted);
  });

  it("never takes the name of a server or its address for a word", () => {
    expect(rewrite("server backup 10.0.0.2:3306 check", "backup")).toBe("server backup 10.0.0.2:3306 check backup");
    expect(rewriteServerLine("server backup backup check", "active", { backup: false, adminReasons: [] })).toBe(
      "server backup backup check",
    );
  });

  it("takes back what it has from default-server", () => {
    const text = "server db2 10.0.0.2:3306 check";
    const active = (backup: boolean, adminReasons: readonly AdminReason[]) =>
      rewriteServerLine(text, "active", { backup, adminReasons });
    expect(active(true, [])).toBe(`${text} no-backup`);
    expect(active(false, ["maint-config"])).toBe(`${text} enabled`);
    expect(active(false, ["maint-forced"])).toBe(text);
    expect(rewriteServerLine(text, "backup", { backup: true, adminReasons: [] })).toBe(text);
  });
});

describe("what is told of it", () => {
  const server = buildServer("write_nodes/db1", "10.0.0.1:3306");
  const at = (line: number, text: string, backend = "write_nodes") => ({
    backend,
    server: "db1",
    file: "/etc/haproxy/haproxy.cfg",
    line,
    text,
  });

  it("is the line and what it becomes, with its place", () => {
    const file = [at(7, "server db1 10.0.0.1:3306", "read_nodes"), at(12, "server db1 10.0.0.1:3306 check")];
    expect(describeEdit(server, "backup", file)).toEqual([
      "# /etc/haproxy/haproxy.cfg, line 12",
      "- server db1 10.0.0.1:3306 check",
      "+ server db1 10.0.0.1:3306 check backup",
    ]);
  });

  it("is nothing where the line is right, and words where it is not known or not the only one", () => {
    expect(describeEdit(server, "active", [at(12, "server db1 10.0.0.1:3306 check")])).toEqual([]);
    expect(describeEdit(server, "disabled", [])).toEqual(["server db1 … disabled"]);
    const twice = [at(12, "server db1 10.0.0.1:3306"), at(13, "server db1 10.0.0.1:3307")];
    expect(describeEdit(server, "backup", twice)).toEqual(["server db1 … backup"]);
  });
});
