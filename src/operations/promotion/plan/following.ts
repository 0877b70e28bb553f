/** After writes flow again: siblings and the old primary are pointed to the new one, which forgets whom it followed. */
import type { ClusterSettings } from "../../../model/settings.ts";
import { selectAddress } from "../address.ts";
import { goOn, inSection, type Move } from "../move.ts";
import type { Sheet } from "../sheet.ts";
import {
  changeSource,
  confirmContained,
  confirmPosition,
  type FollowBy,
  gtidPosition,
  type NewSource,
  persistReadOnly,
  probeWriter,
  resetReplication,
  semiSync,
  startReplication,
  stopReplication,
  waitPosition,
} from "../steps.ts";
import { channelTo } from "../variant.ts";
import { eventMoves } from "./events.ts";
import { type SourceLogin, selectLogin } from "./login.ts";
import { rescueReaders } from "./readers.ts";
import type { Sibling, Switch } from "./switch.ts";

/** Seconds a sibling has to reach the last position of the old primary, outside the write stop. */
const REACH_SECONDS = 15;

type Chain = readonly Move[];

const after = (move: Move): Move => goOn(inSection("after", move));

function followBy({ variant, to }: Switch): FollowBy {
  switch (variant) {
    case "mysql-gtid":
      return { follow: "auto-position", position: null };
    case "mariadb-gtid":
      return { follow: "gtid-pos", position: null };
    default:
      return { follow: "file", position: { kind: "role", role: "open", node: to } };
  }
}

const moved = ({ from, siblings }: Switch): string[] => [from, ...siblings.map(({ node }) => node)];

/** Change and start; when one of them fails for good the node leaves the readers. */
function follow(plan: Switch, to: NewSource, login: SourceLogin): readonly [Move, Move] {
  const rescue = rescueReaders(plan.view, to.node, moved(plan));
  const withRescue = (move: Move): Move => (rescue.length === 0 ? move : { ...move, rescue });
  return [withRescue(changeSource(to, followBy(plan), login)), withRescue(startReplication(to))];
}

function sourceFor(plan: Switch, node: string, channel: string): NewSource {
  return { node, channel, source: plan.to, ...selectAddress(plan.view, plan.settings, plan.to) };
}

const KEEP: SourceLogin = { kind: "keep" };

function stopSibling({ view }: Switch, { node, channel }: Sibling): Move {
  return after(stopReplication(view, node, channel.name, null));
}

/** By GTID every node finds its own place: all chains run side by side. */
export function addFollowingByGtid(sheet: Sheet, plan: Switch): void {
  const { from, variant, siblings } = plan;
  const old: Chain = [
    goOn(confirmContained(from, plan.to)),
    ...(variant === "mariadb-gtid" ? [gtidPosition(from)] : []),
    ...followOfOld(plan),
  ];
  const chains = siblings.map((sibling): Chain => {
    const to = sourceFor(plan, sibling.node, sibling.channel.name);
    return [stopSibling(plan, sibling), ...follow(plan, to, KEEP)];
  });
  sheet.chains([...single(routeMoves(plan)), ...chains, old]);
}

/**
 * By coordinates only a node that stands exactly at the last position of the old primary has a place in the new one's log: siblings reach it
 * and are stopped before the old primary follows, whose log moves from then on.
 */
export function addFollowingByFile(sheet: Sheet, plan: Switch): void {
  const { from, siblings } = plan;
  const position = { kind: "role", role: "stop", node: from } as const;
  const first = sheet.group([
    ...routeMoves(plan),
    ...siblings.map(({ node, channel }) =>
      after(
        waitPosition({ node, channel: channel.name, position, of: from, by: "file", timeoutSeconds: REACH_SECONDS }),
      ),
    ),
  ]);
  const waits = first.slice(first.length - siblings.length);
  const stops = sheet.group(
    siblings.map((sibling, index) => ({ ...stopSibling(plan, sibling), needs: numbers(waits[index]) })),
  );
  // Stopped siblings without a place to go serve old data.
  const rescue = siblings.flatMap(({ node }) => rescueReaders(plan.view, node, moved(plan)));
  const [unmoved] = sheet.group([{ ...after(confirmPosition(from, "stop")), rescue }]);
  const chains = siblings.map((sibling, index): Chain => {
    const to = sourceFor(plan, sibling.node, sibling.channel.name);
    const [change, start] = follow(plan, to, KEEP);
    return [{ ...change, needs: numbers(stops[index], unmoved) }, start];
  });
  const [change, start] = followOfOld(plan);
  // A sibling that has not stopped would go on in the log of the old primary, and lose its place in the new one's.
  sheet.chains([...chains, [{ ...change, needs: numbers(...stops, unmoved) }, start]]);
}

function numbers(...found: readonly (number | undefined)[]): number[] {
  return found.flatMap((number) => number ?? []);
}

const single = (moves: readonly Move[]): Chain[] => moves.map((move) => [move]);

/** The old primary follows over its default channel, or over what is left of one to the new primary. */
function followOfOld(plan: Switch): readonly [Move, Move] {
  const { view, from, to } = plan;
  const login = selectLogin(plan, from, { node: to, channel: plan.channel.name });
  return follow(plan, sourceFor(plan, from, channelTo(view, from, to)?.name ?? ""), login);
}

/** What needs no other step: who answers through HAProxy, events, and semi-sync, which would make the applier of a replica wait. */
export function routeMoves(plan: Switch): Move[] {
  const { view, settings, from } = plan;
  const wasSemiSync = view.report(from)?.semiSync?.sourceEnabled === true;
  return [...probe(settings, plan.to), ...eventMoves(plan), ...(wasSemiSync ? [semiSync(from, false, null)] : [])];
}

const probe = (settings: ClusterSettings, node: string): Move[] =>
  (settings.writer?.address ?? null) === null ? [] : [probeWriter(node)];

/** The candidate's former channel: a restart would connect it to the old primary again. Kept while its password is still to be read. */
export function addForgetting(sheet: Sheet, plan: Switch): void {
  const { to, from, channel } = plan;
  const reader = sheet
    .drafts()
    .findIndex(
      ({ change }) => change.kind === "change-source" && change.node === from && change.login.kind === "from-node",
    );
  sheet.group([{ ...resetReplication(to, channel.name), ...(reader < 0 ? {} : { needs: [reader + 1] }) }]);
}

export function addPersisting(sheet: Sheet, { preflight, from, to }: Switch): void {
  const can = (node: string) => preflight?.nodes.get(node)?.canPersist === true;
  sheet.group([...(can(from) ? [persistReadOnly(from, true)] : []), ...(can(to) ? [persistReadOnly(to, false)] : [])]);
}
