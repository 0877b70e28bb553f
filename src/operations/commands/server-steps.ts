/** Steps that change one server on every HAProxy that has it: one group per server, so that the HAProxies are changed in parallel. */
import type { Change, Fact, WatchedServer } from "../../model/operation.ts";
import { freshValue } from "../../model/reading.ts";
import { describeServer } from "../admin-state.ts";
import type { ServerTarget } from "../targets.ts";
import { type ClusterView, nameOf, type ServerView } from "../view.ts";
import type { StepDraft } from "./command.ts";

export interface ServerChange {
  /** `drain read_nodes/db2`. */
  readonly title: string;
  readonly change: Change;
  readonly before: readonly Fact[];
  readonly after: readonly Fact[];
  readonly undo: StepDraft["undo"];
}

/** The process the plan is made for; no fact where HAProxy does not tell, which a guard then refuses. */
export function pidFact(view: ClusterView, haproxy: string): Fact[] {
  const reading = view.haproxy(haproxy)?.reading;
  const pid = reading === undefined ? null : (freshValue(reading)?.process?.pid ?? null);
  return pid === null ? [] : [{ kind: "pid", haproxy, pid }];
}

export function watched({ haproxy, server }: ServerView): WatchedServer {
  return { haproxy, backend: server.backend, server: server.server };
}

/** All servers of the targets, those of one name together, in the order of the targets. */
export function groupServers(targets: readonly ServerTarget[]): (readonly ServerView[])[] {
  const groups = new Map<string, ServerView[]>();
  for (const view of targets.flatMap(({ servers }) => servers)) {
    const name = nameOf(view.server);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [view]);
    else group.push(view);
  }
  return [...groups.values()];
}

/** `draft` gives null where nothing has to be done; groups are numbered without gaps. */
export function draftServerSteps(
  view: ClusterView,
  targets: readonly ServerTarget[],
  draft: (server: ServerView) => ServerChange | null,
): StepDraft[] {
  const steps: StepDraft[] = [];
  let group = 1;
  for (const servers of groupServers(targets)) {
    const drafted = servers.flatMap((each) => {
      const found = draft(each);
      return found === null ? [] : [{ each, found }];
    });
    for (const { each, found } of drafted) {
      steps.push({
        group,
        title: found.title,
        target: { kind: "haproxy", haproxy: each.haproxy },
        change: found.change,
        before: [...pidFact(view, each.haproxy), ...found.before],
        after: found.after,
        undo: found.undo,
        found: describeServer(each.server),
      });
    }
    if (drafted.length > 0) group += 1;
  }
  return steps;
}

/** `db2`, `read_nodes/db2 and db3`, `5 targets`. */
export function describeTargets(texts: readonly string[]): string {
  const [first = "", second] = texts;
  if (second === undefined) return first;
  return texts.length === 2 ? `${first} and ${second}` : `${texts.length} targets`;
}
