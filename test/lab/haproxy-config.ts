import { join } from "node:path";
import type { Flavor } from "./engines.ts";
import type { ListenShape } from "./topology.ts";

export interface ListenPlan extends ListenShape {
  readonly port: number;
}

export interface HaproxyPlan {
  readonly name: string;
  readonly dir: string;
  readonly tcpPort: number;
  readonly statsPort: number;
  readonly listens: readonly ListenPlan[];
  readonly nodePort: (node: string) => number;
  readonly flavor: Flavor;
}

/** Login of the stats page. */
export const statsLogin = { user: "admin", password: "lab-stats" } as const;

/**
 * MySQL 9 has no mysql_native_password, and `option mysql-check` knows nothing else (error 1251). There the check reads the greeting instead:
 * 3 bytes of length, sequence 0, protocol version 10. A full or wedged server does not send that.
 */
const checkLines: Record<Flavor, readonly string[]> = {
  mariadb: ["option mysql-check user haproxy_check"],
  "mysql-5": ["option mysql-check user haproxy_check"],
  mysql: ["option tcp-check", "tcp-check connect", "tcp-check expect rbinary ^[0-9A-Fa-f]{6}000[Aa]"],
};

function buildListen(plan: HaproxyPlan, listen: ListenPlan): string {
  const servers = listen.servers.map(
    ({ server, node, backup }) =>
      `    server ${server} 127.0.0.1:${plan.nodePort(node)} ${listen.check}${backup ? " backup" : ""}`,
  );
  return [
    `listen ${listen.name}`,
    `    bind 127.0.0.1:${listen.port}`,
    "    mode tcp",
    "    balance roundrobin",
    ...checkLines[plan.flavor].map((line) => `    ${line}`),
    ...servers,
  ].join("\n");
}

/** The text of haproxy.cfg for one HAProxy of the lab. */
export function buildHaproxyConfig(plan: HaproxyPlan): string {
  const socket = (file: string): string => join(plan.dir, file);
  return `global
    maxconn 1000
    log stderr format short daemon notice
    stats socket ${socket("admin.sock")} mode 600 level admin expose-fd listeners
    stats socket ${socket("operator.sock")} mode 600 level operator
    stats socket ${socket("user.sock")} mode 600 level user
    stats socket ipv4@127.0.0.1:${plan.tcpPort} level admin

defaults
    log global
    option dontlog-normal
    timeout connect 2s
    timeout check 2s
    timeout client 1h
    timeout server 1h
    retries 1

${plan.listens.map((listen) => buildListen(plan, listen)).join("\n\n")}

listen stats_page
    bind 127.0.0.1:${plan.statsPort}
    mode http
    stats enable
    stats uri /stats
    stats auth ${statsLogin.user}:${statsLogin.password}
`;
}
