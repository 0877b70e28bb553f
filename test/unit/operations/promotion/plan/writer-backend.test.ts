import { describe, expect, it } from "vitest";
import { RefusedError } from "../../../../../src/operations/errors.ts";
import { buildR1, buildServer, type Scene } from "../../../../support/model-builders.ts";
import { buildR1Twice } from "../../support/scenes.ts";
import { draftPromote, factsOf, lines } from "./describe.ts";

const LOGIN = { replication: { user: "repl", password: null } };

/** R1 with a third server in the writer backend. */
function withThird(patch: Parameters<typeof buildServer>[2]): Scene {
  const scene = buildR1().configure(LOGIN);
  const third = buildServer("write_nodes/db3", "10.0.0.13:3306", patch);
  return scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, third]);
}

const onLb = (scene: Scene, node: string) => lines(draftPromote(scene, node)).filter((step) => step.includes(" lb1: "));

describe("The writer backend in a promotion", () => {
  it("every other backup is put into maintenance, so that the candidate is the only one that can get writes", () => {
    const scene = withThird({ backup: true });
    expect(onLb(scene, "db3")).toEqual([
      "3. g3 before lb1: maint write_nodes/db3 [undo 6: ready write_nodes/db3]",
      "4. g3 before lb1: maint write_nodes/db2 [undo 6: ready write_nodes/db2]",
      "6. g5 STOP lb1: maint write_nodes/db1 [go on; undo 5: ready write_nodes/db1]",
      "8. g6 STOP lb1: cut write_nodes/db1 [go on]",
      "14. g10 STOP lb1: ready write_nodes/db3 [go on]",
    ]);
    expect(draftPromote(scene, "db3").notes).toContain(
      "write_nodes/db2 stays in maintenance too, so that db3 is the only one that can get writes.",
    );
  });

  it("servers in maintenance stay there without a step, the candidate's own included", () => {
    const scene = withThird({ backup: true })
      .state("lb1", "write_nodes/db3", "maint")
      .state("lb1", "write_nodes/db2", "maint");
    expect(onLb(scene, "db2")).toEqual([
      "4. g4 STOP lb1: maint write_nodes/db1 [go on; undo 5: ready write_nodes/db1]",
      "6. g5 STOP lb1: cut write_nodes/db1 [go on]",
      "12. g9 STOP lb1: ready write_nodes/db2 [go on]",
    ]);
  });

  it("a drained server goes back to drain, never further", () => {
    const scene = withThird({ backup: true }).state("lb1", "write_nodes/db3", "drain");
    expect(onLb(scene, "db2")).toContain("4. g3 before lb1: maint write_nodes/db3 [undo 6: drain write_nodes/db3]");
  });

  it("an active server of a config that names others gets a line in the task", () => {
    const [task] = draftPromote(withThird({ state: "down", status: "DOWN" }), "db2").promotion?.byHand ?? [];
    expect(task?.lines).toEqual([
      "# haproxy.cfg of lb1, backend write_nodes",
      "server db2 …   # without `backup` and `disabled`",
      "server db1 … backup",
      "server db3 … disabled",
    ]);
  });

  it("a configuration that names the candidate already leaves nothing to be done", () => {
    const scene = buildR1().configure(LOGIN).server("lb1", "write_nodes/db2", { backup: false, active: true });
    scene.configure({ writer: { backend: "write_nodes", address: null, multiWriter: false } });
    scene.server("lb1", "write_nodes/db1", { backup: true, active: false }).state("lb1", "write_nodes/db2", "maint");
    expect(draftPromote(scene, "db2").promotion?.byHand.map(({ code }) => code)).toEqual([
      "read-only-not-persisted",
      "read-only-not-persisted",
    ]);
  });

  it("a weight of 0 is set to the configured one before writes stop", () => {
    const scene = buildR1()
      .configure(LOGIN)
      .server("lb1", "write_nodes/db2", { weight: 0, initialWeight: 10, assignedWeight: 0 });
    expect(onLb(scene, "db2")[1]).toBe(
      "4. g4 before lb1: weight 10 write_nodes/db2 [undo 6: weight 0 write_nodes/db2]",
    );
    scene.server("lb1", "write_nodes/db2", { initialWeight: 0 });
    expect(() => draftPromote(scene, "db2")).toThrow(RefusedError);
  });

  it("every HAProxy step knows its process and the state it is made for", () => {
    for (const step of draftPromote(buildR1Twice().configure(LOGIN), "db2").steps) {
      if (step.target.kind !== "haproxy") continue;
      const { haproxy } = step.target;
      expect(step.before[0]).toEqual({ kind: "pid", haproxy, pid: 123 });
    }
  });
});

