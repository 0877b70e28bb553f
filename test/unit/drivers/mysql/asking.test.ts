import { describe, expect, it } from "vitest";
import { type Asking, ask } from "../../../../src/drivers/mysql/asking.ts";
import { mysql8022 } from "../../../../src/drivers/mysql/dialects/mysql-8.ts";
import { readFastVariables } from "../../../../src/drivers/mysql/parts/variables.ts";
import type { RowMap } from "../../../../src/drivers/mysql/rows.ts";
import { toRow } from "./recordings.ts";

const serverError = (errno: number) => Object.assign(new Error(`refused ${errno}`), { errno });

/** A logged-in node that answers from a table of statement to rows or error number, and notes what it was asked. */
function askingWith(answers: Readonly<Record<string, readonly RowMap[] | number>>): { asking: Asking; sent: string[] } {
  const sent: string[] = [];
  const query = async (sql: string): Promise<readonly RowMap[]> => {
    sent.push(sql);
    const answer = answers[sql] ?? 1064;
    if (typeof answer === "number")
      throw answer < 0 ? Object.assign(new Error("lost"), { code: "ECONNRESET" }) : serverError(answer);
    return answer;
  };
  const queryAll = () => Promise.reject(new Error("not asked here"));
  const ready = Promise.resolve();
  const connection = {
    usable: true,
    isNameAsked: false,
    receivedBytes: 1,
    ready,
    query,
    queryAll,
    destroy: () => undefined,
    quit: () => undefined,
  };
  const identity = {
    flavor: "mysql" as const,
    version: "8.0.22",
    versionComment: null,
    serverId: 1,
    hostname: "h",
    port: 3306,
    account: "'ops'@'%'",
  };
  const progress = { operation: "", isNameAsked: null, hint: null, cancel: null, ended: null };
  const asking = {
    login: { connection, identity, dialect: mysql8022 },
    problems: [],
    working: new Map(),
    asked: [],
    answers: new Map(),
    progress,
    target: "db1 h:3306",
  };
  return { asking, sent };
}

const part = { name: "replica status", privilege: "REPLICATION CLIENT ON *.*" };
const forms = [
  { sql: "SHOW NEW", columns: "new" },
  { sql: "SHOW OLD", columns: "old" },
];

describe("A part with two forms", () => {
  it("is asked in the second when the server does not know the first, and the choice is remembered", async () => {
    const { asking, sent } = askingWith({ "SHOW OLD": [] });
    expect((await ask(asking, part, forms))?.columns).toBe("old");
    expect((await ask(asking, part, forms))?.columns).toBe("old");
    expect(sent).toEqual(["SHOW NEW", "SHOW OLD", "SHOW OLD"]);
    expect(asking.problems).toEqual([]);
  });

  it("is not asked in the second when a privilege is missing, and the GRANT is spelled out", async () => {
    const { asking, sent } = askingWith({ "SHOW NEW": 1227 });
    expect(await ask(asking, part, forms)).toBeNull();
    expect(sent).toEqual(["SHOW NEW"]);
    expect(asking.problems[0]?.failure).toMatchObject({
      kind: "auth",
      advice: "GRANT REPLICATION CLIENT ON *.* TO 'ops'@'%';",
    });
  });

  it("is unsupported, once, when the server knows neither", async () => {
    const { asking } = askingWith({});
    expect(await ask(asking, part, forms)).toBeNull();
    expect(asking.problems).toHaveLength(1);
    expect(asking.problems[0]?.failure).toMatchObject({ kind: "unsupported", serverCode: 1064 });
  });

  it("fails the whole poll when the connection is lost", async () => {
    const { asking } = askingWith({ "SHOW NEW": -1 });
    await expect(ask(asking, part, forms)).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

describe("Variables", () => {
  it("are read by SHOW where one of them is unknown, which then stays null", async () => {
    const show =
      "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only','super_read_only','gtid_executed','gtid_purged','slave_checkpoint_period','slave_parallel_workers')";
    const rows = [
      toRow({ Variable_name: "read_only", Value: "ON" }),
      toRow({ Variable_name: "gtid_executed", Value: "a:1" }),
    ];
    const { asking } = askingWith({ [show]: rows });
    expect(await readFastVariables(asking)).toMatchObject({
      readOnly: "ON",
      superReadOnly: null,
      gtidExecuted: "a:1",
      gtidPurged: null,
    });
  });
});
