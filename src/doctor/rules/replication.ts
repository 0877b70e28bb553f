/** Rules about the account that replicas are given when they are re-pointed. */
import type { Failure } from "../../model/reading.ts";
import { type ClusterFacts, freshNodes } from "../facts.ts";
import type { DoctorRule, Found } from "../finding.ts";

/** Without the address, so that the same said of several nodes is the same. */
function describe(node: string, { message, target }: Failure): string {
  const words = message.startsWith(target) ? `${node}${message.slice(target.length)}` : message;
  return words.endsWith(".") ? words : `${words}.`;
}

const refused: DoctorRule<ClusterFacts> = {
  code: "replication-login",
  severity: "critical",
  title: "The replication account cannot be used",
  explains:
    "The configured replication account was tried on every node, as a replica will use it: wrong password, no such account, or no right to read the binary log. A promotion to that node would leave its replicas without a source, so it is refused.",
  breaks: ["promote", "rejoin"],
  evaluate: ({ logins, readOnly }) =>
    readOnly
      ? []
      : logins.flatMap(({ node, ok, failure }): Found[] =>
          ok || failure === null
            ? []
            : [
                {
                  // A node that does not answer has a finding of its own.
                  severity: failure.kind === "auth" ? "critical" : "warning",
                  subject: node,
                  message: describe(node, failure),
                  fix: failure.advice ?? "Set replication.user and its password in the configuration of the cluster.",
                },
              ],
        ),
};

const unknown: DoctorRule<ClusterFacts> = {
  code: "replication-account-unknown",
  severity: "warning",
  title: "No login is known that replicas could be given",
  explains:
    "The configuration names no replication account, and no node keeps the password of its channel readable (MySQL: mysql.slave_master_info; MariaDB never does): nobody can be re-pointed to a new primary.",
  breaks: ["promote", "rejoin"],
  evaluate: (facts) => {
    if (facts.settings.replication !== null || facts.readOnly) return [];
    const replicas = freshNodes(facts).filter(({ report }) => (report.channels?.length ?? 0) > 0);
    if (replicas.length === 0) return [];
    const asked = replicas.filter(({ examination }) => examination !== null);
    if (asked.some(({ examination }) => examination?.preflight.hasStoredReplicationPassword === true)) return [];
    const user = replicas
      .flatMap(({ report }) => report.channels ?? [])
      .find(({ sourceUser }) => sourceUser !== null)?.sourceUser;
    return [
      {
        subject: "replication",
        message: `The configuration names no replication account, and no node gives its password back.`,
        fix: `In the cluster: replication: {user: ${user ?? "repl"}, password_env: SIGNALBOX_REPL_PASSWORD}`,
      },
    ];
  },
};

export const REPLICATION_RULES: readonly DoctorRule<ClusterFacts>[] = [refused, unknown];
