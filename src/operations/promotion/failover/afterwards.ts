/** What follows once writes flow: the other replicas, the channel to the dead primary, the readers. */
import { isUsable } from "../../../model/writer-route.ts";
import type { DraftInput } from "../../commands/command.ts";
import { nameOf } from "../../view.ts";
import { selectAddress } from "../address.ts";
import { BOUNDS, goOn, type Move } from "../move.ts";
import { type SourceSide, selectSourceSide } from "../semi-sync.ts";
import { serverState } from "../server-steps.ts";
import type { Sheet } from "../sheet.ts";
import {
  changeSource,
  type FollowBy,
  type NewSource,
  persistReadOnly,
  probeWriter,
  resetReplication,
  startReplication,
  stopReplication,
  waitPosition,
} from "../steps.ts";
import { selectEqualSiblings } from "./loss.ts";
import type { FailoverScene, Survivor } from "./scene.ts";

const SIBLING_SECONDS = 5;

/** Replicas that can follow the new primary. By GTID all but those whose applier failed; by coordinates those that hold exactly the same. */
export function selectFollowers(scene: FailoverScene): readonly Survivor[] {
  // One that takes writes already has no coordinates from before its first own write.
  if (scene.by === "file") return scene.isPair || scene.isOpen ? [] : selectEqualSiblings(scene).equal;
  return scene.siblings.filter(({ hindrance }) => hindrance !== "applier-error");
}

export function sourceSideOf(scene: FailoverScene): SourceSide {
  const { view, from, to, isPair } = scene;
  return selectSourceSide(view, from, to, isPair ? [] : selectFollowers(scene).map(({ node }) => node));
}

function selectFollowBy(scene: FailoverScene): FollowBy {
  if (scene.by === "mysql-gtid") return { follow: "auto-position", position: null };
  if (scene.by === "mariadb-gtid") return { follow: "gtid-pos", position: null };
  return { follow: "file", position: { kind: "role", role: "open", node: scene.to } };
}

/** A node that could not be pointed to the new primary serves stale rows: it leaves the readers, while another one is left. */
function leaveReaders(scene: FailoverScene, node: string): NonNullable<Move["rescue"]> {
  return selectReaderServers(scene, node).map(({ haproxy, server }) => {
    const name = { haproxy, backend: server.backend, server: server.server };
    return {
      change: { kind: "server-state", ...name, state: "maint" },
      after: [{ kind: "admin-state", ...name, state: "maint" }],
    };
  });
}

/** Servers of the node in reader backends in which somebody else stays usable. */
function selectReaderServers({ view, from }: FailoverScene, node: string) {
  const readers = view.cluster.readerBackends;
  return view.servers.filter(({ haproxy, node: name, server }) => {
    if (name !== node || !readers.includes(server.backend)) return false;
    return view
      .inBackend(haproxy, server.backend)
      .some((other) => other.node !== node && other.node !== from && isUsable(other.server));
  });
}

function followChain(scene: FailoverScene, { node, channel }: Survivor, openRead: readonly number[]): Move[] {
  const { view, settings, from, to } = scene;
  const here: NewSource = { node, channel: channel.name, source: to, ...selectAddress(view, settings, to) };
  const applied = { kind: "role", role: "applied", node: to } as const;
  const wait = waitPosition({
    node,
    channel: channel.name,
    position: applied,
    of: `${from} that ${to} has`,
    by: "file",
    timeoutSeconds: SIBLING_SECONDS,
  });
  const rescue = leaveReaders(scene, node);
  const chain = [
    ...(scene.by === "file" ? [wait] : []),
    { ...stopReplication(view, node, channel.name, null), limitMs: BOUNDS.leave },
    { ...changeSource(here, selectFollowBy(scene), { kind: "keep" }), rescue },
    { ...startReplication(here), rescue },
  ];
  const needs = openRead.length === 0 ? {} : { needs: openRead };
  return chain.map((move) => ({ ...goOn({ ...move, section: "after" }), ...needs }));
}

/** @param openRead number of the step that reads the coordinates before the candidate is opened; [] by GTID */
export function addAfterwards(
  sheet: Sheet,
  scene: FailoverScene,
  input: DraftInput,
  openRead: readonly number[],
): void {
  const { view, settings, from, to, candidate, isPair } = scene;
  const known = input.preflight?.nodes.get(to) ?? null;
  sheet.group(settings.writer?.address == null ? [] : [probeWriter(to)]);
  sheet.chains(selectFollowers(scene).map((survivor) => followChain(scene, survivor, openRead)));
  sheet.group(isPair ? [] : [resetReplication(to, candidate.channel.name)]);
  sheet.group(known?.canPersist === true ? [persistReadOnly(to, false)] : []);
  sheet.group(
    selectReaderServers(scene, from)
      .flatMap((server) =>
        serverState(view, server, "maint", {
          section: "after",
          title: `take ${nameOf(server.server)} out`,
          undoRank: null,
        }),
      )
      .map(goOn),
  );
}
