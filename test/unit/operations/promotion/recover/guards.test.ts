import { expect, test } from "vitest";
import type { CommandRequest, Plan } from "../../../../../src/model/operation.ts";
import { selectRefusals } from "../../../../../src/operations/guards/table.ts";
import type { OperationRecord } from "../../../../../src/operations/journal/record.ts";
import { buildPlan } from "../../../../../src/operations/plan.ts";
import { buildR1, buildR3, buildR4, type Scene, uuidOf } from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { healthyPreflight, proofOfDeath } from "../support/preflight.ts";
import { type Instant, interrupt } from "./tiny-cluster.ts";

function plan(scene: Scene, request: CommandRequest, record: OperationRecord | null): Plan {
  const cluster = scene.snapshot();
  return buildPlan({
    request,
    cluster,
    settings: scene.settings,
    now: scene.now,
    random: () => "0000",
    record,
    sessions: new Map(),
    stickTables: new Map(),
    preflight: healthyPreflight(cluster, { death: proofOfDeath("db1") }),
    commandText: (change) => JSON.stringify(change),
  });
}

const REPLICATION = { user: "repl", password: null };

function dead(scene = buildR1("mysql").configure({ replication: REPLICATION }), flavor = "mysql"): Scene {
  const receivedGtid = flavor === "mysql" ? `${uuidOf(1)}:1-100` : "0-1-100";
  for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", receivedGtid });
  return scene.kill("db1").state("lb1", "write_nodes/db1", "down");
}

function returned(): Scene {
  const scene = buildR1("mysql").configure({ replication: REPLICATION });
  scene.node("db2", { readOnly: false, superReadOnly: false, channels: [] });
  for (const id of [3, 4]) scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2, sourceUuid: null });
  return scene.state("lb1", "write_nodes/db1", "maint").node("db1", { superReadOnly: false });
}

function byFile(build: () => Scene): () => Scene {
  return () => {
    const scene = build();
    for (const id of [2, 3, 4]) scene.channel(`db${id}`, { usesGtid: false, gtidMode: "No" });
    return scene;
  };
}

function outOfTwo(): Scene {
  const scene = buildR4().node("db1", { readOnly: true });
  return scene.state("lb1", "mysql/db1", "maint").state("lb2", "mysql/db1", "maint");
}

function semiSync(flavor: "mariadb" | "mysql" = "mariadb"): Scene {
  const scene = buildR1(flavor).configure({ replication: REPLICATION });
  for (const id of [1, 2, 3, 4]) {
    const role = { sourceEnabled: id === 1, replicaEnabled: true, clients: id === 1 ? 3 : 0, waitSessions: 0 };
    scene.node(`db${id}`, { semiSync: role });
  }
  return scene;
}

const promote = (failover: boolean) =>
  buildRequest({ command: "promote", targets: ["db2"], promotion: { failover, acceptLoss: false } });

const CASES = [
  ["a switchover on MySQL", () => buildR1("mysql").configure({ replication: REPLICATION }), promote(false)],
  ["a switchover on MariaDB", () => buildR1("mariadb").configure({ replication: REPLICATION }), promote(false)],
  ["a switchover with semi-sync", () => semiSync(), promote(false)],
  ["a switchover of a pair", () => buildR3().node("db2", { readOnly: true }), promote(false)],
  ["a failover", () => dead(), promote(true)],
  ["a failover with semi-sync on MySQL", () => dead(semiSync("mysql")), promote(true)],
  ["a failover with semi-sync on MariaDB", () => dead(semiSync("mariadb"), "mariadb"), promote(true)],
  [
    "a switchover by coordinates",
    byFile(() => buildR1("mariadb").configure({ replication: REPLICATION })),
    promote(false),
  ],
  ["a failover by coordinates", byFile(() => dead()), promote(true)],
  ["a rejoin of the second of two writers", outOfTwo, buildRequest({ command: "rejoin", targets: ["db1"] })],
  ["a side of two writers taken out", buildR4, promote(false)],
  ["a rejoin", returned, buildRequest({ command: "rejoin", targets: ["db1"] })],
] as const;

const told = (found: Plan, force = false) =>
  selectRefusals(found.guards, force).map(({ guard, message }) => `${guard}: ${message}`);

/** What keeps the operation from being carried on or taken back, broken off there. */
function ask(
  [name, build, request]: (typeof CASES)[number],
  command: "resume" | "undo",
  number: number,
  instant: Instant,
): string[] {
  const scene = build();
  const made = plan(scene, request, null);
  const step = made.steps.find((each) => each.number === number);
  if (step === undefined) throw new Error("no such step");
  const record = interrupt(scene, made, step, instant);
  const words = `${command} of ${name} after step ${number} (${step.title}), ${instant}`;
  // Has to be forced: the server of a dead primary back into rotation; one of two writers closed, once it is out.
  const { mode, variant } = made.promotion ?? {};
  const isForced = command === "undo" && (mode === "failover" || (mode === "rejoin" && variant === "multi-writer"));
  try {
    const again = plan(scene, buildRequest({ command, operationId: record.id }), record);
    return told(again, isForced).map((each) => `${words}: ${each}`);
  } catch (error) {
    return /has been open for writes/.test(String(error)) ? [] : [`${words}: ${String(error)}`];
  }
}

const INSTANTS = ["announced, not done", "announced, done", "written down"] as const;

test.each(CASES)(
  "no guard keeps %s from being planned, carried on, or taken back, wherever it was broken off",
  (...each) => {
    const first = plan(each[1](), each[2], null);
    expect(told(first)).toEqual([]);
    const found = first.steps.flatMap(({ number }) =>
      INSTANTS.flatMap((instant) => [...ask(each, "resume", number, instant), ...ask(each, "undo", number, instant)]),
    );
    expect(found).toEqual([]);
  },
);
