/** keepalived: the number in a track_file of the instance is the one thing that changes who holds the address, can be taken back, and leaves every host in. Pure. */
import type { KeepalivedInstance, TrackFile } from "../../model/floating-move.ts";
import { BY_HAND, type FoundMeans, type MeansStep, type NoMeans, noMeans } from "./found-means.ts";
import type { Machine } from "./machines.ts";

/** Lowest and highest priority of VRRP; a sum of weights below the least puts an instance into FAULT. */
const LOWEST = 1;
const HIGHEST = 254;
const LEAST_SUM = -253;

/** Priority by the file and its track_files; null where a number could not be read. Scripts and interfaces are not in it. */
function effectivePriority({ priority, trackFiles }: KeepalivedInstance): number | null {
  let sum = priority;
  for (const { weight, value } of trackFiles) {
    if (value === null) return null;
    sum += weight * value;
  }
  return Math.min(HIGHEST, Math.max(LOWEST, sum));
}

/** A file that can be written without putting the instance into FAULT. */
function selectLever({ trackFiles }: KeepalivedInstance): TrackFile | null {
  return (
    trackFiles.find(
      ({ path, weight, value, writable }) =>
        path !== null && writable === true && value !== null && weight !== 0 && Math.abs(weight) <= -LEAST_SUM,
    ) ?? null
  );
}

const TRACK_FILE_ADVICE =
  "Give the instance a track_file of weight 1 that the account of signalbox can write (docs/floating-ip.md), or move it by hand: stop keepalived on the holder, and start it again where `nopreempt` keeps the address from coming back.";

function describeNoLever(name: string, instance: KeepalivedInstance): NoMeans {
  const { trackFiles } = instance;
  if (trackFiles.length === 0) {
    const message = `${instance.name} on ${name} has no track_file: keepalived has no other means to give an address away while it runs.`;
    return noMeans(name, message, TRACK_FILE_ADVICE);
  }
  const unwritable = trackFiles.find(
    ({ path, weight, writable }) => path !== null && weight !== 0 && writable !== true,
  );
  if (unwritable !== undefined) {
    const advice = `Let the account write ${unwritable.path} on ${name} (chgrp and chmod g+w); no root is needed.`;
    const message = `${unwritable.path} on ${name} cannot be written by the account: keepalived reads from it how to change its priority.`;
    return { guard: "address-right", verdict: "block", subject: name, message, advice };
  }
  const message = `No track_file of ${instance.name} on ${name} can be used: weight 0 and weights beyond 253 put the instance into FAULT, and another number than a whole one, or no whole path, is not touched.`;
  return noMeans(name, message, TRACK_FILE_ADVICE);
}

/** The number that brings the priority down to 1, or as near as the weight allows without FAULT. */
function lowerTo({ priority, trackFiles }: KeepalivedInstance, lever: TrackFile): number {
  const others = trackFiles
    .filter((each) => each !== lever)
    .reduce((sum, { weight, value }) => sum + weight * (value ?? 0), 0);
  const size = Math.abs(lever.weight);
  const wanted = Math.ceil((priority + others - LOWEST) / size);
  const most = Math.floor(-LEAST_SUM / size);
  const count = Math.max(0, Math.min(wanted, most));
  return count === 0 ? 0 : lever.weight > 0 ? -count : count;
}

function writeStep(host: Machine, lever: TrackFile, value: number, title: string, found: string): MeansStep {
  const file = lever.path ?? "";
  const before = lever.value ?? 0;
  return {
    host,
    means: { by: "keepalived", file, value },
    undo: { host, means: { by: "keepalived", file, value: before } },
    title,
    found,
  };
}

