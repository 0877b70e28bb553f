/** What a plan cannot say in steps: a reload takes every runtime change back, and what has to stand in the configuration to keep it. */
import type { AdminState } from "../model/operation.ts";
import { freshValue } from "../model/reading.ts";
import type { SqlProxyProduct } from "../model/settings.ts";
import { SQL_PROXY_NAMES } from "../model/sql-proxy.ts";
import { selectAdminState } from "./admin-state.ts";
import type { StepDraft } from "./commands/command.ts";
import { type ClusterView, nameOf, type ServerView } from "./view.ts";

/** haproxy.cfg words that make the change last; drain has none but weight 0. */
function configLine(step: StepDraft, server: ServerView | undefined): string | null {
  const { change } = step;
  if (change.kind === "server-weight") return `\`weight ${change.weight}\``;
  if (change.kind !== "server-state") return null;
  if (change.state === "maint") return "`disabled`";
  if (change.state === "drain") return "`weight 0` (drain itself has no configuration word; `disabled` is maintenance)";
  return server?.server.adminReasons?.includes("maint-config") === true ? "no `disabled`" : null;
}

/** What takes a change back on an SQL proxy, and what keeps it. MySQL Proxy takes no changes. */
const KEPT_BY: Readonly<Record<SqlProxyProduct, string | null>> = {
  proxysql: "SAVE MYSQL SERVERS TO DISK keeps it",
  atlas: "SAVE CONFIG keeps addresses only, not who is offline",
  "mysql-proxy": null,
};

function productOf(view: ClusterView, haproxy: string): SqlProxyProduct | null {
  const reading = view.haproxy(haproxy)?.reading;
  return (reading === undefined ? null : freshValue(reading)?.sqlAdmin?.product) ?? null;
}

export function buildReloadNotes(
  view: ClusterView,
  steps: readonly StepDraft[],
  servers: readonly ServerView[],
): string[] {
  const changed = steps.flatMap(({ change }) => ("haproxy" in change ? [change.haproxy] : []));
  const proxies = [...new Set(changed)].flatMap((name) => {
    const product = productOf(view, name);
    const keptBy = product === null ? null : KEPT_BY[product];
    if (product === null || keptBy === null) return [];
    return [`A restart of ${name} (${SQL_PROXY_NAMES[product]}) takes this back. ${keptBy}.`];
  });
  const plain = steps.filter(({ change }) => !("haproxy" in change) || productOf(view, change.haproxy) === null);
  return [...buildHaproxyNotes(plain, servers), ...proxies];
}

function buildHaproxyNotes(steps: readonly StepDraft[], servers: readonly ServerView[]): string[] {
  const lines = new Map<string, string>();
  for (const step of steps) {
    const { change } = step;
    if (change.kind !== "server-state" && change.kind !== "server-weight") continue;
    const line = configLine(
      step,
      servers.find(({ haproxy, server }) => haproxy === change.haproxy && nameOf(server) === nameOf(change)),
    );
    if (line !== null) lines.set(nameOf(change), line);
  }
  if (lines.size === 0) return [];
  const [first] = lines;
  const same = new Set(lines.values()).size === 1;
  if (same && first !== undefined) {
    const names = lines.size > 3 ? `these ${lines.size} servers` : [...lines.keys()].join(", ");
    return [
      `A reload of HAProxy takes this back. To keep it, put ${first[1]} on the server line of ${names} in haproxy.cfg.`,
    ];
  }
  return [
    `A reload of HAProxy takes this back. To keep it, put into haproxy.cfg: ${[...lines].map(([name, line]) => `${name} ${line}`).join("; ")}.`,
  ];
}

const OLD_PROCESSES =
  "Sessions of an old HAProxy process that lives on after a reload are not counted: its own socket is gone. `show proc` on the CLI of the process above it (haproxy -S) tells whether there is one.";

/** What the count of a drain leaves out. */
export function buildWaitNotes(view: ClusterView, servers: readonly ServerView[]): string[] {
  const names = [...new Set(servers.map(({ haproxy }) => haproxy))];
  const notes = names.map((name) => {
    switch (productOf(view, name)) {
      case null:
        return OLD_PROCESSES;
      case "proxysql":
        return `Sessions of ${name} are its connections in use: at 0 no transaction runs there any more; clients stay connected to ${name} itself.`;
      default:
        return `${name} does not tell its sessions: the wait ends at its limit.`;
    }
  });
  return [...new Set(notes)];
}

const PLACE = "on its server line in haproxy.cfg, which the socket does not tell";

/** Maintenance, and coming back from it, may cut sessions at once: `on-marked-down` and `on-marked-up` decide, and only haproxy.cfg tells them. */
export function buildCutNotes(view: ClusterView, servers: readonly ServerView[], state: AdminState): string[] {
  const changed = servers.filter(
    ({ haproxy, server }) => productOf(view, haproxy) === null && selectAdminState(server) !== state,
  );
  if (state === "maint") {
    const names = namesOf(changed.filter(({ server }) => server.sessions !== 0));
    if (names === null) return [];
    return [
      `Whether the sessions of ${names} go on is decided by on-marked-down ${PLACE}: shutdown-sessions there cuts them at once. Drained first, they can end.`,
    ];
  }
  if (state === "drain") return [];
  const names = namesOf(
    changed.filter(({ haproxy, server }) => {
      const backups = view.inBackend(haproxy, server.backend).filter((each) => each.server.backup);
      const isMaint = selectAdminState(server) === "maint" && !server.backup;
      return isMaint && backups.some((each) => each.server.sessions !== 0);
    }),
  );
  if (names === null) return [];
  return [
    `Whether sessions on the backups go on when ${names} comes back is decided by on-marked-up ${PLACE}: shutdown-backup-sessions there cuts them at once.`,
  ];
}

function namesOf(servers: readonly ServerView[]): string | null {
  const names = [...new Set(servers.map(({ server }) => nameOf(server)))];
  if (names.length === 0) return null;
  return names.length > 3 ? `${names.length} servers` : names.join(", ");
}
