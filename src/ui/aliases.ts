/** Words people have in their fingers, also those that servers used before: only the palette knows them. */

export const START_ALIASES: readonly string[] = ["start slave", "start replica"];

export const STOP_ALIASES: readonly string[] = ["stop slave", "stop replica"];

export const REPLICATION_ALIASES: readonly string[] = [
  "stop replication",
  "start replication",
  ...STOP_ALIASES,
  ...START_ALIASES,
];

export const PROMOTE_ALIASES: readonly string[] = ["switchover", "failover", "make primary", "make master"];
