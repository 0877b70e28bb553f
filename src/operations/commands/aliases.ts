/** Other words people know the commands by: those of HAProxy's and the servers' own command lines, old ones included, and of other tools. */
import type { CommandId } from "../../model/operation.ts";

export const COMMAND_ALIASES: Readonly<Record<CommandId, readonly string[]>> = {
  drain: ["drain server", "set server state drain", "soft stop", "offline soft", "cordon"],
  maint: ["maintenance", "disable server", "set server state maint", "offline hard"],
  ready: ["enable", "enable server", "set server state ready", "undrain", "uncordon", "online"],
  weight: ["set weight", "set server weight"],
  "shutdown-sessions": ["shutdown sessions server", "kill sessions", "cut sessions"],
  "replica-start": ["start replica", "start slave", "start replication", "start io thread", "start sql thread"],
  "replica-stop": ["stop replica", "stop slave", "stop replication", "stop io thread", "stop sql thread"],
  "read-only-on": ["set global read_only on", "super_read_only on", "fence", "freeze writes"],
  "read-only-off": ["set global read_only off", "super_read_only off", "writable"],
  "kill-session": ["kill", "kill connection", "kill client"],
  reapply: ["re-apply", "restore runtime state", "after reload"],
  "move-ip": ["move vip", "floating ip", "virtual ip", "hb_standby", "hb_takeover", "keepalived failover", "vrrp"],
  promote: ["switchover", "failover", "make primary", "change master", "graceful takeover", "set primary"],
  rejoin: ["demote", "bring back", "follow the new primary", "repoint"],
  undo: ["take back", "revert", "rollback"],
  resume: ["continue", "finish", "carry on"],
};
