/** Changes servers of an SQL proxy: one connection per change, changes one after the other. */
import type { HaproxySettings } from "../../model/settings.ts";
import { describeUnsupported } from "../../model/sql-proxy.ts";
import type { HaproxyChange, HaproxyChangeResult, HaproxyWriter, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { changeAtlas } from "./atlas-change.ts";
import { describeSqlProxyCommand, isAtlasChange, isProxysqlChange } from "./command.ts";
import { type AdminEndpoint, buildEndpoint, type SqlAdminLocation, type SqlProxyOptions } from "./endpoint.ts";
import { buildUnknownOutcome } from "./outcome.ts";
import { UNTOLD_PROCESS } from "./process.ts";
import { changeProxysql } from "./proxysql-change.ts";
import { withSession } from "./session.ts";

/** Creates the writer without touching the network. That of MySQL Proxy refuses everything. */
export function createSqlProxyWriter(
  settings: HaproxySettings & { readonly location: SqlAdminLocation },
  options: SqlProxyOptions = {},
): HaproxyWriter {
  const endpoint = buildEndpoint(settings, options);
  // Two changes of ProxySQL must not lie between each other's UPDATE and LOAD.
  let last: Promise<unknown> = Promise.resolve();
  return {
    target: endpoint.target,
    change(change, { expectedPid, expectedCommand = null, ...bounds }) {
      // A plan bound to a pid was made for a HAProxy that had this name: whatever answers now is not that process.
      if (expectedPid !== null) return Promise.resolve(buildNotSent(describeSqlProxyCommand(change, settings, null)));
      const startedAt = performance.now();
      const next = last.then(() => {
        const timeoutMs = Math.max(1, bounds.timeoutMs - (performance.now() - startedAt));
        return runChange(endpoint, change, expectedCommand, { signal: bounds.signal, timeoutMs });
      });
      last = next.catch(() => undefined);
      return next;
    },
    async close() {},
  };
}

function buildNotSent(command: string): HaproxyChangeResult {
  const nothing = { refusal: null, failure: null, notice: null, servers: [] };
  return { command, sent: false, pidChanged: true, process: UNTOLD_PROCESS, ...nothing };
}

async function runChange(
  endpoint: AdminEndpoint,
  change: HaproxyChange,
  expectedCommand: string | null,
  bounds: RequestBounds,
): Promise<HaproxyChangeResult> {
  const { product, target } = endpoint;
  const reason = describeUnsupported(product, change);
  if (reason !== null) {
    const message = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}. Nothing was sent.`;
    throw new DriverError({ kind: "unsupported", target, operation: change.kind, message });
  }
  const [run, maySend] = product === "proxysql" ? [changeProxysql, isProxysqlChange] : [changeAtlas, isAtlasChange];
  let open = false;
  const request = {
    endpoint,
    change,
    expectedCommand,
    beginSending: () => {
      open = true;
    },
    tookBack: () => {
      open = false;
    },
  };
  try {
    return await withSession(endpoint, bounds, maySend, (session) => run(session, request));
  } catch (error) {
    if (!open || (error instanceof DriverError && error.kind === "unknown-outcome")) throw error;
    throw buildUnknownOutcome(endpoint, change.kind, error);
  }
}
