/** Rules about how a node is set up: what it could not do as the next primary, or as a replica that returns. */
import type { ComparedSettings } from "../../model/preflight.ts";
import { type ClusterFacts, freshNodes, listNames, versionNumber } from "../facts.ts";
import type { DoctorRule, Found } from "../finding.ts";

type Fresh = ReturnType<typeof freshNodes>[number];

/** A rule that looks at one answering node at a time. */
function perNode(
  rule: Omit<DoctorRule<ClusterFacts>, "evaluate">,
  judge: (node: Fresh, facts: ClusterFacts) => Omit<Found, "subject"> | null,
): DoctorRule<ClusterFacts> {
  return {
    ...rule,
    evaluate: (facts) =>
      freshNodes(facts).flatMap((node): Found[] => {
        const found = judge(node, facts);
        return found === null ? [] : [{ subject: node.name, ...found }];
      }),
  };
}

const tooOld = perNode(
  {
    code: "mysql-too-old",
    severity: "warning",
    title: "The server is too old for some actions",
    explains:
      "MySQL 5.5 and MariaDB before 10.2 are older than anything tested; MySQL before 5.6 has no GTIDs; MySQL before 5.7 has no super_read_only, so accounts with SUPER write through read_only.",
    breaks: ["promote", "rejoin"],
  },
  ({ name, report: { flavor, version } }) => {
    const number = versionNumber(version);
    const say = (what: string) => ({ message: `${name}: ${version} ${what}.`, fix: "Upgrade it, a replica first." });
    if (number === null) return null;
    if (flavor === "mariadb") return number < 1002 ? say("is older than any MariaDB tested (10.2)") : null;
    if (number < 506) return say("has no GTIDs: who is ahead after a failure is known by file and position only");
    if (number < 507)
      return { severity: "info", ...say("has no super_read_only: accounts with SUPER write through read_only") };
    return null;
  },
);

const noBinlog = perNode(
  {
    code: "no-binary-log",
    severity: "warning",
    title: "A node writes no binary log",
    explains: "With log_bin off nobody can follow this node: it cannot become the primary.",
    breaks: ["promote"],
  },
  ({ name, report }) =>
    report.logBin === false
      ? {
          message: `${name}: log_bin is OFF; nobody could follow it as primary.`,
          fix: `In its configuration file: log_bin = mysql-bin; then restart ${name}.`,
        }
      : null,
);

const noReplicaUpdates = perNode(
  {
    code: "no-replica-updates",
    severity: "warning",
    title: "A replica does not log what it applies",
    explains:
      "With log_slave_updates (log_replica_updates) off, replicas that lag cannot get from this node, as new primary, what it applied as a replica.",
    breaks: ["promote"],
  },
  ({ name, report }) =>
    report.logBin === true && report.logReplicaUpdates === false
      ? {
          message: `${name}: log_slave_updates is OFF; other replicas could not follow it without gaps.`,
          fix: `In its configuration file: log_slave_updates = ON (MySQL 8: log_replica_updates = ON); then restart ${name}.`,
        }
      : null,
);

const binlogFormat = perNode(
  {
    code: "binlog-format",
    severity: "warning",
    title: "Binary log by statement",
    explains:
      "binlog_format STATEMENT can make replicas differ from their source without an error; a relay with it breaks on row events.",
    breaks: ["promote"],
  },
  ({ name, report: { flavor, version, binlogFormat, channels } }) => {
    if (binlogFormat?.toUpperCase() !== "STATEMENT") return null;
    const set = "SET GLOBAL binlog_format = 'ROW';";
    // MySQL 8 and later refuse it while an applier runs.
    const refuses = flavor !== "mariadb" && (versionNumber(version) ?? 0) >= 800 && channels?.length !== 0;
    const fix = refuses ? `STOP REPLICA SQL_THREAD; ${set} START REPLICA SQL_THREAD;` : set;
    return {
      message: `${name}: binlog_format is STATEMENT; replicas may silently differ.`,
      fix: `${fix} and the same in its configuration file.`,
    };
  },
);

const gtidLoose = perNode(
  {
    code: "gtid-not-strict",
    severity: "info",
    title: "MariaDB lets GTIDs get out of order",
    explains:
      "With gtid_strict_mode off a replica takes transactions of its own or out of order without a word; they show only when somebody follows it.",
    breaks: ["rejoin"],
  },
  ({ name, report }) =>
    report.flavor === "mariadb" && report.gtid.strict === false
      ? {
          message: `${name}: gtid_strict_mode is OFF; errant transactions get in without an error.`,
          fix: "SET GLOBAL gtid_strict_mode = ON; and the same in its configuration file.",
        }
      : null,
);

