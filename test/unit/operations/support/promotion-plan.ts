/** A planned switchover from db1 to db2 behind two HAProxies, by hand: what the executor needs of a plan, without the builders of plans. */

import type { Change, Fact, Plan, PlanStep, PromotionPlan } from "../../../../src/model/operation.ts";
import { selectChangeSubject } from "../../../../src/model/plan-subject.ts";
import { RUN_LIMITS, RunContext } from "../../../../src/operations/executor/context.ts";
import { runPlan } from "../../../../src/operations/executor/run.ts";
import type { JournalFile } from "../../../../src/operations/journal/file.ts";
import { buildRequest } from "../../../support/requests.ts";
import { FakeWorld } from "./fake-world.ts";
import { buildR1Twice } from "./scenes.ts";

type Draft = Pick<PlanStep, "change"> &
  Partial<Omit<PlanStep, "undo" | "rescue">> & {
    readonly undo?: Omit<NonNullable<PlanStep["undo"]>, "command"> | null;
    readonly rescue?: readonly { readonly change: Change; readonly after: readonly Fact[] }[];
  };

const HAPROXIES = ["lb1", "lb2"] as const;
const writable = (node: string, is: boolean): Fact => ({ kind: "writable", node, is });
const threads = (node: string, run: boolean): Fact => {
  const word = run ? "running" : "stopped";
  return { kind: "replication", node, channel: "", io: word, sql: word };
};

function serverState(haproxy: string, name: string, state: "ready" | "maint") {
  const [backend = "", server = ""] = name.split("/");
  const change = { kind: "server-state", haproxy, backend, server, state } as const;
  return { change, fact: { ...change, kind: "admin-state" } as const };
}

/** Takes a server out on both HAProxies; comes back at that rank. */
function takeOut(name: string, rank: number, more: Partial<Draft>): Draft[] {
  return HAPROXIES.map((haproxy) => {
    const [out, back] = [serverState(haproxy, name, "maint"), serverState(haproxy, name, "ready")];
    const pid: Fact = { kind: "pid", haproxy, pid: 123 };
    const undo = { change: back.change, after: [back.fact], rank };
    return { change: out.change, before: [pid, back.fact], after: [out.fact], undo, ...more };
  });
}

function follow(node: string, rescue: boolean): readonly Draft[][] {
  const to = { node, channel: "", host: "10.0.0.12", port: 3306 } as const;
  const leave = HAPROXIES.map((haproxy) => {
    const { change, fact } = serverState(haproxy, `read_nodes/${node}`, "maint");
    return { change, after: [fact] };
  });
  const more = { section: "after", onFailure: "go-on", limitMs: 2000 } as const;
  const source = {
    kind: "change-source",
    ...to,
    follow: "gtid-pos",
    position: null,
    login: { kind: "keep" },
  } as const;
  return [
    [
      {
        ...more,
        change: source,
        after: [{ kind: "follows", ...to, io: "stopped", sql: "stopped" }],
        ...(rescue ? { rescue: leave } : {}),
      },
    ],
    [
      {
        ...more,
        change: { kind: "replication", node, action: "start", thread: "both", channel: "" },
        after: [{ kind: "follows", ...to, io: "running", sql: "running" }],
        ...(rescue ? { rescue: leave } : {}),
      },
    ],
  ];
}

const STOP = { section: "write-stop" } as const;
const GO_ON = { onFailure: "go-on" } as const;

function draftGroups(): Draft[][] {
  const closed: Fact = { kind: "read-only", node: "db1", on: true, superToo: false };
  const open = (node: string): Fact => ({ kind: "read-only", node, on: false, superToo: false });
  const scheduler = (on: boolean) => ({ kind: "event-scheduler", node: "db1", on }) as const;
  const frozen = { kind: "read-only", node: "db1", on: true, superToo: false } as const;
  const [db3, db4, db1] = [follow("db3", true), follow("db4", true), follow("db1", false)];
  return [
    takeOut("write_nodes/db2", 6, {}),
    [
      {
        change: scheduler(false),
        after: [scheduler(false)],
        undo: { change: scheduler(true), after: [scheduler(true)], rank: 4 },
      },
    ],
    [
      {
        ...STOP,
        change: frozen,
        before: [open("db1")],
        after: [closed],
        undo: { change: { ...frozen, on: false }, after: [open("db1")], before: [writable("db2", false)], rank: 3 },
        limitMs: 5000,
      },
    ],
    takeOut("write_nodes/db1", 5, { ...STOP, ...GO_ON }),
    HAPROXIES.map((haproxy): Draft => {
      const server = { haproxy, backend: "write_nodes", server: "db1" } as const;
      return {
        ...STOP,
        ...GO_ON,
        change: { kind: "shutdown-sessions", ...server },
        after: [{ kind: "no-sessions", ...server }],
        limitMs: 2000,
      };
    }),
    [{ ...STOP, change: { kind: "clear-sessions", node: "db1" }, before: [writable("db1", false)] }],
    [{ ...STOP, change: { kind: "read-position", node: "db1", role: "stop", channel: null } }],
    [
      {
        ...STOP,
        change: {
          kind: "wait-position",
          node: "db2",
          channel: "",
          position: { kind: "role", role: "stop", node: "db1" },
          by: "gtid",
          timeoutSeconds: 10,
        },
        limitMs: 10_000,
      },
    ],
    [
      {
        ...STOP,
        change: { kind: "replication", node: "db2", action: "stop", thread: "both", channel: "" },
        after: [threads("db2", false)],
        undo: {
          change: { kind: "replication", node: "db2", action: "start", thread: "both", channel: "" },
          after: [threads("db2", true)],
          rank: 1,
        },
      },
    ],
    [{ ...STOP, change: { kind: "confirm-position", node: "db1", role: "stop" } }],
    [
      {
        ...STOP,
        change: { kind: "read-only", node: "db2", on: false, superToo: false },
        before: [writable("db1", false), writable("db2", false)],
        after: [open("db2")],
        noReturn: true,
      },
    ],
    HAPROXIES.map((haproxy): Draft => {
      const { change, fact } = serverState(haproxy, "write_nodes/db2", "ready");
      const before: Fact[] = [
        { kind: "pid", haproxy, pid: 123 },
        { ...fact, state: "maint" },
      ];
      return { ...STOP, ...GO_ON, change, before, after: [fact] };
    }),
    [...(db3[0] ?? []), ...(db4[0] ?? [])],
    [...(db3[1] ?? []), ...(db4[1] ?? [])],
    db1[0] ?? [],
    db1[1] ?? [],
    [
      {
        section: "after",
        ...GO_ON,
        change: { kind: "reset-replication", node: "db2", channel: "" },
        before: [threads("db2", false)],
        after: [{ kind: "no-channel", node: "db2", channel: "" }],
      },
    ],
    [{ section: "after", ...GO_ON, change: { kind: "probe-writer", node: "db2" } }],
  ];
}

