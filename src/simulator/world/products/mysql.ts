/** MySQL 9.7 with GTIDs: every server counts its own transactions, and a receiver asks by auto-position for all that it lacks. */
import { executedPosition, gtidOf, positionHolds } from "../gtid.ts";
import { binlogFileName } from "../state.ts";
import type { ReplicationRules } from "./rules.ts";

export const mysqlRules: ReplicationRules = {
  version: "9.7.1",
  headerBytes: 158,
  followsBy: "Auto_Position",
  domainOf: ({ serverId }) => serverId,
  keepsRelayLog: true,
  askedPosition: (node, { receivedGtid }) => {
    const asked = executedPosition(node);
    for (const [domain, point] of receivedGtid)
      if ((asked.get(domain)?.sequence ?? 0) < point.sequence) asked.set(domain, point);
    return asked;
  },
  isPassedOver: (node, { receivedGtid }, { transaction }) =>
    transaction.serverId === node.serverId || positionHolds(receivedGtid, transaction),
  // A source only looks for its own: what others wrote and it never had goes unnoticed.
  findUnknown: (source, position) => {
    const asked = position.get(source.serverId)?.sequence ?? 0;
    const own = executedPosition(source).get(source.serverId)?.sequence ?? 0;
    return asked > own
      ? "Replica has more GTIDs than the source has, using the source's SERVER_UUID. This may indicate that the end of the binary log was truncated or that the last binary log file was lost, e.g., after a power or disk failure when sync_binlog != 1. The source may or may not have rolled back transactions that were already replicated to the replica. Suggest to replicate any transactions that source has rolled back from replica to source, and/or commit empty transactions on source to account for transactions that have been committed on source but are not included in GTID_EXECUTED."
      : null;
  },
  purged:
    "Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere, or provision a new replica from backup. Consider increasing the source's binary log expiration period.",
  impossible: (file, pos) =>
    `Client requested source to start replication from position > file size; the first event '' at 4, the last event read from './${file}' at ${pos}`,
  fatalRead: (reason) => ({
    code: 13_114,
    message: `Got fatal error 1236 from source when reading data from binary log: '${reason}'`,
  }),
  sameServerId: {
    code: 13_117,
    message:
      "Fatal error: The replica I/O thread stops because source and replica have equal MySQL server ids; these ids must be different for replication to work (or the --replicate-same-server-id option must be used on replica but this does not always make sense; please check the manual before using it).",
  },
  cannotConnect: (address, reason) =>
    `Error connecting to source '${address}'. This was attempt 1/86400, with a delay of 5 seconds between attempts. Message: ${reason}`,
  refused: (host, port) => `Can't connect to MySQL server on '${host}:${port}' (111)`,
  timedOut: (host, port) => `Can't connect to MySQL server on '${host}:${port}' (110)`,
  applierError: ({ transaction, file, pos }) =>
    `Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: Worker 1 failed executing transaction '${gtidOf(transaction)}' at source log ${binlogFileName(file)}, end_log_pos ${pos}. See error log and/or performance_schema.replication_applier_status_by_worker table for more details about this failure or others, if any.`,
};
