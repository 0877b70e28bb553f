import { describe, expect, it } from "vitest";
import type { MysqlReport } from "../../../../../src/model/mysql.ts";
import { buildR1, buildR3, buildR4, failed, type Scene, uuidOf } from "../../../../support/model-builders.ts";
import { FAILOVER, listVerdicts, type Situation, withDeadPrimary, wordsOf } from "./ask.ts";

const MYSQL: Situation = { promotion: { variant: "mysql-gtid" } };
const MYSQL_FAILOVER: Situation = { promotion: { mode: "failover", variant: "mysql-gtid" } };

function withGtid(scene: Scene, node: string, gtid: Partial<MysqlReport["gtid"]>): Scene {
  return scene.node(node, { gtid: { ...scene.report(node).gtid, ...gtid } });
}

describe("Guard errant-transactions", () => {
  it.each<[string, Scene, Situation, string, RegExp]>([
    [
      "the candidate wrote, MySQL",
      withGtid(buildR1("mysql"), "db2", { executed: `${uuidOf(1)}:1-100,${uuidOf(2)}:1-3` }),
      MYSQL,
      "errant-transactions block",
      /db2 has transactions that db1 never had: 3 transactions: 0.*2:1-3\./,
    ],
    [
      "the candidate wrote below the newest number, MariaDB",
      withGtid(buildR1(), "db2", { binlogState: "0-2-8,0-1-100" }),
      {},
      "errant-transactions block",
      /db2 has transactions that db1 never had: 0-2-8\./,
    ],
    [
      "a sibling wrote",
      withGtid(buildR1(), "db4", { binlogState: "0-1-100,0-4-12" }),
      {},
      "errant-transactions block",
      /db4 has transactions .* 0-4-12\. .*rebuild db4/,
    ],
    [
      "sets that cannot be compared",
      withGtid(buildR1("mysql"), "db3", { executed: null }),
      MYSQL,
      "errant-transactions unknown",
      /Whether db3 has transactions that db1 lacks cannot be told/,
    ],
    [
      "the other side of a pair wrote what the first lacks",
      withGtid(buildR3().node("db2", { readOnly: true }), "db2", { binlogState: "0-1-100,0-2-101" }),
      { promotion: { variant: "pair", writerBackend: "mysql" } },
      "errant-transactions block",
      /0-2-101/,
    ],
    [
      "own transactions of the candidate, primary dead",
      withGtid(withDeadPrimary(buildR1("mysql")), "db2", { executed: `${uuidOf(1)}:1-100,${uuidOf(2)}:1` }),
      MYSQL_FAILOVER,
      "errant-transactions block",
      /db1, db3 and db4 never had: 1 transaction: /,
    ],
    [
      "own transactions of a sibling, primary dead: it is left behind",
      withGtid(withDeadPrimary(buildR1("mysql")), "db3", { executed: `${uuidOf(1)}:1-100,${uuidOf(3)}:1` }),
      MYSQL_FAILOVER,
      "errant-transactions block force",
      /db3 has transactions/,
    ],
    [
      "no GTIDs at all",
      withGtid(withGtid(buildR1("mysql"), "db1", { mode: "OFF" }), "db2", { mode: "OFF" }),
      { promotion: { variant: "file" } },
      "errant-transactions warn",
      /there are no GTIDs/,
    ],
    [
      "a pair without GTIDs",
      withGtid(withGtid(buildR3().node("db2", { readOnly: true }), "db1", { mode: "OFF", binlogState: null }), "db2", {
        mode: "OFF",
        binlogState: null,
      }),
      { promotion: { variant: "pair", writerBackend: "mysql" } },
      "errant-transactions warn",
      /there are no GTIDs/,
    ],
  ])("speaks: %s", (_, scene, situation, verdict, words) => {
    expect(listVerdicts(scene, situation)).toContain(verdict);
    expect(wordsOf("errant-transactions", scene, situation)).toMatch(words);
  });

  it("takes for no error what a replica got after the primary was read", () => {
    const mysql = withGtid(buildR1("mysql"), "db2", { executed: `${uuidOf(1)}:1-107` });
    expect(listVerdicts(mysql, MYSQL)).toEqual([]);
    const mariadb = withGtid(buildR1(), "db2", { executed: "0-1-107", replicaPos: "0-1-107", binlogState: "0-1-107" });
    expect(listVerdicts(mariadb)).toEqual([]);
  });

  it("takes for no error what the other side of two writers has just written, as long as it is fetched", () => {
    const multi: Situation = { promotion: { variant: "multi-writer", writerBackend: "mysql_cluster" } };
    const scene = () => withGtid(buildR4(), "db2", { binlogState: "0-1-100,0-2-101" });
    expect(wordsOf("errant-transactions", scene(), multi)).toBe("");
    const stopped = scene().channel("db1", { sql: "no" });
    expect(wordsOf("errant-transactions", stopped, multi)).toMatch(/0-2-101/);
  });

  it("takes for no error what only the dead primary can have sent, seen or never seen", () => {
    const scene = withGtid(withDeadPrimary(buildR1("mysql")), "db2", { executed: `${uuidOf(1)}:1-140` });
    scene.channel("db2", { receivedGtid: `${uuidOf(1)}:1-140` });
    expect(wordsOf("errant-transactions", scene, MYSQL_FAILOVER)).toBe("");
    expect(wordsOf("errant-transactions", scene.readNode("db1", failed()), MYSQL_FAILOVER)).toBe("");
  });

  it("shortens long lists and tells how many there are", () => {
    const own = Array.from({ length: 60 }, (_, index) => `${uuidOf(200 + index)}:1-2`).join(",");
    const scene = withGtid(buildR1("mysql"), "db2", { executed: `${uuidOf(1)}:1-100,${own}` });
    const words = wordsOf("errant-transactions", scene, MYSQL);
    expect(words).toMatch(/120 transactions: 0.*…/);
    expect(words.length).toBeLessThan(600);
  });
});

