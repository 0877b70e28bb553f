/** Rules about haproxy.cfg: what a socket does not tell. Where the file cannot be read, one finding says so and the others are silent. */
import type { ConfigProxy } from "../../drivers/haproxy-config/config.ts";
import { findDrift } from "../../drivers/haproxy-config/drift.ts";
import type { FoundHaproxyConfig } from "../../drivers/haproxy-config/read.ts";
import type { HaproxyReport } from "../../model/haproxy.ts";
import { type ClusterFacts, freshHaproxies, freshNodes, listNames, ownBackends, versionNumber } from "../facts.ts";
import type { DoctorRule, Found } from "../finding.ts";

interface Configured {
  readonly name: string;
  readonly report: HaproxyReport;
  readonly found: FoundHaproxyConfig;
  /** Sections that hold servers of this cluster. */
  readonly proxies: readonly ConfigProxy[];
}

function configured(facts: ClusterFacts): readonly Configured[] {
  const ours = ownBackends(facts);
  return freshHaproxies(facts).flatMap(({ name, report }) => {
    const found = facts.configs.get(name)?.found ?? null;
    if (found === null) return [];
    const proxies = found.config.proxies.filter((proxy) => proxy.kind !== "frontend" && ours.has(proxy.name));
    return [{ name, report, found, proxies }];
  });
}

const fileOf = ({ found }: Configured) => found.files.join(", ");

const unknown: DoctorRule<ClusterFacts> = {
  code: "haproxy-config-unknown",
  severity: "info",
  title: "haproxy.cfg cannot be read from here",
  explains:
    "What a reload would take back, whether sessions of a dead server are ended, stickiness and drift stand in haproxy.cfg only. It is read with --haproxy-config, or found by the command line of a HAProxy that runs on this machine or on the host that its socket is reached through by SSH; else none of that can be told.",
  breaks: [],
  evaluate: (facts) =>
    freshHaproxies(facts).flatMap(({ name }): Found[] => {
      const why = facts.configs.get(name)?.why ?? null;
      if (why === null) return [];
      const message = `${name}: cannot tell what stands in haproxy.cfg only (server state file, on-marked-down, stickiness, drift): ${why}.`;
      return [{ subject: name, message, fix: "Run signalbox doctor --haproxy-config FILE with a copy of its file." }];
    }),
};

const MOST_DIFFERENCES = 4;

const drift: DoctorRule<ClusterFacts> = {
  code: "config-drift",
  severity: "warning",
  title: "haproxy.cfg says something else than what runs",
  explains:
    "Servers, roles, weights, addresses, `rise`, `fall` or `disabled` differ between the file as it is now and the process: the next reload makes the file's word true.",
  breaks: ["promote", "drain", "maint"],
  evaluate: (facts) =>
    configured(facts).flatMap((each): Found[] => {
      const differences = findDrift(each.found.config, each.report);
      if (differences.length === 0) return [];
      const message = `${each.name}: a reload would change what runs: ${listNames(differences, MOST_DIFFERENCES)}.`;
      const fix = `Put ${fileOf(each)} right, or reload on purpose: haproxy -c -f FILE && systemctl reload haproxy`;
      return [{ subject: each.name, message, fix }];
    }),
};

const stateFile: DoctorRule<ClusterFacts> = {
  code: "server-state-file-missing",
  severity: "warning",
  title: "A reload forgets drain, maintenance and weights",
  explains:
    "Without `load-server-state-from-file` a reload puts every server back to what haproxy.cfg says: a server in maintenance gets traffic again, and after a promotion the old primary is the active writer again.",
  breaks: ["drain", "maint", "weight", "promote"],
  evaluate: (facts) =>
    configured(facts).flatMap((each): Found[] => {
      const { config } = each.found;
      const without = each.proxies.filter(
        ({ stateFrom }) => stateFrom === "none" || (stateFrom === "global" && config.stateFile === null),
      );
      if (without.length === 0) return [];
      const names = listNames(without.map(({ name }) => name));
      return [
        {
          subject: each.name,
          message: `${each.name}: a reload forgets drain, maint and weights of ${names}: no state is loaded from a file.`,
          fix: `In ${fileOf(each)}: global: server-state-file /var/lib/haproxy/state; defaults: load-server-state-from-file global; and write it before each reload: echo "show servers state" | socat - SOCKET > /var/lib/haproxy/state`,
        },
      ];
    }),
};

const lingering: DoctorRule<ClusterFacts> = {
  code: "sessions-outlive-server",
  severity: "info",
  title: "Sessions stay on a server that is DOWN or in maintenance",
  explains:
    "Without `on-marked-down shutdown-sessions` clients of a dead or hanging server wait for their own time-outs, and maintenance ends no session.",
  breaks: ["maint"],
  evaluate: (facts) =>
    configured(facts).flatMap((each): Found[] => {
      const writer = facts.cluster.writer?.backend;
      const proxy = each.proxies.find(({ name }) => name === writer);
      const servers = proxy?.servers.filter(({ onMarkedDown }) => onMarkedDown !== "shutdown-sessions") ?? [];
      if (proxy === undefined || servers.length === 0) return [];
      const subject = `${each.name} ${proxy.name}`;
      return [
        {
          subject,
          message: `${subject}: sessions stay on a server that goes DOWN or into maint (${listNames(servers.map(({ name }) => name))}).`,
          fix: `On their server lines: on-marked-down shutdown-sessions. Until then: signalbox shutdown-sessions ${proxy.name}/SERVER`,
        },
      ];
    }),
};

