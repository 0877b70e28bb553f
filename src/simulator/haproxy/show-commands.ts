/** Commands that only look. */
import type { Haproxy } from "../world/state.ts";
import { type Command, findBackend, findServer, say } from "./command.ts";
import { buildShowInfo } from "./show-info.ts";
import { buildShowServersState } from "./show-servers-state.ts";
import { buildShowStat, everything, type StatFilter } from "./show-stat.ts";

/** `show stat <iid|name> <type mask> <sid>`; null when there is no such proxy. */
function parseStatFilter(haproxy: Haproxy, [proxy, type, server]: readonly string[]): StatFilter | null {
  if (proxy === undefined || type === undefined || server === undefined) return everything;
  const backend = /^\d+$/.test(proxy) ? findBackend(haproxy, `#${proxy}`) : findBackend(haproxy, proxy);
  if (backend === undefined && proxy !== "-1") return null;
  return {
    backend: backend ?? null,
    typeMask: type === "-1" ? 7 : Number(type) || 0,
    serverId: server === "-1" ? null : Number(server) || 0,
  };
}

export const showCommands: readonly Command[] = [
  {
    words: ["get", "weight"],
    help: "get weight <bk>/<srv>                   : report a server's current weight",
    level: "user",
    run: ({ haproxy }, [address]) => {
      const server = findServer(haproxy, address);
      return say(typeof server === "string" ? server : `${server.weight} (initial ${server.initialWeight})`);
    },
  },
  {
    words: ["show", "backend"],
    help: "show backend                            : list backends in the current running config",
    level: "user",
    run: ({ haproxy }) => say(["# name", ...haproxy.backends.map((backend) => backend.name)].join("\n")),
  },
  {
    words: ["show", "cli", "level"],
    help: "show cli level                          : display the level of the current CLI session",
    level: "user",
    run: ({ session }) => say(session.level),
  },
  {
    words: ["show", "info"],
    help: "show info [desc|json|typed|float]*      : report information about the running process",
    level: "user",
    run: ({ world, haproxy }) => `${buildShowInfo(world, haproxy)}\n`,
  },
  {
    words: ["show", "servers", "state"],
    help: "show servers state [<backend>]          : dump volatile server information (all or for a single backend)",
    level: "user",
    run: ({ world, haproxy }, [name]) => {
      const backend = name === undefined ? null : findBackend(haproxy, name);
      return backend === undefined ? say("Can't find backend.") : `${buildShowServersState(world, haproxy, backend)}\n`;
    },
  },
  {
    words: ["show", "stat"],
    help: "show stat [desc|json|no-maint|typed|up]*: report counters for each proxy and server",
    level: "user",
    run: ({ world, haproxy }, words) => {
      const filter = parseStatFilter(haproxy, words);
      return filter === null ? say("No such proxy.") : `${buildShowStat(world, haproxy, filter)}\n`;
    },
  },
  {
    words: ["show", "version"],
    help: "show version                            : show version of the current process",
    level: "user",
    run: ({ haproxy }) => say(haproxy.version),
  },
];
