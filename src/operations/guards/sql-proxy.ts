/** What an SQL proxy cannot do, or does beside what was asked; part of the guard `level`. */
import type { HaproxyReport } from "../../model/haproxy.ts";
import { describeUnsupported, SQL_PROXY_NAMES } from "../../model/sql-proxy.ts";
import { isUsable } from "../../model/writer-route.ts";
import { nameOf } from "../view.ts";
import { block, cannotTell, type Finding, type GuardFacts, warn } from "./guard.ts";
import { type ServerChange, subjectOf, takesOut } from "./selectors.ts";

type SqlAdmin = NonNullable<HaproxyReport["sqlAdmin"]>;

/** @param changes those of this proxy */
export function judgeSqlProxy(
  facts: GuardFacts,
  name: string,
  { product, pending }: SqlAdmin,
  changes: readonly ServerChange[],
): Finding[] {
  return [
    ...judgePending(name, pending),
    ...changes.flatMap((change): Finding[] => {
      const reason = describeUnsupported(product, change);
      if (reason !== null) {
        const message = `${nameOf(change)} cannot be changed so on ${name}: ${reason}.`;
        return [block(subjectOf(change), message, "Use another change, or act there by hand.", false)];
      }
      if (product !== "proxysql") return [];
      return [...judgeCut(name, change), ...judgeOtherRows(facts, change)];
    }),
  ];
}

/** LOAD pushes the whole table: what others left in it would come into effect with our change. The driver refuses it too. */
function judgePending(name: string, pending: SqlAdmin["pending"]): Finding[] {
  const advice =
    "Look at mysql_servers and runtime_mysql_servers there, then LOAD MYSQL SERVERS TO RUNTIME or SAVE MYSQL SERVERS TO MEMORY, whichever is meant.";
  if (pending === null) {
    return [cannotTell(name, `Whether ${name} has edits that wait to be loaded cannot be told.`, advice, false)];
  }
  if (pending.length === 0) return [];
  const shown = pending.slice(0, 5).join("; ");
  const more = pending.length > 5 ? `; ${pending.length - 5} more` : "";
  const message = `${name} has edits in mysql_servers that do not run, and LOAD would bring them into effect too: ${shown}${more}.`;
  return [block(name, message, advice, false)];
}

function judgeCut(name: string, change: ServerChange): Finding[] {
  if (change.kind !== "server-state" || change.state !== "maint") return [];
  const message = `maint is OFFLINE_HARD on ${name} (${SQL_PROXY_NAMES.proxysql}): the connections of ${nameOf(change)} are dropped at once, and open transactions are rolled back.`;
  return [warn(subjectOf(change), message, "drain (OFFLINE_SOFT) lets transactions finish.")];
}

/** A server is one row per host group, and clients go on getting it through the others. */
function judgeOtherRows({ view, after }: GuardFacts, change: ServerChange): Finding[] {
  const own = view.find(change.haproxy, change.backend, change.server)?.server;
  if (!takesOut(change) || own === undefined || !isUsable(own)) return [];
  const elsewhere = view.servers.filter(
    ({ haproxy, server }) =>
      haproxy === change.haproxy && server.server === change.server && server.backend !== change.backend,
  );
  const left = elsewhere.filter(({ server }) =>
    after(change.haproxy, server.backend).some((each) => each.server.server === change.server && isUsable(each.server)),
  );
  if (left.length === 0) return [];
  const names = left.map(({ server }) => nameOf(server)).join(", ");
  const message = `${change.server} stays in on ${change.haproxy} as ${names}: a server has one row per host group.`;
  return [warn(subjectOf(change), message, "Name the node to take it out of all of them.")];
}
