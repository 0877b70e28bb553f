/**
 * The writers of a program started read-only: same shape, no connection, no text. Nothing that could change
 * a server is imported here, types apart.
 */
import { DriverError } from "./errors.ts";
import { formatHaproxyTarget } from "./haproxy/location.ts";
import { describeTarget } from "./mysql/target.ts";
import type { Writers } from "./writers.ts";

function refuse(target: string, operation: string): Promise<never> {
  const message = `This program was started read-only: ${target} was not asked to change anything.`;
  const advice = "Start it without --read-only (and without `read_only` in the configuration) to change something.";
  return Promise.reject(new DriverError({ kind: "rejected", target, operation, message, advice }));
}

/** Every call rejects with DriverError kind `rejected`; `close` does nothing. */
export const refuseAllWriters: Writers = {
  openHaproxy: (settings) => {
    const target = formatHaproxyTarget(settings);
    return { target, change: (change) => refuse(target, change.kind), close: async () => {} };
  },
  openHost: (target) => ({ target, change: (change) => refuse(target, change.kind), close: async () => {} }),
  openMysql: (node) => {
    const target = describeTarget(node);
    return {
      target,
      execute: (change) => refuse(target, change.kind),
      prepare: () => refuse(target, "prepare"),
      interrupt: () => refuse(target, "interrupt"),
      storedLogin: () => refuse(target, "stored replication login"),
      channelTls: () => refuse(target, "TLS of replication"),
      getLock: () => refuse(target, "advisory lock"),
      releaseLock: () => refuse(target, "advisory lock"),
      lockHolder: () => refuse(target, "advisory lock"),
      close: async () => {},
    };
  },
};
