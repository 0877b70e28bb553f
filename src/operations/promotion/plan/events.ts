/** Events run where writes are made: never on both sides, never forgotten. */
import type { HandTask } from "../../../model/operation.ts";
import type { ScheduledEvent } from "../../../model/preflight.ts";
import { otherTask } from "../by-hand.ts";
import type { Move } from "../move.ts";
import { enableEvent, eventScheduler } from "../steps.ts";
import type { Switch } from "./switch.ts";

export function enabledEvents({ preflight, from }: Pick<Switch, "preflight" | "from">): readonly ScheduledEvent[] {
  return (preflight?.nodes.get(from)?.events ?? []).filter(({ status }) => status === "enabled");
}

/** True when the old primary has events that could write. */
export function runsEvents(plan: Switch): boolean {
  return plan.preflight?.nodes.get(plan.from)?.eventScheduler === "on" && enabledEvents(plan).length > 0;
}

/**
 * Exactly the events that were enabled on the old primary are enabled on the new one; by replication the old one disables them on its side.
 * Its scheduler stays off: until it has followed that far, its events would run twice.
 */
export function eventMoves(plan: Switch): Move[] {
  const { to } = plan;
  const scheduler = plan.preflight?.nodes.get(to)?.eventScheduler;
  // Enabled under a scheduler that is off: on one that is on they would begin to run.
  if (!runsEvents(plan) && scheduler === "on") return [];
  const turnOn = runsEvents(plan) && scheduler === "off" ? [eventScheduler(to, true, null)] : [];
  return [...enabledEvents(plan).map((event) => enableEvent(to, event)), ...turnOn];
}

export function eventTasks(plan: Switch): HandTask[] {
  if (!runsEvents(plan)) return [];
  const { from, to } = plan;
  const scheduler = plan.preflight?.nodes.get(to)?.eventScheduler;
  if (scheduler === "on" || scheduler === "off") return [];
  return [
    otherTask(
      to,
      `The event scheduler of ${to} cannot be turned on while it runs: the events of ${from} stand still.`,
      [`# my.cnf of ${to}, then restart it`, "[mysqld]", "event_scheduler = ON"],
    ),
  ];
}

export function eventNotes(plan: Switch): string[] {
  if (!runsEvents(plan)) return [];
  const { from, to } = plan;
  return [
    `The event scheduler of ${from} stays off: its ${enabledEvents(plan).length} enabled events run on ${to} afterwards. A promotion back turns it on again.`,
  ];
}
