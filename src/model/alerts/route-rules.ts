/** Rules about the route probe: who really answers where clients connect. */
import type { RouteProbeView } from "../route-probe.ts";
import type { ReaderRoute } from "../snapshot.ts";
import { joinNames } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";

const LOOK_WHERE =
  "Look for a stick table, a second HAProxy or old worker on that address, a floating IP on another host, or a server address changed at run time.";

function findWriteMismatch({ writer, choices, nodeByName }: ClusterFacts): readonly Finding[] {
  const probe = writer?.probe ?? null;
  if (writer === null || probe === null || probe.last === null || probe.mismatch === null || !probe.confirmed)
    return [];
  const { name } = probe.last;
  const expected =
    choices.length === 0 ? "" : `, while ${writer.backend} should send writes to ${tell(writer.expected)}`;
  const finding = { node: nodeByName.has(name) ? name : null, subject: writer.backend };
  const answered = `A connection to the writer address ${probe.address} was answered by ${name}`;
  if (probe.mismatch === "other") return [{ ...finding, message: `${answered}${expected}.`, advice: LOOK_WHERE }];
  const message = `${answered}, which is read-only: writes fail there${expected}.`;
  return [{ ...finding, message, advice: LOOK_WHERE }];
}

function findReadMismatch({ backend, expected, probe }: ReaderRoute, { nodeByName }: ClusterFacts): readonly Finding[] {
  const { strangers, confirmed, address } = probe;
  if (strangers === undefined || !confirmed) return [];
  const { names, answers, of } = strangers;
  const [only = null, ...more] = names;
  const node = only !== null && more.length === 0 && nodeByName.has(only) ? only : null;
  const message = `Of the last ${of} connections to the reader address ${address}, ${answers} ${answers === 1 ? "was" : "were"} answered by ${joinNames(names)}, while ${backend} should send reads to ${tell(expected)}.`;
  return [{ severity: "warning", node, subject: backend, message, advice: LOOK_WHERE }];
}

function tell(expected: readonly string[]): string {
  return expected.length === 0 ? "nobody" : joinNames(expected);
}

const routeMismatch: AlertRule = {
  code: "route-mismatch",
  severity: "critical",
  title: "Connections do not arrive where HAProxy says",
  explains:
    "The route probe connected where clients connect (writer.address) and was answered by another server than those HAProxy's state names, or by a read-only one that no other alert tells of. Two answers in a row, or one that is 3 s old, and HAProxy was asked again after the first: a switchover raises nothing. Warning for the address of a reader, where a server that should get no reads has answered.",
  evaluate: (facts) => [
    ...findWriteMismatch(facts),
    ...facts.readerRoutes.flatMap((route) => findReadMismatch(route, facts)),
  ],
};

function findUnanswered(
  probe: RouteProbeView | null,
  { subject, what, key }: { readonly subject: string; readonly what: "writes" | "reads"; readonly key: string },
): readonly Finding[] {
  if (probe === null || probe.failure === null || !probe.failsAgain) return [];
  const { kind, message, advice } = probe.failure;
  const refused = kind === "auth" || kind === "tls";
  return [
    {
      severity: refused ? "info" : "warning",
      node: null,
      subject,
      message: `Who gets ${what} at ${probe.address} is not known: ${message}`,
      advice:
        advice ??
        `Connect there as a client does. If only signalbox cannot reach that address, correct ${key} or leave it out.`,
    },
  ];
}

const routeUnanswered: AlertRule = {
  code: "route-unanswered",
  severity: "warning",
  title: "Nobody answers where clients connect",
  explains:
    "The route probe (writer.address, and the address of a reader) got no answer twice in a row: where writes or reads really arrive is not known, and clients may meet the same. Information only when a server answered and refused the account of the probe.",
  evaluate: ({ writer, readerRoutes }) => [
    ...findUnanswered(writer?.probe ?? null, { subject: writer?.backend ?? "", what: "writes", key: "writer.address" }),
    ...readerRoutes.flatMap(({ backend, probe }) =>
      findUnanswered(probe, { subject: backend, what: "reads", key: "its address under readers:" }),
    ),
  ],
};

export const ROUTE_RULES: readonly AlertRule[] = [routeMismatch, routeUnanswered];
