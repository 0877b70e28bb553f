/** Lines about a running operation. */
import type { DrainProgress, PlanStep, StepOutcome, StepProgress } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { Paint, Tone } from "../status/table.ts";
import { targetOf } from "./target-of.ts";

const OUTCOMES: Readonly<Record<StepOutcome, { readonly word: string; readonly tone: Tone }>> = {
  pending: { word: "waits", tone: "dim" },
  running: { word: "sent", tone: "dim" },
  done: { word: "done", tone: "good" },
  failed: { word: "FAILED", tone: "critical" },
  unknown: { word: "UNKNOWN", tone: "unknown" },
  undone: { word: "taken back", tone: "warning" },
  skipped: { word: "not sent", tone: "dim" },
};

/** Local wall clock with milliseconds. */
export function formatClock(at: EpochMs): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const millis = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}

export function formatStep(step: PlanStep, progress: StepProgress, now: EpochMs, paint: Paint): string {
  const { outcome, startedAt, endedAt, message } = progress;
  const { word, tone } = OUTCOMES[outcome];
  const took = startedAt !== null && endedAt !== null && outcome !== "undone" ? ` in ${endedAt - startedAt} ms` : "";
  const told = message === null || message === "" ? "" : `: ${message}`;
  const name = `${step.number} ${targetOf(step)} ${step.title}`;
  return `${formatClock(endedAt ?? startedAt ?? now)}  ${printable(name)}  ${paint(word, tone)}${took}${printable(told)}`;
}

/** `1 session`, `12 sessions`, `sessions unknown`. */
function count(value: number | null, one: string): string {
  if (value === null) return `${one}s unknown`;
  return `${value} ${one}${value === 1 ? "" : "s"}`;
}

const MOST_CLIENTS = 5;

export function formatDrain(drain: DrainProgress, now: EpochMs): string {
  const parts = [count(drain.sessions, "session"), drain.queued === null ? "queue unknown" : `${drain.queued} queued`];
  if (drain.leavingPerSecond !== null) parts.push(`${drain.leavingPerSecond.toFixed(1)}/s leaving`);
  if (drain.emptyInSeconds !== null) parts.push(`empty in about ${Math.ceil(drain.emptyInSeconds)} s`);
  if (drain.deadlineAt !== null && drain.sessions !== 0)
    parts.push(`${Math.max(0, Math.ceil((drain.deadlineAt - now) / 1000))} s to wait`);
  if (drain.stillFed) parts.push("NEW SESSIONS ARRIVE (stick table?)");
  const where = drain.perHaproxy.map(({ haproxy, server, sessions }) => `${haproxy} ${server} ${sessions ?? "?"}`);
  const clients = drain.clients.slice(0, MOST_CLIENTS).map(({ user, host, count: n }) => `${user}@${host} x${n}`);
  const more = drain.clients.length > MOST_CLIENTS ? ` and ${drain.clients.length - MOST_CLIENTS} more` : "";
  const who = clients.length === 0 ? "" : `; ${clients.join(", ")}${more}`;
  return printable(`${formatClock(now)}  draining: ${parts.join(", ")} (${where.join(", ")})${who}`);
}