describe("The way back of a promotion", () => {
  const draft = draftPromote(withThird({ backup: true }), "db2");
  const ranked = draft.steps.flatMap((step) => (step.undo === null ? [] : [{ step, undo: step.undo }]));
  ranked.sort((a, b) => (a.undo.rank ?? 0) - (b.undo.rank ?? 0));

  it("replication, then the database, then HAProxy: the old primary's server before all others", () => {
    expect(ranked.map(({ step }) => `${step.undo?.rank} ${step.title}`)).toEqual([
      "1 stop replication of db2",
      "3 stop writes on db1",
      "5 take write_nodes/db1 out",
      "6 keep writes from write_nodes/db2",
      "6 keep writes from write_nodes/db3",
    ]);
  });

  it("gives writes back only while the candidate is read to be read-only", () => {
    const guarded = ranked.filter(({ undo }) => factsOf(undo.before).includes("db2 is not writable"));
    expect(guarded.map(({ step }) => step.title)).toEqual([
      "stop replication of db2",
      "stop writes on db1",
      "take write_nodes/db1 out",
    ]);
  });

  it("ends at the opening, which needs both nodes to be read-only right before", () => {
    const at = draft.steps.findIndex(({ noReturn }) => noReturn === true);
    expect(draft.steps[at]?.title).toBe("open db2 for writes");
    expect(factsOf(draft.steps[at]?.before)).toEqual(["db1 is not writable", "db2 is not writable"]);
    expect(draft.steps.slice(at).filter(({ undo }) => undo !== null)).toEqual([]);
    expect(draft.steps.slice(at + 1).every(({ onFailure }) => onFailure === "go-on")).toBe(true);
  });

  it("an old primary that was read-only already is not opened by it", () => {
    const scene = buildR1().configure(LOGIN).node("db1", { readOnly: true });
    const freeze = draftPromote(scene, "db2").steps.find(({ title }) => title === "stop writes on db1");
    expect(freeze?.undo).toBeNull();
  });

  it("a candidate that was found writable is fenced first, and goes back last of all", () => {
    const [first] = draftPromote(buildR1().configure(LOGIN).node("db2", { readOnly: false }), "db2").steps;
    expect(first?.title).toBe("stop writes on db2");
    expect(first?.section).toBe("before");
    expect(first?.undo?.rank).toBe(7);
  });

  it("sections stand in order, and groups are numbered without gaps", () => {
    const order = ["before", "write-stop", "after"];
    const places = draft.steps.map(({ section }) => order.indexOf(section ?? ""));
    expect(places).toEqual([...places].sort());
    expect([...new Set(draft.steps.map(({ group }) => group))]).toEqual(
      Array.from({ length: Math.max(...draft.steps.map(({ group }) => group)) }, (_, index) => index + 1),
    );
  });
});

describe("A node that cannot follow", () => {
  it("leaves the readers only where a server stays that the plan does not point elsewhere", () => {
    const scene = buildR1().configure(LOGIN).state("lb1", "read_nodes/db2", "maint");
    expect(draftPromote(scene, "db2").steps.filter(({ rescue }) => (rescue?.length ?? 0) > 0)).toEqual([]);
    const draft = draftPromote(buildR1().configure(LOGIN), "db2");
    expect(draft.steps.filter(({ rescue }) => (rescue?.length ?? 0) > 0).map(({ title }) => title)).toEqual([
      "point db3 to db2",
      "point db4 to db2",
      "start replication of db3 from db2",
      "start replication of db4 from db2",
    ]);
  });
});
