import { describe, expect, test } from "vitest";
import { ServerStates } from "../../../../src/drivers/haproxy/server-states.ts";
import { parseShowStat } from "../../../../src/drivers/haproxy/show-stat.ts";

const HEADER =
  "# pxname,svname,scur,status,weight,act,bck,lastsess,type,check_status,last_chk,check_desc,agent_status,addr,";

function server(fields: Partial<Record<string, string>>): string {
  const all = { pxname: "b", svname: "s", type: "2", ...fields };
  const names = HEADER.slice(2, -1).split(",");
  return `${names.map((name) => (all as Record<string, string | undefined>)[name] ?? "").join(",")},`;
}

function parse(...rows: readonly string[]) {
  const table = parseShowStat(`${[HEADER, ...rows].join("\n")}\n\n`, new ServerStates([]));
  if (table === null) throw new Error("no table");
  return table;
}

describe("parseShowStat", () => {
  test("leaves unknown figures null and never makes them 0", () => {
    expect(parse(server({ scur: "", weight: "abc" })).servers[0]).toMatchObject({
      sessions: null,
      weight: null,
      queued: null,
    });
  });

  test("strips the mark of a check that is running", () => {
    expect(parse(server({ check_status: "* L7OK" })).servers[0]?.check).toBe("L7OK");
  });

  test("reads -1 seconds since the last session as no session yet", () => {
    expect(parse(server({ lastsess: "-1" })).servers[0]?.lastSessionSeconds).toBeNull();
    expect(parse(server({ lastsess: "0" })).servers[0]?.lastSessionSeconds).toBe(0);
  });

  test("keeps commas, quotes, line ends and escape sequences that a checked server put into its text", () => {
    const text = 'a,b ""q""\n\n# pxname,x\n> \u001b[2J\u0007';
    const table = parse(server({ last_chk: `"${text}"`, status: "DOWN" }), server({ svname: "after" }));
    expect(table.servers.map(({ server: name, checkInfo }) => [name, checkInfo])).toEqual([
      ["s", text.replaceAll('""', '"')],
      ["after", ""],
    ]);
    expect(table.complete).toBe(true);
  });

  test("says what HAProxy calls the result when the check gave no text", () => {
    expect(parse(server({ check_desc: "Layer7 timeout" })).servers[0]?.checkInfo).toBe("Layer7 timeout");
  });

  test("keeps quotes around a text on versions that quote once", () => {
    expect(parse(server({ last_chk: '"""x"""' })).servers[0]?.checkInfo).toBe('"x"');
  });

  test("shows an unknown status verbatim", () => {
    expect(parse(server({ status: "SLEEPING 1" })).servers[0]?.status).toBe("SLEEPING 1");
  });

  test("passes over rows without a server name, which 2.3.0 to 2.3.2 sent, and rows of an unknown type", () => {
    expect(parse(server({ svname: "" }), server({ type: "9" }), server({ pxname: "" })).servers).toEqual([]);
  });

  test("names a listener with its frontend", () => {
    expect(parse(server({ type: "3", svname: "sock-1", status: "OPEN" })).proxies).toMatchObject([
      { name: "b/sock-1", kind: "listener", status: "OPEN" },
    ]);
  });

  test.each([
    ["10.0.0.1:3306", "10.0.0.1", 3306],
    ["[2001:db8::1]:3306", "2001:db8::1", 3306],
    ["unix", null, null],
    ["10.0.0.1:0", null, null],
    ["", null, null],
  ])("reads address %j as host %j and port %j", (addr, host, port) => {
    expect(parse(server({ addr })).servers[0]).toMatchObject({ host, port });
  });

  test("is null for a text that is no such table", () => {
    expect(parseShowStat("<html>", new ServerStates([]))).toBeNull();
  });
});
