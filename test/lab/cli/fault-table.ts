import type { Lab } from "../lab.ts";

/** What the background process keeps between commands. */
export interface LabSession {
  readonly lab: Lab;
  /** Per node: gives back the connection slots that `fill-connections` took. */
  readonly filled: Map<string, () => Promise<void>>;
}

interface Fault {
  readonly about: string;
  readonly run: (session: LabSession, target: string, argument: string | undefined) => Promise<void> | void;
}

async function fillConnections({ lab, filled }: LabSession, target: string): Promise<void> {
  if (filled.has(target)) throw new Error(`the slots of ${target} are taken already`);
  filled.set(target, await lab.node(target).fillConnections());
}

async function freeConnections({ filled }: LabSession, target: string): Promise<void> {
  const release = filled.get(target);
  if (!release) throw new Error(`no slots of ${target} are taken`);
  filled.delete(target);
  await release();
}

/** `fault KIND TARGET [ARGUMENT]` of the command line. */
export const faultTable: Readonly<Record<string, Fault>> = {
  kill: { about: "SIGKILL of a node", run: ({ lab }, target) => lab.node(target).kill() },
  start: { about: "start a killed or stopped node", run: ({ lab }, target) => lab.node(target).start() },
  stop: { about: "orderly end of a node", run: ({ lab }, target) => lab.node(target).stop() },
  restart: { about: "orderly restart of a node", run: ({ lab }, target) => lab.node(target).restart() },
  freeze: {
    about: "SIGSTOP of a node: it accepts and never answers",
    run: ({ lab }, target) => lab.node(target).freeze(),
  },
  thaw: { about: "SIGCONT of a node", run: ({ lab }, target) => lab.node(target).thaw() },
  "stop-applier": { about: "stop the SQL thread", run: ({ lab }, target) => lab.node(target).stopApplier() },
  "start-applier": { about: "start the SQL thread", run: ({ lab }, target) => lab.node(target).startApplier() },
  "stop-receiver": { about: "stop the IO thread", run: ({ lab }, target) => lab.node(target).stopReceiver() },
  "start-receiver": { about: "start the IO thread", run: ({ lab }, target) => lab.node(target).startReceiver() },
  "break-applier": {
    about: "duplicate key 1062 on the replica",
    run: ({ lab }, target) => lab.node(target).breakApplier(),
  },
  "repair-applier": {
    about: "take the duplicate away, start the applier",
    run: ({ lab }, target) => lab.node(target).repairApplier(),
  },
  delay: {
    about: "delayed replica: seconds as argument, 0 ends it",
    run: ({ lab }, target, seconds) => lab.node(target).delayReplication(Number(seconds ?? 10)),
  },
  "read-only": { about: "read_only on", run: ({ lab }, target) => lab.node(target).setReadOnly(true) },
  writable: { about: "read_only off", run: ({ lab }, target) => lab.node(target).setReadOnly(false) },
  "refuse-logins": { about: "ops gets 1045", run: ({ lab }, target) => lab.node(target).refuseLogins() },
  "allow-logins": { about: "ops may log in again", run: ({ lab }, target) => lab.node(target).allowLogins() },
  "fill-connections": { about: "take every connection slot (1040)", run: fillConnections },
  "free-connections": { about: "give the slots back", run: freeConnections },
  "reload-haproxy": {
    about: "SIGUSR2: new worker, run-time changes lost",
    run: ({ lab }, target) => lab.haproxy(target).reload(),
  },
  "freeze-haproxy": { about: "SIGSTOP of the worker", run: ({ lab }, target) => lab.haproxy(target).freeze() },
  "thaw-haproxy": { about: "SIGCONT of the worker", run: ({ lab }, target) => lab.haproxy(target).thaw() },
  "kill-haproxy": { about: "SIGKILL of worker and master", run: ({ lab }, target) => lab.haproxy(target).kill() },
  "restart-haproxy": { about: "start, or stop and start", run: ({ lab }, target) => lab.haproxy(target).restart() },
};