const noGtid = perNode(
  {
    code: "gtid-off",
    severity: "info",
    title: "Replication by file and position",
    explains:
      "Without GTIDs a failover cannot bring lagging replicas along by themselves, and a rejoin goes by the coordinates of the journal.",
    breaks: ["promote", "rejoin"],
  },
  ({ name, report }) =>
    report.flavor !== "mariadb" && report.gtid.mode !== null && report.gtid.mode.toUpperCase() !== "ON"
      ? {
          message: `${name}: gtid_mode is ${report.gtid.mode}; positions are compared by file and position.`,
          fix: "Switch GTIDs on step by step: OFF_PERMISSIVE, ON_PERMISSIVE, ON, with enforce_gtid_consistency = ON first.",
        }
      : null,
);

const readOnlyLost = perNode(
  {
    code: "read-only-not-persistent",
    severity: "warning",
    title: "A restart makes the node writable",
    explains:
      "read_only is ON only since it was set at run time: after a restart the replica takes writes, and nothing but HAProxy keeps them away.",
    breaks: ["promote", "rejoin"],
  },
  ({ name, report, examination }) => {
    if (report.readOnly !== true || examination?.readOnlyOrigin !== "run-time") return null;
    // Until the restart MySQL calls a value of SET PERSIST dynamic too.
    if (examination.preflight.persistedReadOnly === true) return null;
    const fix = examination.preflight.canPersist
      ? `On ${name}: SET PERSIST ${report.superReadOnly === true ? "super_read_only" : "read_only"} = ON;`
      : `In the configuration file of ${name}: read_only = ON`;
    return { message: `${name}: read_only was set at run time and may be gone after a restart.`, fix };
  },
);

const writableLost = perNode(
  {
    code: "writable-not-persistent",
    severity: "info",
    title: "A restart makes the primary read-only",
    explains:
      "The node that gets writes is writable only since it was made so at run time, as after a promotion: its configuration file may still say read_only.",
    breaks: ["promote"],
  },
  ({ name, report, examination }, { cluster }) => {
    if (report.readOnly !== false || examination?.readOnlyOrigin !== "run-time") return null;
    if (examination.preflight.persistedReadOnly === false) return null;
    if (cluster.writer?.expected.includes(name) !== true) return null;
    const fix = examination.preflight.canPersist
      ? `On ${name}: SET PERSIST read_only = OFF;`
      : `In the configuration file of ${name}: read_only = OFF`;
    return {
      severity: "info",
      message: `${name}: it is writable by a setting at run time; a restart asks its configuration file.`,
      fix,
    };
  },
);

const fewConnections = perNode(
  {
    code: "few-connections",
    severity: "warning",
    title: "Few connections are free",
    explains:
      "A promotion opens three connections to each node before its first step; close to max_connections that fails, or takes them from clients.",
    breaks: ["promote", "rejoin"],
  },
  ({ name, examination }) => {
    const free = examination?.preflight.freeConnections ?? null;
    if (free === null || free >= 10) return null;
    return {
      message: `${name}: ${free} connections are free below max_connections.`,
      fix: "SET GLOBAL max_connections higher, or find who holds them: signalbox, pane 6.",
    };
  },
);

const refusedKind = perNode(
  {
    code: "kind-refused",
    severity: "critical",
    title: "A cluster of this kind is not promoted",
    explains:
      "Galera, Group Replication, Aurora and RDS choose their primary themselves: signalbox shows them and refuses to move writes.",
    breaks: ["promote", "rejoin"],
  },
  ({ name, examination }) => {
    const kinds = examination?.preflight.refusedKinds ?? [];
    return kinds.length === 0
      ? null
      : {
          message: `${name}: it belongs to ${listNames(kinds)}, which chooses its primary itself.`,
          fix: "Move writes with that cluster's own means.",
        };
  },
);

const events = perNode(
  {
    code: "events-on-replica",
    severity: "warning",
    title: "Events would run on a replica",
    explains:
      "An event that is ENABLED on a replica whose scheduler is on runs there too: it writes what the primary writes as well, or fails under read_only.",
    breaks: ["promote"],
  },
  ({ name, report, examination }) => {
    const preflight = examination?.preflight;
    if (report.readOnly !== true || preflight?.eventScheduler !== "on") return null;
    const enabled = (preflight.events ?? []).filter(({ status }) => status === "enabled");
    if (enabled.length === 0) return null;
    const names = listNames(
      enabled.map((event) => `${event.schema}.${event.name}`),
      3,
    );
    return {
      message: `${name}: the event scheduler is on and would run ${names} on a replica.`,
      fix: `On ${name}: SET GLOBAL event_scheduler = OFF; (a promotion switches it on for the new primary)`,
    };
  },
);

