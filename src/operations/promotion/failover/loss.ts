/** Who has received most, and what would be lost for good as far as can be known. */
import type { GtidSet } from "../../../model/gtid/gtid-set.ts";
import type { MysqlReport } from "../../../model/mysql.ts";
import { type EpochMs, lastKnown } from "../../../model/reading.ts";
import type { SourcePosition } from "../../../model/source-position.ts";
import { RefusedError } from "../../errors.ts";
import {
  compareCoordinates,
  coordinates,
  countMissing,
  describeMissing,
  executedBy,
  joinSets,
  receivedBy,
} from "./holdings.ts";
import { describeHindrance, type FailoverScene, type Survivor } from "./scene.ts";

/** What a survivor can hand on: everything received when its relay logs can be applied, else what is applied. */
function obtainable({ view }: FailoverScene, { node, channel, hindrance }: Survivor): GtidSet | null {
  const report = view.report(node);
  if (report === null) return null;
  return hindrance === null ? receivedBy(report, channel) : executedBy(report);
}

const mayServe = ({ view }: FailoverScene, node: string): boolean =>
  view.report(node)?.logBin === true && view.report(node)?.logReplicaUpdates === true;

/** The replica the candidate has to fetch from first; null when none has received more. By GTID only. */
export function selectMostAdvanced(scene: FailoverScene): Survivor | null {
  if (scene.by === "file") return null;
  const own = obtainable(scene, scene.candidate);
  if (own === null) return null;
  let best: { readonly survivor: Survivor; readonly ahead: bigint } | null = null;
  for (const survivor of scene.siblings) {
    const held = obtainable(scene, survivor);
    if (held === null || !mayServe(scene, survivor.node)) continue;
    const ahead = countMissing(held, own);
    if (ahead > (best?.ahead ?? 0n)) best = { survivor, ahead };
  }
  return best?.survivor ?? null;
}

const receivedAt = ({ channel }: Survivor) => coordinates(channel.readFile, channel.readPos);

/** By coordinates: replicas that have received exactly as much as the candidate can follow it, those behind have to be rebuilt. */
export function selectEqualSiblings(scene: FailoverScene): { readonly equal: Survivor[]; readonly behind: Survivor[] } {
  const own = receivedAt(scene.candidate);
  const equal: Survivor[] = [];
  const behind: Survivor[] = [];
  for (const sibling of scene.siblings) {
    const at = receivedAt(sibling);
    const distance = own === null || at === null ? null : compareCoordinates(at, own);
    if (distance === null || distance < 0 || sibling.hindrance !== null) behind.push(sibling);
    else equal.push(sibling);
  }
  return { equal, behind };
}

/** @throws RefusedError when another replica has received more and nothing can be fetched from it: by coordinates only the furthest may be promoted */
export function assertFurthest(scene: FailoverScene): void {
  if (scene.by !== "file") return;
  const own = receivedAt(scene.candidate);
  if (own === null) {
    throw new RefusedError(`${scene.to} does not tell how far it has received.`, "Promote another replica.");
  }
  for (const sibling of scene.siblings) {
    const at = receivedAt(sibling);
    const distance = at === null ? null : compareCoordinates(at, own);
    if (distance === null || distance <= 0 || sibling.hindrance !== null) continue;
    throw new RefusedError(
      `${sibling.node} has received more than ${scene.to}: ${at?.file}:${at?.pos} against ${own.file}:${own.pos}.`,
      `Promote ${sibling.node}: without GTIDs nothing can be fetched from it.`,
    );
  }
}

const endOf = ({ position }: MysqlReport) => coordinates(position?.file ?? null, position?.pos ?? null);

/** No age: the same loss has the same words for as long as it is agreed to. */
const timeOf = (at: EpochMs): string => `at ${new Date(at).toISOString().slice(11, 19)} UTC`;
const transactions = (count: bigint): string => `${count} ${count === 1n ? "transaction" : "transactions"}`;

