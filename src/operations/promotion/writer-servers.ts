/** Servers of the writer backend on every HAProxy that answers, by the part they have in a plan. */
import { adviseNoPromotion, describeNoPromotion } from "../../model/sql-proxy.ts";
import { selectAdminState } from "../admin-state.ts";
import { RefusedError } from "../errors.ts";
import type { ClusterView, ServerView } from "../view.ts";

export interface WriterServers {
  readonly backend: string;
  readonly candidate: readonly ServerView[];
  readonly old: readonly ServerView[];
  /** All others that are not in maintenance: each of them could get writes. */
  readonly others: readonly ServerView[];
  /** Whatever their state. */
  readonly all: readonly ServerView[];
}

/** Said before anything about servers: what is missing there is no line of haproxy.cfg. */
function assertHaproxies(view: ClusterView, servers: readonly ServerView[]): void {
  for (const { haproxy } of servers) {
    const reading = view.haproxy(haproxy)?.reading;
    if (reading?.state !== "fresh" || reading.value.source !== "sql-admin") continue;
    throw new RefusedError(describeNoPromotion(haproxy), adviseNoPromotion(haproxy));
  }
}

/** @throws RefusedError where no writer backend is known, or the candidate is not in it on a HAProxy that has it */
export function selectWriterServers(view: ClusterView, from: readonly string[], to: string): WriterServers {
  const backend = view.cluster.writer?.backend ?? null;
  if (backend === null) {
    throw new RefusedError(
      "Which backend of HAProxy carries the writes is not known.",
      "Name it in the configuration: `writer: { backend: … }`.",
    );
  }
  const servers = view.servers.filter(({ server }) => server.backend === backend);
  assertHaproxies(view, servers);
  const candidate = servers.filter(({ node }) => node === to);
  for (const haproxy of new Set(servers.map((each) => each.haproxy))) {
    if (candidate.some((each) => each.haproxy === haproxy)) continue;
    throw new RefusedError(
      `${to} has no server in backend ${backend} on ${haproxy}: no write would reach it.`,
      `Add a server line for ${to} to ${backend} in haproxy.cfg of ${haproxy}, or promote a node that has one.`,
    );
  }
  if (candidate.length === 0) {
    throw new RefusedError(
      `No HAProxy that answers has a server of ${to} in backend ${backend}.`,
      "Promote a node that is in it, or bring HAProxy back first.",
    );
  }
  const old = servers.filter(({ node }) => node !== null && from.includes(node));
  const others = servers.filter(
    (each) => !candidate.includes(each) && !old.includes(each) && selectAdminState(each.server) !== "maint",
  );
  return { backend, candidate, old, others, all: servers };
}
