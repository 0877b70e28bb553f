/** Servers and backends of an SQL proxy in the shape of HAProxy's; what such a proxy does not tell is null. */
import type { HaproxyProxy, HaproxyServer } from "../../model/haproxy.ts";
import type { SqlProxyProduct } from "../../model/settings.ts";
import { isUsable } from "../../model/writer-route.ts";
import { parseServerName } from "./names.ts";
import { readStateWord } from "./products.ts";

export interface ProxyServerFacts {
  readonly product: SqlProxyProduct;
  readonly backend: string;
  /** Its address, which is its name. */
  readonly server: string;
  readonly backendId: number | null;
  /** `backend_ndx` of Atlas and MySQL Proxy, a position that shifts; null on ProxySQL. */
  readonly index: number | null;
  /** Word of the proxy for its state, as it stands there. */
  readonly status: string;
  readonly weight: number | null;
  readonly sessions: number | null;
  readonly bytesIn?: number | null;
  readonly bytesOut?: number | null;
  /** True when nothing checks the server, though its state reads like that of a checked one. */
  readonly unchecked?: boolean;
}

export function buildServer(facts: ProxyServerFacts): HaproxyServer {
  const { product, backend, server, status, weight } = facts;
  const { state, reasons } = readStateWord(product, status);
  const address = parseServerName(server);
  return {
    backend,
    server,
    backendId: facts.backendId,
    serverId: facts.index,
    host: address?.host ?? null,
    port: address?.port ?? null,
    status,
    state: state === "up" && facts.unchecked === true ? "unchecked" : state,
    active: true,
    backup: false,
    weight,
    initialWeight: null,
    assignedWeight: weight,
    sessions: facts.sessions,
    queued: null,
    sessionsTotal: null,
    bytesIn: facts.bytesIn ?? null,
    bytesOut: facts.bytesOut ?? null,
    sessionRate: null,
    adminReasons: reasons,
    check: null,
    checkCode: null,
    checkInfo: "",
    checkDurationMs: null,
    inTransition: false,
    checkFailures: null,
    downTransitions: null,
    lastChangeSeconds: null,
    downtimeSeconds: null,
    lastSessionSeconds: null,
    tracks: null,
    // None of these proxies has agent checks, tracking or stick tables.
    agentEnabled: false,
    rise: null,
    fall: null,
  };
}

/** One row per backend, in the order of the servers. */
export function buildBackends(servers: readonly HaproxyServer[]): readonly HaproxyProxy[] {
  const names = [...new Set(servers.map(({ backend }) => backend))];
  return names.map((name) => {
    const own = servers.filter(({ backend }) => backend === name);
    const sessions = own.reduce<number | null>(
      (sum, server) => (sum === null || server.sessions === null ? null : sum + server.sessions),
      0,
    );
    return {
      name,
      kind: "backend",
      id: own[0]?.backendId ?? null,
      status: null,
      mode: null,
      algorithm: null,
      sessions,
      sessionsMax: null,
      sessionLimit: null,
      sessionsTotal: null,
      queued: null,
      sessionRate: null,
      bytesIn: null,
      bytesOut: null,
      activeServers: own.filter(isUsable).length,
      backupServers: 0,
      connectionErrors: null,
      lastChangeSeconds: null,
    };
  });
}
