/** MariaDB 10.11: domains, gtid_slave_pos, and a relay log that is thrown away with every new connection. */
import { currentPosition } from "../gtid.ts";
import type { GtidPosition, Node } from "../state.ts";
import type { ReplicationRules } from "./rules.ts";

const unknownPosition =
  "Error: connecting slave requested to start from GTID <gtid>, which is not in the master's binlog";
const divergedPosition = `${unknownPosition}. Since the master's binlog contains GTIDs with higher sequence numbers, it probably means that the slave has diverged due to executing extra erroneous transactions`;

function findUnknown(source: Node, position: GtidPosition): string | null {
  for (const [domain, { serverId, sequence }] of position) {
    const own = source.binlogPosition.get(domain);
    if (own === undefined || (source.binlogState.get(`${domain}-${serverId}`) ?? 0) >= sequence) continue;
    const text = own.sequence > sequence ? divergedPosition : unknownPosition;
    return text.replace("<gtid>", `${domain}-${serverId}-${sequence}`);
  }
  return null;
}

export const mariadbRules: ReplicationRules = {
  version: "10.11.14-MariaDB-0+deb12u2-log",
  headerBytes: 328,
  followsBy: "Slave_Pos",
  domainOf: (node) => Number(node.variables.get("gtid_domain_id") ?? 0),
  keepsRelayLog: false,
  askedPosition: (node, { usingGtid }) =>
    usingGtid === "Current_Pos" ? currentPosition(node) : new Map(node.replicaPosition),
  isPassedOver: () => false,
  findUnknown,
  purged:
    "Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and required binlog files have been purged.",
  impossible: (file, pos) =>
    `Client requested master to start replication from impossible position; the first event '${file}' at ${pos}`,
  fatalRead: (reason) => ({
    code: 1236,
    message: `Got fatal error 1236 from master when reading data from binary log: '${reason}'`,
  }),
  sameServerId: {
    code: 1593,
    message:
      "Fatal error: The slave I/O thread stops because master and slave have equal MariaDB server ids; these ids must be different for replication to work (or the --replicate-same-server-id option must be used on slave but this does not always make sense; please check the manual before using it).",
  },
  cannotConnect: (address, reason) =>
    `error connecting to master '${address}' - retry-time: 5  maximum-retries: 100000  message: ${reason}`,
  refused: (host) => `Can't connect to server on '${host}' (111 "Connection refused")`,
  timedOut: (host) => `Can't connect to server on '${host}' (110 "Connection timed out")`,
  applierError: (_event, says) => says,
};
