/** A section of haproxy.cfg in words, for comments. */
import type { ConfigCheck, ConfigProxy, ConfigServer } from "../../drivers/haproxy-config/config.ts";

const CHECKS: Readonly<Record<ConfigCheck, string>> = {
  connect: "a connect only",
  mysql: "option mysql-check",
  tcp: "option tcp-check",
  external: "option external-check",
  http: "option httpchk",
  other: "of another protocol",
};

/** A `rise` above this is a way to say never. */
const NEVER_RISES = 10_000;

/** One line for the section, one per server. */
export function describeProxy(proxy: ConfigProxy): readonly string[] {
  const { name, check, checkUser, balance, allBackups, sticks, stateFrom, servers } = proxy;
  const words = [
    `check: ${CHECKS[check]}${checkUser === null ? "" : ` user ${checkUser}`}`,
    ...(balance === null ? [] : [`balance ${balance}`]),
    ...(allBackups ? ["ALL backups take part at once (option allbackups)"] : []),
    ...(sticks ? ["sticky: a drain may never end"] : []),
    ...(stateFrom === "none" ? ["a reload forgets drain and maint"] : []),
  ];
  return [`${name}: ${words.join("; ")}`, ...servers.map((server) => `  ${describeServer(server)}`)];
}

function describeServer(server: ConfigServer): string {
  const { name, backup, disabled, check, rise, fall, weight, onMarkedDown, onMarkedUp, track, agentCheck } = server;
  const words = [
    backup ? "backup" : "active",
    ...(disabled ? ["disabled"] : []),
    ...(weight === null ? [] : [`weight ${weight}`]),
    ...(check || track !== null ? [] : ["not checked"]),
    ...(rise === null ? [] : [rise > NEVER_RISES ? `rise ${rise}: never returns by itself` : `rise ${rise}`]),
    ...(fall === null ? [] : [`fall ${fall}`]),
    ...(onMarkedDown === null ? [] : [`on-marked-down ${onMarkedDown}`]),
    ...(onMarkedUp === null ? [] : [`on-marked-up ${onMarkedUp}`]),
    ...(track === null ? [] : [`tracks ${track}`]),
    ...(agentCheck ? ["agent-check"] : []),
  ];
  return `${name}: ${words.join(", ")}`;
}
