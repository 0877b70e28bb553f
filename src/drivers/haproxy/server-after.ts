/** Servers of one backend as they read right after a change. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import type { AdminState } from "../../model/operation.ts";
import type { HaproxyServerAfter } from "../contract.ts";
import { selectAdminOutage, selectAdminReasons } from "./admin-state.ts";
import { ServerStates } from "./server-states.ts";
import { parseServersState } from "./show-servers-state.ts";
import { parseShowStat } from "./show-stat.ts";

/** From `show servers state` (1.6+). Null when the text is no such table. */
export function readFromState(text: string, backend: string): readonly HaproxyServerAfter[] | null {
  const rows = parseServersState(text)?.filter((row) => row.backend === backend) ?? null;
  return (
    rows?.map(({ server, adminState, weight, initialWeight }) => ({
      backend,
      server,
      state: adminState === null ? null : (selectAdminOutage(adminState) ?? "ready"),
      adminReasons: selectAdminReasons(adminState),
      weight,
      initialWeight,
    })) ?? null
  );
}

/** From `show stat` of 1.4 and 1.5. Null when the table is not whole. */
export function readFromStat(text: string, backend: string): readonly HaproxyServerAfter[] | null {
  const stat = parseShowStat(text, new ServerStates([]));
  if (stat?.complete !== true) return null;
  return stat.servers
    .filter((row) => row.backend === backend)
    .map((row) => ({
      backend,
      server: row.server,
      state: selectStateFromStatus(row),
      adminReasons: null,
      weight: row.weight,
      initialWeight: null,
    }));
}

/** 1.5 says DOWN for a server that is down and drained, and DRAIN for one of weight 0: both tell nothing. */
function selectStateFromStatus({ state, weight }: HaproxyServer): AdminState | null {
  switch (state) {
    case "maint":
      return "maint";
    case "drain":
      return weight === 0 ? null : "drain";
    case "up":
    case "unchecked":
    case "nolb":
      return "ready";
    default:
      return null;
  }
}