const eventsImpossible: DoctorRule<ClusterFacts> = {
  code: "event-scheduler-disabled",
  severity: "warning",
  title: "Events could not run on the next primary",
  explains:
    "event_scheduler DISABLED at the start cannot be switched on at run time, so events of the primary would stop with a promotion to this node.",
  breaks: ["promote"],
  evaluate: (facts) => {
    const nodes = freshNodes(facts);
    const used = nodes.some(
      ({ examination }) =>
        examination?.preflight.eventScheduler === "on" &&
        examination.preflight.events?.some(({ status }) => status === "enabled") === true,
    );
    return !used
      ? []
      : nodes
          .filter(({ examination }) => examination?.preflight.eventScheduler === "disabled")
          .map(({ name }) => ({
            subject: name,
            message: `${name}: event_scheduler is DISABLED; the primary's events would stop with a promotion.`,
            fix: `In the configuration file of ${name}: event_scheduler = OFF (not DISABLED); then restart it.`,
          }));
  },
};

/** Settings whose difference changes data or breaks replication, with the names they have in a configuration file. */
const COMPARED: readonly (readonly [keyof ComparedSettings, string])[] = [
  ["binlogFormat", "binlog_format"],
  ["binlogRowImage", "binlog_row_image"],
  ["characterSetServer", "character_set_server"],
  ["collationServer", "collation_server"],
  ["lowerCaseTableNames", "lower_case_table_names"],
  ["timeZone", "time_zone"],
  ["sqlMode", "sql_mode"],
  ["gtidMode", "gtid_mode"],
  ["gtidStrict", "gtid_strict_mode"],
  ["enforceGtidConsistency", "enforce_gtid_consistency"],
];

const differing: DoctorRule<ClusterFacts> = {
  code: "settings-differ",
  severity: "warning",
  title: "A node is set up differently from the primary",
  explains:
    "Settings that have to agree between a source and its replicas differ from those of the node that gets writes now: after a promotion applications meet another server.",
  breaks: ["promote"],
  evaluate: (facts) => {
    const nodes = freshNodes(facts);
    const primary = nodes.find(({ name }) => facts.cluster.writer?.expected[0] === name);
    const wanted = primary?.examination?.preflight.settings ?? null;
    if (primary === undefined || wanted === null) return [];
    return nodes.flatMap(({ name, report, examination }): Found[] => {
      const settings = examination?.preflight.settings ?? null;
      if (settings === null || name === primary.name || report.flavor !== primary.report.flavor) return [];
      const other = COMPARED.filter(([key]) => settings[key] !== wanted[key]);
      if (other.length === 0) return [];
      const words = other.map(([key, variable]) => `${variable} ${settings[key]} (${primary.name}: ${wanted[key]})`);
      return [
        {
          subject: name,
          message: `${name}: other settings than ${primary.name}: ${listNames(words, 3)}.`,
          fix: "Make them equal in the configuration files, the primary's way.",
        },
      ];
    });
  },
};

const privileged: DoctorRule<ClusterFacts> = {
  code: "accounts-bypass-read-only",
  severity: "info",
  title: "Accounts can write to a read-only node",
  explains:
    "On MariaDB an account with READ_ONLY ADMIN (before 10.11 also SUPER) writes in spite of read_only, and so past the fence of a promotion; its sessions are ended by it.",
  breaks: ["promote"],
  evaluate: (facts) => {
    const nodes = freshNodes(facts);
    const found = nodes.flatMap(({ name, examination }) =>
      (examination?.preflight.privilegedAccounts ?? []).map(({ account, privilege }) => ({ name, account, privilege })),
    );
    return [...new Set(found.map(({ account }) => account))].map((account): Found => {
      const mine = found.filter((each) => each.account === account);
      const where = listNames(mine.map(({ name }) => name));
      const privileges = [...new Set(mine.map(({ privilege }) => privilege))].join(", ");
      return {
        subject: account,
        message: `${account} writes through read_only on ${where} (${privileges}).`,
        fix: `If an application uses it: REVOKE ${privileges} ON *.* FROM ${account};`,
      };
    });
  },
};

export const NODE_RULES: readonly DoctorRule<ClusterFacts>[] = [
  refusedKind,
  noBinlog,
  noReplicaUpdates,
  binlogFormat,
  readOnlyLost,
  events,
  eventsImpossible,
  fewConnections,
  differing,
  tooOld,
  writableLost,
  gtidLoose,
  noGtid,
  privileged,
];
