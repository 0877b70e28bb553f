import { describe, expect, it } from "vitest";
import type { PreflightFacts } from "../../../../../src/model/preflight.ts";
import { buildR1, buildR2, buildR3, buildR4, type Scene } from "../../../../support/model-builders.ts";
import { buildR1Twice } from "../../support/scenes.ts";
import { onNode } from "../support/preflight.ts";
import { draftPromote, lines } from "./describe.ts";

const LOGIN = { replication: { user: "repl", password: null } };

function withoutGtid(scene: Scene): Scene {
  for (const name of ["db2", "db3", "db4"]) scene.channel(name, { usesGtid: false, gtidMode: "No" });
  return scene;
}

const text = (...args: Parameters<typeof draftPromote>): string => `\n${lines(draftPromote(...args)).join("\n")}\n`;

describe("A planned promotion", () => {
  it("MariaDB by GTID: fence, proof, opening and route inside the write stop; repointing after it", () => {
    expect(text(buildR1().configure(LOGIN), "db2")).toMatchInlineSnapshot(`
      "
      1. g1 before db1: read-position flowing
      2. g2 before db2: wait flowing of db1 by gtid, 30 s
      3. g3 before lb1: maint write_nodes/db2 [undo 6: ready write_nodes/db2]
      4. g4 STOP db1: read-only on [undo 3: read-only off]
      5. g5 STOP lb1: maint write_nodes/db1 [go on; undo 5: ready write_nodes/db1]
      6. g5 STOP db1: clear-sessions
      7. g6 STOP lb1: cut write_nodes/db1 [go on]
      8. g6 STOP db1: read-position stop
      9. g7 STOP db2: wait stop of db1 by gtid, 10 s
      10. g8 STOP db1: confirm-position stop
      11. g8 STOP db2: stop both '' [undo 1: start both '']
      12. g9 STOP db2: read-only off [NO RETURN]
      13. g10 STOP lb1: ready write_nodes/db2 [go on]
      14. g11 after db3: stop both '' [go on]
      15. g11 after db4: stop both '' [go on]
      16. g11 after db1: contained in db2 [go on]
      17. g12 after db3: follow 10.0.0.12:3306 '' gtid-pos, login keep [go on; needs 14; else maint read_nodes/db3]
      18. g12 after db4: follow 10.0.0.12:3306 '' gtid-pos, login keep [go on; needs 15; else maint read_nodes/db4]
      19. g12 after db1: gtid-position [go on; needs 16]
      20. g13 after db3: start both '' [go on; needs 17; else maint read_nodes/db3]
      21. g13 after db4: start both '' [go on; needs 18; else maint read_nodes/db4]
      22. g13 after db1: follow 10.0.0.12:3306 '' gtid-pos, login configured [go on; needs 19]
      23. g14 after db1: start both '' [go on; needs 22]
      24. g15 after db2: forget '' [go on]
      "
    `);
  });

  it("MySQL by GTID: super_read_only too, auto-position, the login read from the candidate before it forgets its channel", () => {
    const scene = buildR1("mysql").node("db1", { superReadOnly: false });
    expect(text(scene, "db2")).toMatchInlineSnapshot(`
      "
      1. g1 before db1: read-position flowing
      2. g2 before db2: wait flowing of db1 by gtid, 30 s
      3. g3 before lb1: maint write_nodes/db2 [undo 6: ready write_nodes/db2]
      4. g4 STOP db1: read-only on, super [undo 3: read-only off, super]
      5. g5 STOP lb1: maint write_nodes/db1 [go on; undo 5: ready write_nodes/db1]
      6. g5 STOP db1: clear-sessions
      7. g6 STOP lb1: cut write_nodes/db1 [go on]
      8. g6 STOP db1: read-position stop
      9. g7 STOP db2: wait stop of db1 by gtid, 10 s
      10. g8 STOP db1: confirm-position stop
      11. g8 STOP db2: stop both '' [undo 1: start both '']
      12. g9 STOP db2: read-only off, super [NO RETURN]
      13. g10 STOP lb1: ready write_nodes/db2 [go on]
      14. g11 after db3: stop both '' [go on]
      15. g11 after db4: stop both '' [go on]
      16. g11 after db1: contained in db2 [go on]
      17. g12 after db3: follow 10.0.0.12:3306 '' auto-position, login keep [go on; needs 14; else maint read_nodes/db3]
      18. g12 after db4: follow 10.0.0.12:3306 '' auto-position, login keep [go on; needs 15; else maint read_nodes/db4]
      19. g12 after db1: follow 10.0.0.12:3306 '' auto-position, login from-node db2 [go on; needs 16]
      20. g13 after db3: start both '' [go on; needs 17; else maint read_nodes/db3]
      21. g13 after db4: start both '' [go on; needs 18; else maint read_nodes/db4]
      22. g13 after db1: start both '' [go on; needs 19]
      23. g14 after db2: forget '' [go on; needs 19]
      24. g15 after db1: persist-read-only on [go on]
      25. g15 after db2: persist-read-only off [go on]
      "
    `);
  });

  it("by coordinates: the candidate's own position before it is opened, siblings stopped before the old primary's log moves", () => {
    expect(text(withoutGtid(buildR1()).configure(LOGIN), "db2")).toMatchInlineSnapshot(`
      "
      1. g1 before db1: read-position flowing
      2. g2 before db2: wait flowing of db1 by file, 30 s
      3. g3 before lb1: maint write_nodes/db2 [undo 6: ready write_nodes/db2]
      4. g4 STOP db1: read-only on [undo 3: read-only off]
      5. g5 STOP lb1: maint write_nodes/db1 [go on; undo 5: ready write_nodes/db1]
      6. g5 STOP db1: clear-sessions
      7. g6 STOP lb1: cut write_nodes/db1 [go on]
      8. g6 STOP db1: read-position stop
      9. g7 STOP db2: wait stop of db1 by file, 10 s
      10. g7 STOP db3: wait stop of db1 by file, 2 s [go on]
      11. g7 STOP db4: wait stop of db1 by file, 2 s [go on]
      12. g8 STOP db1: confirm-position stop
      13. g8 STOP db2: stop both '' [undo 1: start both '']
      14. g9 STOP db2: read-position open
      15. g10 STOP db2: read-only off [NO RETURN]
      16. g11 STOP lb1: ready write_nodes/db2 [go on]
      17. g12 after db3: wait stop of db1 by file, 15 s [go on]
      18. g12 after db4: wait stop of db1 by file, 15 s [go on]
      19. g13 after db3: stop both '' [go on; needs 17]
      20. g13 after db4: stop both '' [go on; needs 18]
      21. g14 after db1: confirm-position stop [go on; else maint read_nodes/db3, maint read_nodes/db4]
      22. g15 after db3: follow 10.0.0.12:3306 '' file at open of db2, login keep [go on; needs 19+21; else maint read_nodes/db3]
      23. g15 after db4: follow 10.0.0.12:3306 '' file at open of db2, login keep [go on; needs 20+21; else maint read_nodes/db4]
      24. g15 after db1: follow 10.0.0.12:3306 '' file at open of db2, login configured [go on; needs 19+20+21]
      25. g16 after db3: start both '' [go on; needs 22; else maint read_nodes/db3]
      26. g16 after db4: start both '' [go on; needs 23; else maint read_nodes/db4]
      27. g16 after db1: start both '' [go on; needs 24]
      28. g17 after db2: forget '' [go on]
      "
    `);
  });

  describe("by coordinates on MySQL, where those of a parallel applier move now and then only", () => {
    const slow = () => {
      const scene = withoutGtid(buildR1("mysql")).configure(LOGIN);
      return scene.node("db2", { applierCheckpointMs: 300 }).node("db3", { applierCheckpointMs: 500 });
    };
    const checkpoints = (...args: Parameters<typeof draftPromote>) =>
      lines(draftPromote(...args)).filter((step) => step.includes("checkpoint"));

    it("they move at once from before the first wait until after the last one, on every node waited for", () => {
      expect(checkpoints(slow(), "db2")).toEqual([
        "1. g1 before db2: checkpoint 1 ms [undo 8: checkpoint 300 ms]",
        "2. g1 before db3: checkpoint 1 ms [undo 8: checkpoint 500 ms]",
        "31. g19 after db2: checkpoint 300 ms [go on]",
        "32. g19 after db3: checkpoint 500 ms [go on]",
      ]);
    });

    it("nothing is changed where they do already, or are not waited for", () => {
      expect(checkpoints(slow().node("db2", { applierCheckpointMs: 1 }).node("db3", {}), "db2")).toHaveLength(2);
      expect(checkpoints(buildR1("mysql").node("db2", { applierCheckpointMs: 300 }), "db2")).toEqual([]);
    });

    it("an account that may not change it waits longer, and is told so", () => {
      const missing = { statement: "SET GLOBAL", kinds: ["applier-checkpoint"], grant: "GRANT" } as const;
      const change = (facts: PreflightFacts) => onNode(facts, "db2", { missingGrants: [missing] });
      expect(checkpoints(slow(), "db2", change)).toEqual([
        "1. g1 before db3: checkpoint 1 ms [undo 8: checkpoint 500 ms]",
        "30. g19 after db3: checkpoint 500 ms [go on]",
      ]);
      expect(draftPromote(slow(), "db2", change).notes.join(" ")).toContain(
        "The coordinates of db2 move every 300 ms only, and our account may not change that",
      );
    });
  });

  it("two HAProxies are changed side by side, in one group each", () => {
    const steps = lines(draftPromote(buildR1Twice().configure(LOGIN), "db2"));
    expect(steps.filter((step) => / lb[12]: /.test(step))).toMatchInlineSnapshot(`
      [
        "3. g3 before lb1: maint write_nodes/db2 [undo 6: ready write_nodes/db2]",
        "4. g3 before lb2: maint write_nodes/db2 [undo 6: ready write_nodes/db2]",
        "6. g5 STOP lb1: maint write_nodes/db1 [go on; undo 5: ready write_nodes/db1]",
        "7. g5 STOP lb2: maint write_nodes/db1 [go on; undo 5: ready write_nodes/db1]",
        "9. g6 STOP lb1: cut write_nodes/db1 [go on]",
        "10. g6 STOP lb2: cut write_nodes/db1 [go on]",
        "16. g10 STOP lb1: ready write_nodes/db2 [go on]",
        "17. g10 STOP lb2: ready write_nodes/db2 [go on]",
      ]
    `);
  });

  it("a relay is promoted with its children; other replicas of the old primary move", () => {
    const scene = buildR2().channel("db4", { sourceHost: "10.0.0.11", sourceServerId: 1 }).configure(LOGIN);
    const steps = lines(draftPromote(scene, "db2"));
    expect(steps.filter((step) => step.includes(" db3:"))).toEqual([]);
    expect(steps.filter((step) => step.includes(" db4:"))).toHaveLength(3);
  });

  it("a pair whose passive side is writable: it is fenced first, and nothing is pointed anywhere", () => {
    expect(text(buildR3(), "db2")).toMatchInlineSnapshot(`
      "
      1. g1 before db2: read-only on [undo 7: read-only off]
      2. g2 before db2: read-position open
      3. g3 before db1: wait open of db2 by file, 30 s
      4. g4 before db1: read-position flowing
      5. g5 before db2: wait flowing of db1 by file, 30 s
      6. g6 before lb1: maint mysql/db2 [undo 6: ready mysql/db2]
      7. g7 STOP db1: read-only on [undo 3: read-only off]
      8. g8 STOP lb1: maint mysql/db1 [go on; undo 5: ready mysql/db1]
      9. g8 STOP db1: clear-sessions
      10. g9 STOP lb1: cut mysql/db1 [go on]
      11. g9 STOP db1: read-position stop
      12. g9 STOP db2: read-position open
      13. g10 STOP db2: wait stop of db1 by file, 10 s
      14. g10 STOP db1: wait open of db2 by file, 10 s
      15. g11 STOP db1: confirm-position stop
      16. g12 STOP db2: read-only off [NO RETURN]
      17. g13 STOP lb1: ready mysql/db2 [go on]
      "
    `);
  });

  it("a pair whose passive side is read-only needs no first fence", () => {
    const steps = lines(draftPromote(buildR3().node("db2", { readOnly: true }), "db2"));
    expect(steps[0]).toBe("1. g1 before db2: read-position open");
  });

  it("one of two writers is taken out: nothing is opened, and all but cut sessions can be taken back", () => {
    const draft = draftPromote(buildR4(), "db2");
    expect(`\n${lines(draft).join("\n")}\n`).toMatchInlineSnapshot(`
      "
      1. g1 before db1: read-position flowing
      2. g2 before db2: wait flowing of db1 by file, 30 s
      3. g3 STOP db1: read-only on [undo 3: read-only off]
      4. g4 STOP lb1: maint mysql/db1 [go on; undo 5: ready mysql/db1]
      5. g4 STOP lb2: maint mysql/db1 [go on; undo 5: ready mysql/db1]
      6. g4 STOP db1: clear-sessions
      7. g5 STOP lb1: cut mysql/db1 [go on]
      8. g5 STOP lb2: cut mysql/db1 [go on]
      9. g5 STOP db1: read-position stop
      10. g6 STOP db2: wait stop of db1 by file, 10 s
      11. g7 STOP db1: contained in db2
      "
    `);
    expect(draft.steps.filter(({ noReturn }) => noReturn === true)).toEqual([]);
    expect(draft.promotion?.rolesAfter).toMatchInlineSnapshot(`
      [
        {
          "children": [
            {
              "children": [],
              "label": "out of the writes, read-only",
              "node": "db1",
            },
          ],
          "label": "primary, writable",
          "node": "db2",
        },
      ]
    `);
  });

  it("events run on one side only: off on the old primary before, the same list on the new one after", () => {
    const event = { schema: "shop", name: "purge", definer: "root@localhost", status: "enabled" } as const;
    const draft = draftPromote(buildR1().configure(LOGIN), "db2", (facts) =>
      onNode(facts, "db1", { eventScheduler: "on", events: [event, { ...event, name: "old", status: "disabled" }] }),
    );
    expect(lines(draft).filter((step) => step.includes("event"))).toEqual([
      "4. g4 before db1: event-scheduler off [undo 4: event-scheduler on]",
      "15. g12 after db2: enable-event shop.purge of root@localhost [go on]",
      "16. g12 after db2: event-scheduler on [go on]",
    ]);
  });

  it("semi-sync moves along: on before the candidate is opened, off on the old primary before it follows", () => {
    const semi = { sourceEnabled: true, replicaEnabled: false, clients: 1, waitSessions: 0 };
    const scene = buildR1().configure(LOGIN).node("db1", { semiSync: semi });
    const acknowledges = { semiSync: { ...semi, sourceEnabled: false, replicaEnabled: true } };
    scene.node("db2", acknowledges).node("db3", acknowledges);
    expect(lines(draftPromote(scene, "db2")).filter((step) => step.includes("semi-sync"))).toEqual([
      "12. g9 STOP db2: semi-sync-source on [go on; undo 2: semi-sync-source off]",
      "15. g12 after db1: semi-sync-source off [go on]",
    ]);
  });

  it("semi-sync is left off where nobody would acknowledge: every commit would wait for its time-out", () => {
    const semi = { sourceEnabled: true, replicaEnabled: false, clients: 1, waitSessions: 0 };
    const scene = buildR1().configure(LOGIN).node("db1", { semiSync: semi });
    scene.node("db2", { semiSync: { ...semi, sourceEnabled: false, replicaEnabled: true } });
    const draft = draftPromote(scene, "db2");
    expect(lines(draft).filter((step) => step.includes("semi-sync-source on"))).toEqual([]);
    expect(draft.promotion?.byHand.find(({ subject, code }) => subject === "db2" && code === "other")?.message).toMatch(
      /nobody who is to follow db2 has the replica side switched on: db2 does without/,
    );
  });

  it("asks through the writer's address when there is one", () => {
    const writer = { backend: "write_nodes", address: { host: "127.0.0.1", port: 3306 }, multiWriter: false };
    const steps = lines(draftPromote(buildR1().configure({ ...LOGIN, writer }), "db2"));
    expect(steps).toContain("14. g11 after db2: probe-writer [go on]");
  });

  it("a silent sibling gets no step and a task", () => {
    const draft = draftPromote(buildR1().configure(LOGIN).kill("db4"), "db2");
    expect(draft.steps.filter(({ target }) => target.kind === "node" && target.node === "db4")).toEqual([]);
    expect(draft.promotion?.byHand.filter(({ subject }) => subject === "db4")).toMatchObject([
      { code: "node-not-following", lines: ["signalbox rejoin db4"] },
    ]);
  });

  it("tells the roles before and after, the budget, the config lines and what a restart would undo", () => {
    const draft = draftPromote(buildR1().configure(LOGIN), "db2");
    expect(draft.title).toBe("Promote db2 (now db1)");
    expect(draft.confirmWord).toBe("db2");
    const { rolesBefore, rolesAfter, byHand, ...rest } = draft.promotion ?? {};
    expect(rest).toEqual({
      mode: "switchover",
      variant: "mariadb-gtid",
      from: "db1",
      to: "db2",
      writerBackend: "write_nodes",
      budgetMs: 30_000,
      knownLoss: null,
    });
    const tree = (node: string, label: string, children: readonly object[] = []) => ({ node, label, children });
    expect(rolesBefore).toEqual([
      tree(
        "db1",
        "primary, writable",
        ["db2", "db3", "db4"].map((name) => tree(name, "replica, read-only")),
      ),
    ]);
    expect(rolesAfter).toEqual([
      tree(
        "db2",
        "primary, writable",
        ["db1", "db3", "db4"].map((name) => tree(name, "replica, read-only")),
      ),
    ]);
    expect(byHand?.map(({ code, subject, lines: todo }) => ({ code, subject, todo }))).toEqual([
      {
        code: "config-names-old-primary",
        subject: "lb1",
        todo: [
          "# haproxy.cfg of lb1, backend write_nodes",
          "server db2 …   # without `backup` and `disabled`",
          "server db1 … backup",
        ],
      },
      {
        code: "read-only-not-persisted",
        subject: "db1",
        todo: ["# my.cnf of db1", "[mysqld]", "read_only = ON"],
      },
      {
        code: "read-only-not-persisted",
        subject: "db2",
        todo: ["# my.cnf of db2", "[mysqld]", "read_only = OFF"],
      },
    ]);
  });
});
