/** Changes and operations, as a recording may have them. */
import type { ChangeEvent } from "../../model/change.ts";
import type {
  Blocker,
  CommandId,
  CommandRequest,
  DrainProgress,
  GuardVerdict,
  HandTask,
  OperationEntry,
  OperationProgress,
  OperationQuestion,
  OperationState,
  Plan,
  PlanStep,
  PlanTarget,
  PromotionPlan,
  PromotionProgress,
  RoleTree,
  StepProgress,
  StepUndo,
  WatchedServer,
} from "../../model/operation.ts";
import type { SourcePosition } from "../../model/source-position.ts";
import { failure } from "./common.ts";
import {
  anyWord,
  either,
  flag,
  lazy,
  list,
  nullable,
  number,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  time,
  unread,
} from "./shape.ts";
import { changeEvent } from "./snapshot.ts";

const count = nullable(number);
const words = nullable(text);

const command = anyWord<CommandId>();
const state: Shape<OperationState> = oneOf("running", "draining", "done", "refused", "rolled-back", "unfinished");
const choice = oneOf("retry", "undo", "keep", "shutdown-sessions", "wait-longer");

const request = record<CommandRequest>({
  command,
  cluster: text,
  targets: list(text),
  haproxy: words,
  weight: count,
  thread: nullable(oneOf("io", "sql")),
  channel: words,
  sessionId: count,
  operationId: words,
  waitMs: count,
  force: flag,
  reason: words,
  promotion: optional(record<NonNullable<CommandRequest["promotion"]>>({ failover: flag, acceptLoss: flag })),
});

const target: Shape<PlanTarget> = either(
  record<Extract<PlanTarget, { kind: "haproxy" }>>({ kind: oneOf("haproxy"), haproxy: text }),
  either(
    record<Extract<PlanTarget, { kind: "node" }>>({ kind: oneOf("node"), node: text }),
    record<Extract<PlanTarget, { kind: "host" }>>({ kind: oneOf("host"), host: text }),
  ),
);

/** Changes and facts are for the executor; what is shown of them is the command. */
const undo = record<StepUndo>({
  change: unread(),
  command: text,
  after: list(unread()),
  before: optional(list(unread())),
  rank: optional(number),
});

const step = record<PlanStep>({
  number,
  group: number,
  title: text,
  target,
  change: unread(),
  command: text,
  before: list(unread()),
  after: list(unread()),
  undo: nullable(undo),
  found: text,
  section: optional(oneOf("before", "write-stop", "after")),
  noReturn: optional(flag),
  onFailure: optional(oneOf("undo", "go-on")),
  needs: optional(list(number)),
  limitMs: optional(number),
  rescue: optional(list(unread())),
});

const verdict = record<GuardVerdict>({
  guard: text,
  verdict: oneOf("pass", "warn", "block", "unknown"),
  subject: text,
  message: text,
  advice: text,
  forceable: flag,
});

const MAX_DEPTH = 100;
const roles: Shape<RoleTree> = (value) => isRoleTree(value, 0);
const roleFields = record<Omit<RoleTree, "children">>({ node: text, label: text });

function isRoleTree(value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH || !roleFields(value)) return false;
  const { children } = value as { readonly children?: unknown };
  return Array.isArray(children) && children.every((child) => isRoleTree(child, depth + 1));
}

const handTask = record<HandTask>({
  code: oneOf(
    "config-names-old-primary",
    "read-only-not-persisted",
    "rebuild-node",
    "node-not-following",
    "haproxy-not-changed",
    "not-fenced",
    "reader-out",
    "other",
  ),
  subject: text,
  message: text,
  lines: list(text),
  until: optional(unread()),
});

const promotionPlan = record<PromotionPlan>({
  mode: oneOf("switchover", "failover", "rejoin"),
  variant: oneOf("mysql-gtid", "mariadb-gtid", "file", "pair", "multi-writer"),
  from: words,
  to: text,
  writerBackend: words,
  rolesBefore: list(roles),
  rolesAfter: list(roles),
  budgetMs: number,
  knownLoss: words,
  byHand: list(handTask),
});

const position = record<SourcePosition>({ gtid: words, file: words, pos: count });
const positions = record<NonNullable<OperationEntry["positions"]>>({
  stop: optional(position),
  open: optional(position),
  applied: optional(position),
  ahead: optional(position),
  flowing: optional(position),
});

const plan = record<Plan>({
  id: text,
  at: time,
  cluster: text,
  request,
  title: text,
  danger: oneOf("reversible", "disruptive"),
  confirmWord: text,
  steps: list(step),
  guards: list(verdict),
  notes: list(text),
  watch: list(record<WatchedServer>({ haproxy: text, backend: text, server: text })),
  fingerprint: text,
  concerns: words,
  carriesOn: flag,
  doneBefore: list(number),
  uncounted: optional(list(text)),
  promotion: optional(promotionPlan),
  positions: optional(positions),
});

const stepProgress = record<StepProgress>({
  number,
  outcome: oneOf("pending", "running", "done", "failed", "unknown", "undone", "skipped"),
  startedAt: nullable(time),
  endedAt: nullable(time),
  message: words,
  failure: nullable(failure),
});

type Client = DrainProgress["clients"][number];
type DrainedHaproxy = DrainProgress["perHaproxy"][number];

const drain = record<DrainProgress>({
  sessions: count,
  queued: count,
  leavingPerSecond: count,
  emptyInSeconds: count,
  deadlineAt: nullable(time),
  clients: list(record<Client>({ user: text, host: text, count: number })),
  perHaproxy: list(record<DrainedHaproxy>({ haproxy: text, server: text, sessions: count, queued: count })),
  stillFed: flag,
});

const blocker = record<Blocker>({ node: text, sessionId: number, account: text, seconds: count, query: words });

const promotionProgress = record<PromotionProgress>({
  stoppedAt: nullable(time),
  openedAt: nullable(time),
  gapMs: count,
  budgetMs: number,
  pastNoReturn: flag,
  waitingFor: words,
  blockers: list(blocker),
  byHand: list(handTask),
});

const progress = record<OperationProgress>({
  id: text,
  plan: lazy(() => plan),
  state,
  steps: list(stepProgress),
  drain: nullable(drain),
  promotion: optional(promotionProgress),
  refusals: list(verdict),
  question: nullable(
    record<OperationQuestion>({ kind: oneOf("partly-failed", "sessions-remain"), text, choices: list(choice) }),
  ),
  summary: text,
  operator: text,
  host: text,
  startedAt: time,
  endedAt: nullable(time),
});

const entryStep = record<OperationEntry["steps"][number]>({
  number,
  title: text,
  target: text,
  command: text,
  phase: nullable(oneOf("intent", "done", "failed", "undone")),
  message: words,
  error: words,
});

const entries = list(
  record<OperationEntry>({
    id: text,
    cluster: text,
    kind: command,
    title: text,
    operator: text,
    host: text,
    reason: words,
    startedAt: time,
    endedAt: nullable(time),
    state: oneOf("running", "draining", "done", "refused", "rolled-back", "unfinished", "interrupted"),
    summary: text,
    undoneBy: words,
    undoable: flag,
    open: flag,
    steps: list(entryStep),
    gapMs: optional(count),
    byHand: optional(list(handTask)),
    positions: optional(positions),
  }),
);

export const isChangeEvent = (value: unknown): value is ChangeEvent => changeEvent(value);
export const isOperationProgress = (value: unknown): value is OperationProgress => progress(value);
export const isOperationEntries = (value: unknown): value is readonly OperationEntry[] => entries(value);