const allBackups: DoctorRule<ClusterFacts> = {
  code: "allbackups",
  severity: "warning",
  title: "All backups of the writer backend take writes at once",
  explains:
    "With `option allbackups` every usable backup gets new sessions when the active server is gone, not only the first: with two backups writes go to two nodes.",
  breaks: ["promote"],
  evaluate: (facts) =>
    configured(facts).flatMap((each): Found[] => {
      const proxy = each.proxies.find(({ name }) => name === facts.cluster.writer?.backend);
      if (proxy?.allBackups !== true || facts.cluster.writer?.multiWriter === true) return [];
      const backups = proxy.servers.filter(({ backup }) => backup).length;
      const subject = `${each.name} ${proxy.name}`;
      return [
        {
          severity: backups > 1 ? "critical" : "warning",
          subject,
          message: `${subject}: option allbackups: without its active server, ${backups > 1 ? `all ${backups} backups get writes at once` : "every backup would get writes"}.`,
          fix: `Take "option allbackups" out of ${proxy.name} in ${fileOf(each)}.`,
        },
      ];
    }),
};

const sticky: DoctorRule<ClusterFacts> = {
  code: "stick-table",
  severity: "warning",
  title: "Known clients stay on a drained server",
  explains:
    "With `stick on` a client that the table knows goes back to its server also while that is drained or of weight 0: a drain may never end. Only maintenance moves it.",
  breaks: ["drain"],
  evaluate: (facts) =>
    configured(facts).flatMap((each) =>
      each.proxies
        .filter(({ sticks }) => sticks)
        .map(({ name }): Found => {
          const subject = `${each.name} ${name}`;
          const message = `${subject}: stick rules send known clients to their server even while it is drained.`;
          return { subject, message, fix: `Use maint instead of drain there, or: clear table ${name}` };
        }),
    ),
};

const STATIC = /^(static-rr|source|uri|url_param|hdr|rdp-cookie|first)/;

const staticBalance: DoctorRule<ClusterFacts> = {
  code: "static-balance",
  severity: "info",
  title: "Weights cannot be set freely",
  explains: "A static balance algorithm takes only the weights 0% and 100% at run time.",
  breaks: ["weight"],
  evaluate: (facts) =>
    configured(facts).flatMap((each) =>
      each.proxies
        .filter(({ balance }) => balance !== null && STATIC.test(balance))
        .map(({ name, balance }): Found => {
          const subject = `${each.name} ${name}`;
          const message = `${subject}: balance ${balance} takes the weights 0% and 100% only.`;
          return { subject, message, fix: "Use balance roundrobin or leastconn where weights are needed." };
        }),
    ),
};

const agents: DoctorRule<ClusterFacts> = {
  code: "agent-check",
  severity: "warning",
  title: "An agent can undo a drain",
  explains:
    "An `agent-check` that answers `ready` clears drain and maintenance of an operator within one interval, and sets weights.",
  breaks: ["drain", "maint", "weight"],
  evaluate: (facts) =>
    freshHaproxies(facts).flatMap(({ name, report }) =>
      report.servers
        .filter(({ backend, agentEnabled }) => agentEnabled === true && ownBackends(facts).has(backend))
        .map(({ backend, server }): Found => {
          const subject = `${name} ${backend}/${server}`;
          const message = `${subject}: its agent may clear drain and maint, and overwrite the weight.`;
          return {
            subject,
            message,
            fix: `Before maintenance, on the socket of ${name}: disable agent ${backend}/${server}`,
          };
        }),
    ),
};

const NO_NATIVE_PASSWORD = 900;

const mysqlCheck: DoctorRule<ClusterFacts> = {
  code: "check-cannot-work",
  severity: "warning",
  title: "",
  explains: "",
  breaks: ["ready", "promote"],
  evaluate: (facts) =>
    configured(facts).flatMap((each) =>
      each.proxies
        .filter(({ check }) => check === "mysql")
        .flatMap((proxy) => proxy.servers.filter(({ check }) => check).map(({ name }) => ({ proxy: proxy.name, name })))
        .flatMap(({ proxy, name }): Found[] => {
          const subject = `${each.name} ${proxy}/${name}`;
          if (facts.cluster.alerts.some((alert) => alert.code === "check-cannot-work" && alert.subject === subject))
            return [];
          const node = facts.cluster.nodes.find(({ servers }) =>
            servers.some(({ server }) => server.backend === proxy && server.server === name),
          );
          const report = freshNodes(facts).find((fresh) => fresh.name === node?.name)?.report;
          if (report === undefined || report.flavor === "mariadb") return [];
          if ((versionNumber(report.version) ?? 0) < NO_NATIVE_PASSWORD) return [];
          const message = `${subject}: option mysql-check cannot log in to MySQL ${report.version}, which has no mysql_native_password.`;
          return [
            {
              subject,
              message,
              fix: 'Replace "option mysql-check" by "option tcp-check", and set host_cache_size=0 on the node.',
            },
          ];
        }),
    ),
};

/** Found by the file before a check has failed; the alert of the same code has its title. */
export const CHECK_BY_FILE = mysqlCheck;

export const HAPROXY_CONFIG_RULES: readonly DoctorRule<ClusterFacts>[] = [
  drift,
  stateFile,
  allBackups,
  sticky,
  agents,
  lingering,
  staticBalance,
  unknown,
];
