/** The acceptance drill of R5: seventeen steps that stop and start each database and each balancer in turn, a query after every one. */
import { killNode, startNode } from "../world/faults.ts";
import { reloadHaproxy, startHaproxy, stopHaproxy } from "../world/proxy-process.ts";
import type { Haproxy, World } from "../world/state.ts";
import { deliverEverything, findWriter, isWholeBehind, listWriters, nodeOf } from "./look.ts";
import { type Scenario, type Scene, tell } from "./scenario.ts";

/** Seconds between the answer to one query and the next step. */
const pauseSeconds = 8;
/** How long a step waits for what it asks of the operator. */
const patienceSeconds = 180;
/** How long the promotion that a step asked for may look whether everything is as it has to be. */
const settleSeconds = 25;
/** How long a query may take to be answered. */
const answerSeconds = 20;

interface DrillStep {
  readonly name: string;
  readonly apply: (world: World) => void;
  /** Node that has to have the writes first. */
  readonly writer?: string;
  /** What the operator has to do before it, or after the one before. */
  readonly hint?: (world: World) => string;
}

function haproxyOf(world: World, name: string): Haproxy {
  const haproxy = world.haproxies.find((candidate) => candidate.name === name);
  if (haproxy === undefined) throw new RangeError(`no HAProxy ${name}`);
  return haproxy;
}

const nothing = (): void => undefined;
const startAgain = (name: string) => (world: World) => startNode(world, nodeOf(world, name));
const stopBalancer = (name: string) => (world: World) => stopHaproxy(haproxyOf(world, name));
const startBalancer = (name: string) => (world: World) => startHaproxy(world, haproxyOf(world, name));
const reload = (name: string) => (world: World) => reloadHaproxy(world, haproxyOf(world, name));
const stopNode = (name: string) => (world: World) => {
  deliverEverything(world);
  killNode(world, nodeOf(world, name));
};

const moveAway = "db-01 stops next: select db-02 and press P, so that it has the writes by then.";
const moveBack =
  "Select db-01 and press P: the writes have to be back on it, a restart of a balancer names it as the writer.";
const closeFirst =
  "db-01 came back as its configuration has it, writable: make it read-only (:, read-only on). Then it can be promoted.";

/** MySQL keeps by SET PERSIST that it was made read-only. */
function hintBack(world: World): string {
  return nodeOf(world, "db-01").readOnly ? moveBack : closeFirst;
}

/** In order; a write has to be acknowledged after each. */
const steps: readonly DrillStep[] = [
  { name: "everything runs", apply: nothing },
  { name: "db-02 stops", apply: stopNode("db-02") },
  { name: "db-02 starts", apply: startAgain("db-02") },
  { name: "lb-02 stops", apply: stopBalancer("lb-02") },
  { name: "lb-02 starts", apply: startBalancer("lb-02") },
  { name: "lb-01 stops, lb-02 takes its address", apply: stopBalancer("lb-01") },
  { name: "lb-01 starts and takes it back", apply: startBalancer("lb-01") },
  { name: "db-01 stops", apply: stopNode("db-01"), writer: "db-02", hint: () => moveAway },
  { name: "db-01 starts", apply: startAgain("db-01") },
  { name: "the writes are back on db-01", apply: nothing, writer: "db-01", hint: hintBack },
  { name: "lb-02 stops again", apply: stopBalancer("lb-02") },
  { name: "lb-02 starts again", apply: startBalancer("lb-02") },
  { name: "lb-01 is reloaded", apply: reload("lb-01") },
  { name: "db-02 stops again", apply: stopNode("db-02") },
  { name: "db-02 starts again", apply: startAgain("db-02") },
  { name: "lb-02 is reloaded", apply: reload("lb-02") },
  { name: "everything runs again", apply: nothing },
];

/** What happens when the step is prepared: nothing, but the time is known. */
function prepared(index: number): string {
  return `prepared for step ${index + 1}`;
}

function title(index: number): string {
  return `step ${index + 1} of ${steps.length}: ${steps[index]?.name ?? ""}`;
}

/** Whether a write was acknowledged after that time, and not just at it. */
function isAnswered({ world, seconds }: Scene, at: number): boolean {
  return seconds - (world.nowMs - world.ledger.lastWriteAtMs) / 1000 > at + 0.1;
}

/** Time of a step when the query after it was answered; null before. */
function answeredAt(scene: Scene, index: number): number | null {
  const at = index < 0 ? 0 : scene.happened.get(title(index));
  return at !== undefined && (index < 0 || isAnswered(scene, at)) ? at : null;
}

function isTime(scene: Scene, index: number): boolean {
  const before = answeredAt(scene, index - 1);
  if (before === null || scene.seconds < before + pauseSeconds) return false;
  if (steps[index]?.writer === undefined || scene.seconds > before + patienceSeconds) return true;
  const since = scene.happened.get(prepared(index));
  return since !== undefined && scene.seconds >= since + settleSeconds;
}

/** Whether what the step asks of the operator is so. */
function isPrepared(scene: Scene, index: number): boolean {
  const wanted = steps[index]?.writer;
  if (wanted === undefined || answeredAt(scene, index - 1) === null) return false;
  const node = nodeOf(scene.world, wanted);
  return findWriter(scene.world) === node && isWholeBehind(scene.world, node);
}

function lastIndex({ happened }: Scene): number {
  return steps.findLastIndex((_step, index) => happened.has(title(index)));
}

export const drill: Scenario = {
  name: "drill",
  goal: "Each database and each balancer is stopped and started in turn, seventeen steps: a write after every one has to be answered.",
  shape: "r5",
  parSeconds: 240,
  hint: (scene) => {
    const index = lastIndex(scene);
    const wanted = steps[index + 1];
    const isNeeded = wanted?.writer !== undefined && findWriter(scene.world) !== nodeOf(scene.world, wanted.writer);
    if (isNeeded && wanted.hint !== undefined) return tell(wanted.hint(scene.world));
    return index < 0
      ? null
      : tell(
          `${title(index)}: ${isAnswered(scene, scene.happened.get(title(index)) ?? 0) ? "its query was answered" : "waiting for an answer to its query"}.`,
        );
  },
  prepare: nothing,
  happenings: steps.flatMap(({ apply }, index) => [
    { name: prepared(index), when: (scene: Scene) => isPrepared(scene, index), apply: nothing },
    { name: title(index), when: (scene: Scene) => isTime(scene, index), apply },
  ]),
  milestones: {},
  mistakes: {
    "two nodes took writes at the same time": ({ world }) => listWriters(world).length > 1,
    "a database was stopped before the writes had left it": ({ happened, world }) =>
      happened.has(title(7)) && !happened.has(title(8)) && findWriter(world) !== nodeOf(world, "db-02"),
  },
  isWon: (scene) => {
    const writer = findWriter(scene.world);
    return answeredAt(scene, steps.length - 1) !== null && writer !== null && isWholeBehind(scene.world, writer);
  },
  holdSeconds: 3,
  whyLost: (scene) => {
    const index = lastIndex(scene);
    const at = scene.happened.get(title(index));
    if (at === undefined || isAnswered(scene, at) || scene.seconds < at + answerSeconds) return null;
    return `No write was answered within ${answerSeconds} s after ${title(index)}.`;
  },
};
