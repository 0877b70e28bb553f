/** Words people have in their fingers, also those that servers used before: only the palette knows them. */

export const START_ALIASES: readonly string[] = ["start slave", "start replica"];

export const STOP_ALIASES: readonly string[] = ["stop slave", "stop replica"];

export const REPLICATION_ALIASES: readonly string[] = [
  "stop replication",
  "start replication",
  ...STOP_ALIASES,
  ...START_ALIASES,
];

export const PROMOTE_ALIASES: readonly string[] = [
  "switchover",
  "graceful takeover",
  "make primary",
  "make master",
  "change master",
  "set primary",
];

export const FAILOVER_ALIASES: readonly string[] = ["primary is dead", "emergency", "force primary"];

export const REJOIN_ALIASES: readonly string[] = [
  "bring back as replica",
  "old primary",
  "follow the new primary",
  "demote",
  "repoint",
];

export const ADDRESS_ALIASES: readonly string[] = [
  "move ip",
  "vip",
  "virtual ip",
  "hb_standby",
  "hb_takeover",
  "keepalived",
  "vrrp",
];
