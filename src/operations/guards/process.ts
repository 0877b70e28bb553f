import type { HaproxyProcess } from "../../model/haproxy.ts";
import type { Fact } from "../../model/operation.ts";
import { freshValue } from "../../model/reading.ts";
import type { ClusterView } from "../view.ts";
import { block, cannotTell, type Finding, type Guard, warn } from "./guard.ts";
import { serverChanges } from "./selectors.ts";

function processOf(view: ClusterView, name: string): HaproxyProcess | null {
  const reading = view.haproxy(name)?.reading;
  return reading === undefined ? null : (freshValue(reading)?.process ?? null);
}

function isSqlAdmin(view: ClusterView, name: string): boolean {
  const reading = view.haproxy(name)?.reading;
  return reading !== undefined && freshValue(reading)?.source === "sql-admin";
}

/**
 * No SQL proxy tells a pid, so a plan cannot be bound to one. In its place stand: the states that the plan found, read again right before each
 * step (`as-planned`), and the driver, which looks, changes and reads back on one connection, and so in one process.
 */
function warnUntold(name: string): Finding {
  const message = `${name} does not tell its process: a restart since the plan shows only when it changed a state.`;
  return warn(
    name,
    message,
    "Its states are read again right before each step, on the connection that makes the change.",
  );
}

export const sameProcess: Guard = {
  name: "same-process",
  explains:
    "HAProxy is the process the plan was made for: a reload takes runtime changes back and may bring other servers.",
  applies: (plan) => serverChanges(plan).length > 0,
  evaluate({ view }, { steps }) {
    const planned = new Map<string, number | null>();
    for (const { change, before } of steps) {
      if (!("haproxy" in change)) continue;
      const fact = before.find((each): each is Extract<Fact, { kind: "pid" }> => each.kind === "pid");
      planned.set(change.haproxy, fact?.pid ?? null);
    }
    return [...planned].flatMap(([name, pid]): Finding[] => {
      const process = processOf(view, name);
      if (isSqlAdmin(view, name)) return [warnUntold(name)];
      if (process === null) return [];
      if (pid === null || process.pid === null) {
        return [cannotTell(name, `${name} does not tell its process.`, "Use its stats socket.", true)];
      }
      if (process.pid === pid) return [];
      const message = `${name} was reloaded since the plan was made: it was process ${pid} and is ${process.pid}.`;
      return [block(name, message, "Plan again: the servers may be in other states now.", false)];
    });
  },
};

/** True when the cluster has a socket for each process of this host. */
function coversAll(view: ClusterView, process: HaproxyProcess): boolean {
  const numbers = view.cluster.haproxies.flatMap(({ name }) => {
    const other = processOf(view, name);
    return other !== null && other.nodeName === process.nodeName && other.processNumber !== null
      ? [other.processNumber]
      : [];
  });
  return new Set(numbers).size >= (process.nbproc ?? 1) && numbers.length >= (process.nbproc ?? 1);
}

export const manyProcesses: Guard = {
  name: "many-processes",
  explains: "With nbproc above 1 a socket is answered by any of the processes, and a change reaches only one of them.",
  applies: (plan) => serverChanges(plan).length > 0,
  evaluate({ view }, plan) {
    return [...new Set(serverChanges(plan).map(({ haproxy }) => haproxy))].flatMap((name): Finding[] => {
      const process = processOf(view, name);
      if (process === null || process.nbproc === null || process.nbproc <= 1 || coversAll(view, process)) return [];
      const message = `${name} runs ${process.nbproc} processes (nbproc): the change would reach only one of them, by chance.`;
      const advice =
        "Give every process a stats socket of its own (`process N`) and name each of them in the configuration of signalbox.";
      return [block(name, message, advice, true)];
    });
  },
};
