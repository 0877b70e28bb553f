import { describe, expect, it } from "vitest";
import { RefusedError, TargetError } from "../../../../../src/operations/errors.ts";
import { buildChannel, buildR1, buildR2, buildR3, buildR4, type Scene } from "../../../../support/model-builders.ts";
import { onNode } from "../support/preflight.ts";
import { draftPromote } from "./describe.ts";

const LOGIN = { replication: { user: "repl", password: null } };
const r1 = () => buildR1().configure(LOGIN);

function refusal(scene: Scene, node: string): string {
  try {
    draftPromote(scene, node);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return "planned";
}

describe("A promotion is refused before there is a plan", () => {
  it("for the present primary, alone or in a pair", () => {
    expect(refusal(r1(), "db1")).toBe("db1 is the primary already.");
    expect(refusal(buildR3(), "db1")).toBe("db1 is the primary already.");
  });

  it("for a side of two writers that is the only one left", () => {
    const scene = buildR4().state("lb1", "mysql/db2", "maint").state("lb2", "mysql/db2", "maint");
    expect(refusal(scene, "db1")).toBe("db1 is the primary already.");
  });

  it("for an unknown node, with names that are near", () => {
    expect(() => draftPromote(r1(), "db22")).toThrow(TargetError);
    expect(() => draftPromote(r1(), "write_nodes/db2")).toThrow(/give db2/);
  });

  it("for a node outside the writer backend, on any HAProxy that has it", () => {
    expect(refusal(r1(), "db3")).toBe("db3 has no server in backend write_nodes on lb1: no write would reach it.");
    const scene = r1();
    scene.addHaproxy(
      "lb2",
      scene.haproxyReport("lb1").servers.filter((each) => each.server !== "db2"),
    );
    scene.addHaproxy("lb2", [...scene.haproxyReport("lb2").servers, ...scene.haproxyReport("lb1").servers.slice(0, 1)]);
    expect(refusal(scene, "db2")).toMatch(/no server in backend write_nodes on lb2/);
  });

  it("where nobody knows which backend carries the writes", () => {
    const scene = r1().server("lb1", "write_nodes/db2", { backup: false, active: true });
    expect(refusal(scene, "db2")).toBe("Which backend of HAProxy carries the writes is not known.");
  });

  it("for the second tier: move it up first", () => {
    expect(refusal(buildR2().configure(LOGIN), "db3")).toMatch(/db3 follows db2, which itself follows db1/);
  });

  it("for a primary that follows a server of another cluster", () => {
    const scene = r1().node("db1", { channels: [buildChannel("192.0.2.9:3306")] });
    expect(refusal(scene, "db2")).toMatch(/^db1 itself follows 192\.0\.2\.9:3306/);
  });

  it("for a primary with a stopped channel that somebody left behind", () => {
    const scene = r1().node("db1", { channels: [buildChannel("192.0.2.9:3306", { io: "no", sql: "no" })] });
    expect(refusal(scene, "db2")).toMatch(/still has a stopped channel from 192\.0\.2\.9:3306/);
  });

  it("for a candidate or a primary that does not answer, or does not tell whom it follows", () => {
    expect(refusal(r1().kill("db2"), "db2")).toMatch(/^db2 does not answer \(connection refused\)/);
    expect(refusal(r1().kill("db1"), "db2")).toMatch(/^db1 does not answer/);
    expect(refusal(r1().node("db2", { channels: null }), "db2")).toBe("db2 does not tell whom it follows.");
  });

  it("for a node that follows nobody", () => {
    expect(refusal(r1().node("db2", { channels: [] }), "db2")).toMatch(/^db2 follows no node of this cluster/);
  });

  it("while another node gets writes", () => {
    const scene = r1().server("lb1", "write_nodes/db1", { host: "10.0.0.13" });
    expect(refusal(scene, "db2")).toMatch(/^Backend write_nodes sends writes to db3, and db2 follows db1/);
  });

  it("without an account for the old primary to follow with: MariaDB gives none back, MySQL only to who may read it", () => {
    expect(refusal(buildR1(), "db2")).toBe(
      "With which account db1 shall replicate afterwards is not known: MariaDB does not give passwords of replication back.",
    );
    const hidden = () =>
      draftPromote(buildR1("mysql"), "db2", (facts) => onNode(facts, "db2", { hasStoredReplicationPassword: false }));
    expect(hidden).toThrow(/db2 does not show its own to our account/);
    const silent = () => draftPromote(buildR1("mysql"), "db2", (facts) => onNode(facts, "db2", null));
    expect(silent).toThrow(/db2 could not be asked for its own/);
  });
});

describe("What is left of an old channel", () => {
  it("a stopped one from the candidate makes no pair: it is used to follow it", () => {
    const left = buildChannel("10.0.0.12:3306", { name: "old", io: "no", sql: "no" });
    const draft = draftPromote(r1().node("db1", { channels: [left] }), "db2");
    expect(draft.promotion?.variant).toBe("mariadb-gtid");
    expect(draft.steps.map(({ title }) => title)).toContain("point db1 to db2, channel old");
  });
});
