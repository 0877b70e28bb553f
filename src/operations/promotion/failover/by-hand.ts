/** What a failover leaves to people. */
import type { HandTask } from "../../../model/operation.ts";
import type { PreflightFacts } from "../../../model/preflight.ts";
import { describeSilence } from "../../view.ts";
import { configTasks, notFollowingTask, otherTask, readOnlyTask, withoutSemiSyncTasks } from "../by-hand.ts";
import { selectFollowers, sourceSideOf } from "./afterwards.ts";
import { describeHindrance, type FailoverScene } from "./scene.ts";

function fenceTask({ from, to }: FailoverScene): HandTask {
  return {
    code: "not-fenced",
    subject: from,
    message: `${from} could not be made read-only: should it come back, it is writable until it is fenced.`,
    lines: [
      `# before ${from} is started: my.cnf`,
      "[mysqld]",
      "read_only = ON",
      "skip_slave_start",
      `# and then: signalbox rejoin ${from}`,
    ],
    until: { kind: "follows", node: from, source: to },
  };
}

function rebuildTask(node: string, source: string, why: string): HandTask {
  const until = { kind: "follows", node, source } as const;
  return { code: "rebuild-node", subject: node, message: `${node} has to be rebuilt: ${why}`, lines: [], until };
}

function siblingTasks(scene: FailoverScene): HandTask[] {
  const { to, by, from } = scene;
  const followers = selectFollowers(scene);
  if (by === "file") {
    const left = scene.siblings.filter((sibling) => !followers.includes(sibling));
    const why = "what it lacks has no coordinates there without GTIDs.";
    return left.map(({ node }) => rebuildTask(node, to, `it cannot follow ${to} from where it stands, and ${why}`));
  }
  return [
    ...scene.siblings
      .filter(({ hindrance }) => hindrance === "applier-error")
      .map((sibling) => notFollowingTask(sibling.node, to, describeHindrance(sibling).replace(/\.$/, ""))),
    ...scene.silent.map((node) => notFollowingTask(node, to, `it was silent while ${to} took over from ${from}`)),
  ];
}

/** A replica has every event disabled, those that its source had switched off as well: which of them ran there only the dead primary knew. */
function eventTasks({ from, to }: FailoverScene, preflight: PreflightFacts | null): HandTask[] {
  const known = preflight?.nodes.get(to) ?? null;
  const events = (known?.events ?? []).filter(({ status }) => status === "replica-disabled");
  if (events.length === 0) return [];
  const which = `Which of the events on ${to} ran on ${from}, and which were switched off there, is not known: none is enabled.`;
  return [
    otherTask(to, which, [
      `-- on ${to}, those that have to run:`,
      ...events.map(({ schema, name }) => `ALTER EVENT ${quoteName(schema)}.${quoteName(name)} ENABLE;`),
      ...(known?.eventScheduler === "on" ? [] : ["SET GLOBAL event_scheduler = ON;"]),
    ]),
  ];
}

const quoteName = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

/** Their names on the others: a silent HAProxy tells none. */
function oldServers({ old }: FailoverScene["servers"], haproxy: string): string[] {
  const here = old.filter((each) => each.haproxy === haproxy);
  return [...new Set((here.length > 0 ? here : old).map(({ server }) => server.server))];
}

function haproxyTasks({ view, servers, from, to }: FailoverScene): HandTask[] {
  return view.cluster.haproxies
    .filter(({ reading }) => reading.state !== "fresh")
    .map(({ name, reading }) => ({
      code: "haproxy-not-changed",
      subject: name,
      message: `${name} was not changed (${describeSilence(reading)}): it may still send writes to ${from}.`,
      lines: [
        `# on ${name}, backend ${servers.backend}`,
        `set server ${servers.backend}/${from} state maint`,
        `set server ${servers.backend}/${to} state ready`,
      ],
      until: { kind: "in-maintenance", haproxy: name, backend: servers.backend, servers: oldServers(servers, name) },
    }));
}

export function collectTasks(scene: FailoverScene, preflight: PreflightFacts | null): HandTask[] {
  const { view, from, to, servers, isPair } = scene;
  const known = preflight?.nodes.get(to) ?? null;
  return [
    fenceTask(scene),
    ...haproxyTasks(scene),
    // Dead now; back it would be writable, and must not get writes.
    ...configTasks(servers, preflight?.writtenServers, "disabled"),
    ...siblingTasks(scene),
    ...(known?.canPersist === true ? [] : [readOnlyTask(view, to, false)]),
    ...(scene.variant === "multi-writer" ? [] : withoutSemiSyncTasks(sourceSideOf(scene), from, to)),
    ...(isPair
      ? [
          {
            ...otherTask(
              to,
              `${to} takes nothing more from ${from}: what ${from} alone has written would come after newer writes.`,
              [`signalbox rejoin ${from}`],
            ),
            until: { kind: "follows", node: from, source: to } as const,
          },
        ]
      : []),
    ...eventTasks(scene, preflight),
  ];
}
