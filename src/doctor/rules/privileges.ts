/** Rules about what our account may do on each node. */
import type { MissingGrant, NodePreflight } from "../../model/preflight.ts";
import { type ClusterFacts, listNames } from "../facts.ts";
import type { Command, DoctorRule, Found } from "../finding.ts";

type Kind = MissingGrant["kinds"][number];

/** Commands that send a change of this kind, beside `promote` and `rejoin`, which send nearly all. */
const COMMANDS: Readonly<Partial<Record<Kind, readonly Command[]>>> = {
  replication: ["replica", "promote", "rejoin"],
  "change-source": ["promote", "rejoin"],
  "reset-replication": ["promote", "rejoin"],
  "gtid-position": ["promote", "rejoin"],
  "read-only": ["read-only", "promote", "rejoin"],
  "kill-session": ["kill-session"],
  "clear-sessions": ["promote"],
  "event-scheduler": ["promote"],
  "enable-event": ["promote"],
  "semi-sync-source": ["promote"],
  "persist-read-only": ["promote"],
};

/** Without these a promotion cannot even be begun. */
const ESSENTIAL: ReadonlySet<Kind> = new Set(["replication", "change-source", "read-only"]);

/** Everybody who needs the statement; one that every plan needs is also one that a look needs. */
function commandsFor({ statement, kinds }: MissingGrant): readonly Command[] {
  if (kinds.length === 0) return ["status", "promote", "rejoin"];
  const commands = kinds.flatMap((kind): readonly Command[] => COMMANDS[kind] ?? ["promote"]);
  return statement === "KILL" ? ["kill-session", ...commands] : commands;
}

/** One GRANT for all of them: `GRANT a, b ON *.* TO 'ops'@'%';`. */
export function mergeGrants(missing: readonly MissingGrant[]): string {
  const privileges = new Map<string, Set<string>>();
  for (const { grant } of missing) {
    const match = /^GRANT (.+) (ON .+)$/.exec(grant);
    const [, names = "", rest = ""] = match ?? [];
    const known = privileges.get(rest) ?? new Set<string>();
    for (const name of names.split(", ")) known.add(name);
    privileges.set(rest, known);
  }
  return [...privileges].map(([rest, names]) => `GRANT ${[...names].join(", ")} ${rest}`).join(" ");
}

const missing: DoctorRule<ClusterFacts> = {
  code: "privileges-missing",
  severity: "warning",
  title: "The account lacks privileges for planned statements",
  explains:
    "SHOW GRANTS of our account against every statement that an action may send to this node. Critical when a promotion could not even be begun. The fix is the exact GRANT for this server's version.",
  breaks: ["promote", "rejoin"],
  evaluate: (facts) =>
    facts.readOnly
      ? []
      : [...facts.nodes].flatMap(([name, { examination }]): Found[] => {
          const lacking = examination?.preflight.missingGrants ?? [];
          if (examination === null || lacking.length === 0) return [];
          const { account } = examination;
          const statements = listNames([...new Set(lacking.map(({ statement }) => statement))], lacking.length);
          return [
            {
              severity: lacking.some(({ kinds }) => kinds.some((kind) => ESSENTIAL.has(kind))) ? "critical" : "warning",
              subject: name,
              message: `${name}: ${account} may not: ${statements}.`,
              breaks: [...new Set(lacking.flatMap(commandsFor))],
              fix: mergeGrants(lacking),
            },
          ];
        }),
};

const unknown: DoctorRule<ClusterFacts> = {
  code: "privileges-unknown",
  severity: "warning",
  title: "Privileges of the account cannot be told",
  explains: "SHOW GRANTS was refused or not understood: what the account may do shows at the first statement.",
  breaks: ["promote", "rejoin"],
  evaluate: (facts) =>
    [...facts.nodes].flatMap(([name, { examination }]): Found[] =>
      facts.readOnly || examination === null || examination.preflight.missingGrants !== null
        ? []
        : [
            {
              subject: name,
              message: `${name}: what ${examination.account} may do cannot be told.`,
              fix: "Look at SHOW GRANTS as that account.",
            },
          ],
    ),
};

const unread: DoctorRule<ClusterFacts> = {
  code: "facts-unreadable",
  severity: "warning",
  title: "Facts that guards need cannot be read",
  explains:
    "A guard that cannot be checked counts as failed: a promotion that touches this node is refused until the part can be read.",
  breaks: ["promote", "rejoin"],
  evaluate: (facts) =>
    [...facts.nodes].flatMap(([name, { examination, failure }]): readonly Found[] => {
      // Guards are for those who change something.
      if (failure === null && facts.readOnly) return [];
      if (failure === null)
        return describeProblems(name, examination.preflight.problems.filter(isRefusal), "cannot read");
      const fix = failure.advice ?? "Run signalbox doctor again when the node is less busy.";
      const message = `${name}: it answers, but not everything could be asked: ${failure.message}`;
      return [{ subject: name, message, fix }];
    }),
};

const untold: DoctorRule<ClusterFacts> = {
  code: "facts-not-told",
  severity: "info",
  title: "A server does not tell everything as it is set up",
  explains:
    "A part that this version or set-up has no way to tell, such as who holds table locks where performance_schema is off: plans are made without it, and what it would have shown shows while they run.",
  breaks: ["promote"],
  evaluate: (facts) =>
    [...facts.nodes].flatMap(([name, { examination }]): readonly Found[] =>
      describeProblems(
        name,
        examination?.preflight.problems.filter((problem) => !isRefusal(problem)) ?? [],
        "is not told",
      ),
    ),
};

type Problem = NodePreflight["problems"][number];

const isRefusal = ({ failure }: Problem): boolean => failure.kind !== "unsupported";

function describeProblems(name: string, problems: readonly Problem[], what: string): readonly Found[] {
  if (problems.length === 0) return [];
  const advices = [...new Set(problems.map(({ failure: { advice, message } }) => advice ?? message))];
  const parts = listNames([...new Set(problems.map(({ part }) => part))]);
  return [{ subject: name, message: `${name}: ${what}: ${parts}.`, fix: advices.join(" ") }];
}

export const PRIVILEGE_RULES: readonly DoctorRule<ClusterFacts>[] = [missing, unknown, unread, untold];