function lossOfPrimary(scene: FailoverScene, held: GtidSet | null): string | null {
  const { view, from, to, by, candidate } = scene;
  const last = lastKnown(view.node(from)?.reading ?? { state: "never", from });
  if (last === null) return null;
  const then = timeOf(last.at);
  if (by === "file") {
    const end = endOf(last.value);
    const own = receivedAt(candidate);
    if (end === null || own === null) return null;
    const distance = compareCoordinates(end, own);
    if (distance !== null && distance <= 0) return null;
    const told = `${from} had written up to ${end.file}:${end.pos} ${then}, ${to} has received up to ${own.file}:${own.pos}`;
    return distance === null ? `${told}: how much lies between them cannot be told` : told;
  }
  const had = executedBy(last.value);
  if (had === null || held === null) return null;
  const missing = countMissing(had, held);
  if (missing === 0n) return null;
  return `${transactions(missing)} that ${from} had ${then} (${describeMissing(had, held)})`;
}

function lossOfSibling(scene: FailoverScene, held: GtidSet | null, sibling: Survivor): string[] {
  const report = scene.view.report(sibling.node);
  if (scene.by === "file") {
    const own = receivedAt(scene.candidate);
    const at = receivedAt(sibling);
    if (own === null || at === null) return [];
    const distance = compareCoordinates(at, own);
    if (distance === null) {
      const unlike = `which ${own.file}:${own.pos} of ${scene.to} cannot be compared with`;
      return [`perhaps what ${sibling.node} has received, up to ${at.file}:${at.pos} (${unlike})`];
    }
    if (distance <= 0) return [];
    return [`what only ${sibling.node} has received, up to ${at.file}:${at.pos} (${describeHindrance(sibling)})`];
  }
  const received = report === null ? null : receivedBy(report, sibling.channel);
  if (received === null || held === null) return [];
  const missing = countMissing(received, held);
  const why = sibling.hindrance === null ? "it cannot hand them on" : describeHindrance(sibling);
  return missing === 0n ? [] : [`${transactions(missing)} that only ${sibling.node} has received (${why})`];
}

export interface Loss {
  /** Null: none known. */
  readonly known: string | null;
  readonly notes: readonly string[];
}

/** @param source replica the candidate fetches from first */
export function measureLoss(scene: FailoverScene, source: Survivor | null): Loss {
  const { view, from, to, candidate } = scene;
  const held = joinSets([obtainable(scene, candidate), source === null ? null : obtainable(scene, source)]);
  const ofPrimary = lossOfPrimary(scene, held);
  const parts = [
    ...(ofPrimary === null ? [] : [ofPrimary]),
    ...scene.siblings.flatMap((sibling) => lossOfSibling(scene, held, sibling)),
  ];
  const last = lastKnown(view.node(from)?.reading ?? { state: "never", from })?.value ?? null;
  const isKnown = last !== null && (scene.by === "file" ? endOf(last) : executedBy(last)) !== null;
  const upTo = describeReceived(candidate, scene, source);
  return {
    known: parts.length === 0 ? null : parts.join("; "),
    notes: [
      `Transactions that ${from} acknowledged after the last event that arrived${upTo} are lost, unless its disk can be read again.`,
      ...(isKnown ? [] : [`What ${from} had last was never read here: how much is lost cannot be known.`]),
      ...(source === null ? [] : [`${source.node} has received more than ${to}: ${to} fetches that from it first.`]),
    ],
  };
}

function describeReceived({ channel }: Survivor, { to }: FailoverScene, source: Survivor | null): string {
  const from = source?.channel ?? channel;
  const at: SourcePosition = { gtid: from.receivedGtid, file: from.readFile, pos: from.readPos };
  const text = at.gtid !== null && at.gtid !== "" ? at.gtid : at.file === null ? "" : `${at.file}:${at.pos}`;
  return text === "" ? "" : ` at ${source?.node ?? to} (${text})`;
}
