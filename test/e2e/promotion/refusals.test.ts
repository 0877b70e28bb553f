import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectByPort } from "../../lab/connection.ts";
import { describeEngine } from "../../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab, waitFor } from "../../lab/index.ts";
import { Actor } from "../act-runner.ts";
import { findTraces } from "./silent.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "promotions that are refused", () => {
  let lab: Lab;
  let actor: Actor;
  beforeAll(async () => {
    lab = await startLab({ topology: "r1", writerBackups: ["db2", "db3"] });
    actor = new Actor(lab);
  });
  afterAll(() => lab?.stop());

  interface Refusal {
    readonly name: string;
    readonly args: readonly string[];
    readonly says: RegExp;
    readonly prepare?: () => Promise<void>;
    readonly repair?: () => Promise<void>;
    /** Another configuration than the lab's. */
    readonly config?: (text: string) => string;
    /** The lock itself is asked for, and not got. */
    readonly locks?: boolean;
  }

  let held: Connection | undefined;
  const releaseHeld = () => {
    held?.destroy();
    held = undefined;
  };

  /** Statements of a client that goes on holding what it has, for at least that long. */
  async function openTransaction(statements: readonly string[], ageMs: number): Promise<void> {
    held = await connectByPort(lab.node("db1").port, labAccounts.app, "shop");
    for (const statement of statements) await held.query(statement);
    const since = Date.now();
    await waitFor("the transaction to be old", () => Date.now() - since >= ageMs);
  }

  async function setFilter(table: string): Promise<void> {
    const db2 = lab.node("db2");
    await db2.query("STOP SLAVE");
    await db2.query(`SET GLOBAL replicate_ignore_table='${table}'`);
    await db2.query("START SLAVE");
    await waitFor("db2 to replicate", async () => (await db2.replicaStatus())?.Slave_IO_Running === "Yes");
  }

  /** The applier waits for a table lock, so that what is written on the primary is not applied. */
  async function holdApplier(): Promise<void> {
    held = await connectByPort(lab.node("db2").port, labAccounts.admin, "shop");
    await held.query("LOCK TABLES orders READ");
    await lab.node("db1").query("INSERT INTO shop.orders (writer, seq) VALUES (96, 1)");
    await waitFor(
      "db2 to be late",
      async () => Number((await lab.node("db2").replicaStatus())?.Seconds_Behind_Master) >= 3,
    );
  }

  function writeConfig(edit: (text: string) => string): string {
    const file = join(lab.dir, "edited.yaml");
    // A limit of one second, so that being late takes no long time.
    const text = readFileSync(lab.configPath, "utf8");
    writeFileSync(file, edit(`${text}    promotion: {max_lag: 1s}\n`), { mode: 0o600 });
    return file;
  }

  const refusals: readonly Refusal[] = [
    { name: "the primary of now", args: ["promote", "db1"], says: /db1 .*primary/i },
    { name: "an unknown node", args: ["promote", "db9"], says: /no node "db9"/i },
    { name: "a node outside the writer backend", args: ["promote", "db4"], says: /db4.*(writer backend|write_nodes)/i },
    {
      name: "a replica with a stopped applier",
      args: ["promote", "db2"],
      says: /db2.*(applier|SQL)/i,
      prepare: () => lab.node("db2").stopApplier(),
      repair: () => lab.node("db2").startApplier(),
    },
    {
      name: "a delayed replica",
      args: ["promote", "db2"],
      says: /db2.*delay/i,
      prepare: () => lab.node("db2").delayReplication(30),
      repair: () => lab.node("db2").delayReplication(0),
    },
    {
      name: "a failover of a primary that lives",
      args: ["promote", "db2", "--failover"],
      says: /db1.*(alive|answers)/i,
    },
    {
      name: "a failover of a primary that has no connection left",
      args: ["promote", "db2", "--failover"],
      says: /db1.*(alive|1040|too many connections)/i,
      prepare: async () => {
        release = await lab.node("db1").fillConnections();
      },
      repair: async () => release(),
    },
    {
      name: "a failover of a primary that refuses the login",
      args: ["promote", "db2", "--failover"],
      says: /db1.*(alive|1045|denied)/i,
      prepare: () => lab.node("db1").refuseLogins(),
      repair: () => lab.node("db1").allowLogins(),
    },
    {
      name: "a replica with a filter",
      args: ["promote", "db2"],
      says: /db2.*(filter|replicate)/i,
      prepare: () => setFilter("shop.nothing"),
      repair: () => setFilter(""),
    },
    {
      name: "a replica that is late",
      args: ["promote", "db2"],
      says: /db2.*(behind|lag|late)/i,
      prepare: () => holdApplier(),
      repair: async () => releaseHeld(),
    },
    {
      name: "a long transaction on the primary",
      args: ["promote", "db2"],
      says: /db1.*app.*(transaction|not committed)/is,
      prepare: () => openTransaction(["BEGIN", "INSERT INTO orders (writer, seq) VALUES (98, 1)"], 3_500),
      repair: async () => releaseHeld(),
    },
    {
      name: "a prepared XA transaction on the primary",
      args: ["promote", "db2"],
      says: /XA/,
      prepare: () =>
        openTransaction(
          ["XA START 'left'", "INSERT INTO orders (writer, seq) VALUES (97, 1)", "XA END 'left'", "XA PREPARE 'left'"],
          0,
        ),
      repair: async () => {
        await held?.query("XA ROLLBACK 'left'");
        releaseHeld();
      },
    },
    {
      name: "two nodes with one server_id",
      args: ["promote", "db2"],
      says: /server_id 3/,
      prepare: async () => {
        await lab.node("db4").query("SET GLOBAL server_id=3");
      },
      repair: async () => {
        await lab.node("db4").query("SET GLOBAL server_id=4");
      },
    },
    {
      name: "a replication account that may not log in",
      args: ["promote", "db2"],
      says: /repl.*(denied|1045|log in|login)/is,
      config: (text) => text.replace(/password_file: .*repl\.password/, "password: wrong-secret"),
    },
    {
      name: "an operation of somebody else",
      args: ["promote", "db2"],
      says: /Another operation runs.*signalbox:lab/is,
      prepare: () => openTransaction(["SELECT GET_LOCK('signalbox:lab', 0)"], 0),
      repair: async () => releaseHeld(),
      locks: true,
    },
    {
      name: "a replica with a transaction of its own",
      args: ["promote", "db2"],
      says: /0-2-\d+/,
      prepare: async () => {
        await lab.node("db2").query("INSERT INTO shop.orders (writer, seq) VALUES (99, 1)");
      },
    },
  ];
  let release: () => Promise<void> = async () => {};

  describe.each(refusals)("$name", ({ args, says, prepare, repair, config, locks }) => {
    it("exit 4, the reason is said, nothing was changed", async () => {
      await prepare?.();
      try {
        const traces = await findTraces(lab, async () => {
          const { exitCode, out, err } = await actor.run([...args, "--yes"], writeConfig(config ?? ((text) => text)));
          expect(`${out}${err}`).toMatch(says);
          expect(exitCode, `${out}${err}`).toBe(4);
        });
        expect(traces.filter((trace) => !(locks === true && /(GET|RELEASE)_LOCK/.test(trace)))).toEqual([]);
      } finally {
        await repair?.();
      }
    });
  });
});