function refuseInstance({ name, move }: Machine): NoMeans | null {
  const facts = move?.keepalived ?? null;
  const instance = facts?.instance ?? null;
  if (instance === null) {
    const why = facts?.problem ?? "keepalived.conf cannot be read";
    const advice =
      "The account of signalbox has to be able to read it; its passwords stay on the host. Or move it by hand.";
    return { ...noMeans(name, `How ${name} comes by its priority is not known: ${why}.`, advice), verdict: "unknown" };
  }
  if (instance.syncGroup !== null) {
    const message = `${instance.name} on ${name} is in the vrrp_sync_group ${instance.syncGroup}: its instances move together, and not by a track_file of one.`;
    return noMeans(name, message, TRACK_FILE_ADVICE);
  }
  if (instance.priority > HIGHEST) {
    return noMeans(
      name,
      `${instance.name} on ${name} owns the address (priority 255): it never gives it away.`,
      BY_HAND,
    );
  }
  if (effectivePriority(instance) !== null) return null;
  const message = `A track_file of ${instance.name} on ${name} cannot be read: its priority is not known.`;
  return { ...noMeans(name, message, "Let the account read it."), verdict: "unknown" };
}

export function selectKeepalived(from: Machine, to: Machine): FoundMeans {
  const refusal = refuseInstance(from) ?? refuseInstance(to);
  const [own, other] = [from, to].map(({ move }) => move?.keepalived?.instance ?? null);
  if (refusal !== null || own == null || other == null) return refusal ?? noMeans(to.name, "Not known.", BY_HAND);
  if (!other.preempts) {
    const message = `${other.name} on ${to.name} has nopreempt: it takes no address from a holder that lives, whatever the priorities.`;
    const advice = `By hand: \`systemctl restart keepalived\` on ${from.name}; with nopreempt there too the address stays on ${to.name}.`;
    return noMeans(to.name, message, advice);
  }
  const steps: MeansStep[] = [];
  const held = heldDown(other);
  const raised = held === null ? other : withValue(other, held, 0);
  const target = effectivePriority(raised) ?? LOWEST;
  const now = effectivePriority(own) ?? LOWEST;
  if (held !== null) {
    if (held.writable !== true || held.path === null) return describeNoLever(to.name, other);
    const found = `priority ${effectivePriority(other)}, the file says ${held.value}`;
    steps.push(writeStep(to, held, 0, `take its priority ${target} again`, found));
  }
  if (held === null || target <= now) {
    const lever = selectLever(own);
    if (lever === null) return describeNoLever(from.name, own);
    const value = lowerTo(own, lever);
    const lowered = effectivePriority(withValue(own, lever, value)) ?? HIGHEST;
    if (lowered >= target) {
      const message = `${own.name} on ${from.name} would have priority ${lowered} at the least and ${to.name} has ${target}: it would not move.`;
      return noMeans(from.name, message, "Use a track_file of weight 1.");
    }
    const found = `priority ${now}, the file says ${lever.value}`;
    steps.push(writeStep(from, lever, value, `lower its priority to ${lowered}, below ${target}`, found));
  }
  return { steps, notes: describeAfter(from, to, [own, other]) };
}

function describeAfter(from: Machine, to: Machine, instances: readonly KeepalivedInstance[]): string[] {
  const tracks = [...new Set(instances.flatMap(({ otherTracks }) => otherTracks))];
  return [
    `${from.name} stays a backup that takes the address over when ${to.name} is gone; \`signalbox undo\`, or a move back, gives it its priority again.`,
    ...(tracks.length === 0
      ? []
      : [
          `${tracks.join(", ")} of keepalived may change the priorities too: who really takes the address is read afterwards.`,
        ]),
  ];
}

/** The file that keeps a host below what its configuration gives it; null: none. */
function heldDown({ trackFiles }: KeepalivedInstance): TrackFile | null {
  return trackFiles.find(({ weight, value }) => value !== null && weight * value < 0) ?? null;
}

function withValue(instance: KeepalivedInstance, file: TrackFile, value: number): KeepalivedInstance {
  const trackFiles = instance.trackFiles.map((each) => (each === file ? { ...each, value } : each));
  return { ...instance, trackFiles };
}
