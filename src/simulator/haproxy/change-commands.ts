/** Commands that change servers. Texts of refusals are those of 2.6.12. */
import { setServerHealth, setServerState, setServerWeight, shutdownSessions } from "../world/proxy-admin.ts";
import type { ProxyServer, World } from "../world/state.ts";
import { accepted, type Command, type CommandContext, findServer, say } from "./command.ts";

const setServerUsage =
  "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | check-port | fqdn | health | ssl | state | weight";

function applyWeight(world: World, server: ProxyServer, text: string | undefined): string {
  if (text === undefined || text === "") return say("Require <weight> or <weight%>.");
  const match = /^([+-]?\d+)(%?)$/.exec(text);
  // 2.6 forgets the empty line after this one (fixed upstream in 3.0).
  if (match === null) return "Empty weight string empty or preceded by garbage\n";
  const number = Number(match[1]);
  if (match[2] === "%") {
    if (number < 0) return say("Relative weight must be positive.");
    setServerWeight(world, server, Math.min(256, Math.ceil((server.initialWeight * number) / 100)));
    return accepted;
  }
  if (number < 0 || number > 256) return say("Absolute weight can only be between 0 and 256 inclusive.");
  setServerWeight(world, server, number);
  return accepted;
}

function applyState(world: World, server: ProxyServer, state: string | undefined): string {
  if (state !== "ready" && state !== "drain" && state !== "maint")
    return say("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
  setServerState(world, server, state);
  return accepted;
}

function applyHealth(world: World, server: ProxyServer, health: string | undefined): string {
  if (health !== "up" && health !== "down")
    return say("'set server <srv> health' expects 'up', 'stopping', or 'down'.");
  setServerHealth(world, server, health);
  return accepted;
}

function setServer(world: World, server: ProxyServer, [what, value]: readonly string[]): string {
  switch (what) {
    case "state":
      return applyState(world, server, value);
    case "weight":
      return applyWeight(world, server, value);
    case "health":
      return applyHealth(world, server, value);
    case "agent":
      return say("agent checks are not enabled on this server.");
    case "fqdn":
      return say(`set server <b>/<s> fqdn failed because no resolution is configured.`);
    default:
      return say(setServerUsage);
  }
}

/** Runs a change on the server named by the first word, or refuses as HAProxy does. */
function onServer(
  change: (context: CommandContext, server: ProxyServer, words: readonly string[]) => string,
): Command["run"] {
  return (context, [address, ...rest]) => {
    const server = findServer(context.haproxy, address);
    return typeof server === "string" ? say(server) : change(context, server, rest);
  };
}

export const changeCommands: readonly Command[] = [
  {
    words: ["disable", "server"],
    help: "disable server (DEPRECATED)             : disable a server for maintenance (use 'set server' instead)",
    level: "admin",
    run: onServer(({ world }, server) => {
      setServerState(world, server, "maint");
      return accepted;
    }),
  },
  {
    words: ["enable", "server"],
    help: "enable server  (DEPRECATED)             : enable a disabled server (use 'set server' instead)",
    level: "admin",
    run: onServer(({ world }, server) => {
      // Leaves only maintenance: a drained server stays drained.
      if (server.maint) setServerState(world, server, "ready");
      return accepted;
    }),
  },
  {
    words: ["set", "server"],
    help: "set server <bk>/<srv> [opts]            : change a server's state, weight, address or ssl",
    level: "admin",
    run: onServer(({ world }, server, words) => setServer(world, server, words)),
  },
  {
    words: ["set", "weight"],
    help: "set weight <bk>/<srv>  (DEPRECATED)     : change a server's weight (use 'set server' instead)",
    level: "admin",
    run: onServer(({ world }, server, [weight]) => applyWeight(world, server, weight)),
  },
  {
    words: ["shutdown", "sessions", "server"],
    help: "shutdown sessions server <bk>/<srv>     : kill sessions on a server",
    level: "admin",
    run: onServer((_context, server) => {
      shutdownSessions(server);
      return accepted;
    }),
  },
];
