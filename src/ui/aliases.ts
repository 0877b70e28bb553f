/** Words people have in their fingers, also those that servers used before: only the palette knows them. */

export const REPLICATION_ALIASES: readonly string[] = [
  "stop replication",
  "start replication",
  "stop slave",
  "start slave",
  "stop replica",
  "start replica",
];

export const PROMOTE_ALIASES: readonly string[] = ["switchover", "failover", "make primary", "make master"];