export const titleOf = (change: Change) => {
  const on =
    "state" in change
      ? ` ${change.state}`
      : "on" in change
        ? ` ${change.on ? "on" : "off"}`
        : "action" in change
          ? ` ${change.action}`
          : "";
  return `${change.kind}${on} ${"haproxy" in change ? `${change.backend}/${change.server}` : selectChangeSubject(change)}`;
};

function buildSteps(): PlanStep[] {
  const steps: PlanStep[] = [];
  draftGroups().forEach((drafts, index) => {
    for (const { undo, rescue, ...draft } of drafts) {
      const { change } = draft;
      const withText = <T extends { readonly change: Change }>(each: T) => ({ ...each, command: titleOf(each.change) });
      // A start makes no sense where the source was not changed.
      const source =
        change.kind === "replication" && draft.section === "after"
          ? steps.find((step) => step.change.kind === "change-source" && step.change.node === change.node)
          : undefined;
      steps.push({
        number: steps.length + 1,
        group: index + 1,
        title: titleOf(change),
        target:
          "haproxy" in change
            ? { kind: "haproxy", haproxy: change.haproxy }
            : { kind: "node", node: selectChangeSubject(change) },
        command: titleOf(change),
        before: [],
        after: [],
        found: "",
        ...draft,
        undo: undo == null ? null : withText(undo),
        ...(rescue === undefined ? {} : { rescue: rescue.map(withText) }),
        ...(source === undefined ? {} : { needs: [source.number] }),
      });
    }
  });
  return steps;
}

export function buildSwitchWorld(): FakeWorld {
  const world = new FakeWorld(buildR1Twice());
  world.besides.schedulers.set("db1", true);
  world.routesTo = "db2";
  return world;
}

export const SWITCH_ROLES: PromotionPlan = {
  mode: "switchover",
  variant: "mariadb-gtid",
  from: "db1",
  to: "db2",
  writerBackend: "write_nodes",
  rolesBefore: [],
  rolesAfter: [],
  budgetMs: 30_000,
  knownLoss: null,
  byHand: [],
};

export function buildSwitchPlan(world: FakeWorld, patch: Partial<Plan> = {}): Plan {
  const request = buildRequest({ command: "promote", targets: ["db2"] });
  return {
    id: "20261120T153102-promote-db2-0000",
    at: world.clock.epochMs(),
    cluster: "shop",
    request,
    title: "Promote db2",
    danger: "disruptive",
    confirmWord: "db2",
    steps: buildSteps(),
    guards: [],
    notes: [],
    watch: [],
    fingerprint: "",
    concerns: null,
    carriesOn: false,
    doneBefore: [],
    promotion: SWITCH_ROLES,
    ...patch,
  };
}

export type RunPatch = Partial<ConstructorParameters<typeof RunContext>[0]>;

export function runSwitch(world: FakeWorld, journal: JournalFile, patch: RunPatch = {}) {
  const context = new RunContext({
    plan: buildSwitchPlan(world),
    ports: world,
    journal,
    signal: new AbortController().signal,
    limits: RUN_LIMITS,
    decide: null,
    operator: "ana",
    host: "bastion",
    onProgress: () => {},
    guards: [],
    ...patch,
  });
  return runPlan(context);
}

/** Number of the first step with that title. */
export function stepNumber({ steps }: Plan, title: string): number {
  const found = steps.find((step) => step.title === title);
  if (found === undefined) throw new Error(`no step "${title}"`);
  return found.number;
}

/** What must never be, whatever happens: two writable nodes, or a node that takes writes from HAProxy beside the one that is writable. */
export function describeInterlock(world: FakeWorld): readonly string[] {
  const open = ["db1", "db2", "db3", "db4"].filter((node) => {
    const reading = world.scene.nodes.get(node)?.reading;
    return reading?.state === "fresh" && reading.value.readOnly === false;
  });
  return open.length > 1 ? [`writable: ${open.join(", ")}`] : [];
}