describe("Guard most-advanced", () => {
  const ahead = () => withDeadPrimary(buildR1()).channel("db3", { receivedGtid: "0-1-130" });

  it("refuses a candidate that has received less than another replica", () => {
    expect(listVerdicts(ahead(), FAILOVER)).toEqual(["most-advanced block"]);
    expect(wordsOf("most-advanced", ahead(), FAILOVER)).toMatch(
      /db3 has received more than db2: 30 transactions up to 0-1-130\. Promote db3/,
    );
  });

  it("does so by MySQL's sets, and leaves out what the other wrote by itself", () => {
    const scene = withDeadPrimary(buildR1("mysql")).channel("db3", { receivedGtid: `${uuidOf(1)}:1-101` });
    expect(listVerdicts(scene, MYSQL_FAILOVER)).toContain("most-advanced block");
    const own = withGtid(withDeadPrimary(buildR1("mysql")), "db3", { executed: `${uuidOf(1)}:1-100,${uuidOf(3)}:1` });
    expect(wordsOf("most-advanced", own, MYSQL_FAILOVER)).toBe("");
  });

  it("lets the plan fetch it first, or the operator give it up", () => {
    const fetching: Situation = {
      ...FAILOVER,
      steps: (steps) => [
        {
          kind: "wait-position",
          node: "db2",
          channel: "",
          position: { kind: "role", role: "ahead", node: "db3" },
          by: "gtid",
          timeoutSeconds: 60,
        },
        ...steps,
      ],
    };
    expect(listVerdicts(ahead(), fetching)).toEqual(["most-advanced warn"]);
    const givenUp: Situation = {
      promotion: { mode: "failover", knownLoss: "30 transactions of db1" },
      request: { promotion: { failover: true, acceptLoss: true } },
    };
    expect(listVerdicts(ahead(), givenUp)).toEqual(["known-loss warn", "most-advanced warn"]);
  });

  it("counts what is not told as failed", () => {
    const scene = withDeadPrimary(buildR1()).channel("db3", { receivedGtid: null });
    expect(listVerdicts(scene, FAILOVER)).toEqual(["most-advanced unknown"]);
  });

  it("compares coordinates where there are no GTIDs, file numbers before positions", () => {
    const byFile: Situation = { promotion: { mode: "failover", variant: "file" } };
    const scene = withDeadPrimary(buildR1())
      .channel("db3", { readFile: "bin.000010", readPos: 4 })
      .channel("db2", { readFile: "bin.000009", readPos: 900 });
    scene.channel("db4", { readFile: "bin.000009", readPos: 900 });
    expect(wordsOf("most-advanced", scene, byFile)).toMatch(/db3 has received more than db2: up to bin\.000010 4/);
    expect(wordsOf("most-advanced", scene, byFile)).not.toMatch(/db4 has/);
    expect(listVerdicts(scene.channel("db3", { readFile: null }), byFile)).toContain("most-advanced unknown");
  });

  it("takes no file number for a place in logs of another name: they began anew when the name was changed", () => {
    const byFile: Situation = { promotion: { mode: "failover", variant: "file" } };
    const scene = withDeadPrimary(buildR1())
      .channel("db2", { readFile: "mysql-bin.000012", readPos: 900 })
      .channel("db3", { readFile: "binlog.000001", readPos: 400 })
      .channel("db4", { readFile: "mysql-bin.000012", readPos: 900 });
    expect(wordsOf("most-advanced", scene, byFile)).toMatch(/^Whether db3 has received more than db2 cannot be told\./);
    expect(listVerdicts(scene, byFile)).toContain("most-advanced unknown");
  });
});
