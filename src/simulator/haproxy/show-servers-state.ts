/** `show servers state` of the simulated process: format 1 with the 25 fields of 2.4–2.8. */
import { adminBits, isUp } from "../world/proxy-state.ts";
import type { Backend, Haproxy, ProxyServer, World } from "../world/state.ts";

const header =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

/** HAProxy's internal numbers of check results (enum healthcheck_status of 2.6). */
const checkNumbers: Readonly<Record<string, number>> = { L4OK: 6, L4CON: 8, L7OK: 15, L7TOUT: 12, L7STS: 17 };

function serverLine(world: World, backend: Backend, server: ProxyServer): string {
  const running = isUp(server) && !server.maint;
  const configuredAndEnabled = 6;
  const paused = 8;
  return [
    backend.id,
    backend.name,
    server.id,
    server.name,
    server.host,
    running ? 2 : 0,
    adminBits(server),
    server.weight,
    server.initialWeight,
    Math.max(0, Math.floor((world.nowMs - server.lastChangeAtMs) / 1000)),
    checkNumbers[server.check.status] ?? 1,
    server.check.status.endsWith("OK") ? 3 : 2,
    server.maint ? 0 : server.health,
    server.maint ? configuredAndEnabled + paused : configuredAndEnabled,
    "0 0 0 -",
    server.port,
    "- 0 0 - - 0",
  ].join(" ");
}

/** Null backend: all of them. Without the empty line that ends the answer. */
export function buildShowServersState(world: World, haproxy: Haproxy, only: Backend | null): string {
  const backends = only === null ? haproxy.backends : [only];
  const lines = backends.flatMap((backend) => backend.servers.map((server) => serverLine(world, backend, server)));
  return `1\n${header}\n${lines.map((line) => `${line}\n`).join("")}`;
}
