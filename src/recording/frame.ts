/** A snapshot as a recording keeps it: what crosses the worker boundary, with the figures of servers apart and without the changes, which are notes. */

import { applyPatch } from "../engine/wire/apply-patch.ts";
import { type PackedSnapshot, packSnapshot, unpackSnapshot } from "../engine/wire/packed.ts";
import { buildPatch, type Patch } from "../engine/wire/patch.ts";
import type { ServerColumns } from "../engine/wire/server-columns.ts";
import { lastKnown, type Reading } from "../model/reading.ts";
import type { ClusterSnapshot, Snapshot } from "../model/snapshot.ts";
import { applyFigures, buildFigures, type FiguresPatch } from "./figures.ts";

/** One figures block per HAProxy that was ever read, in order. */
export interface FrameParts {
  readonly still: unknown;
  readonly figures: readonly Float64Array[];
}

export interface FramePatch {
  readonly patch: Patch;
  readonly figures: readonly FiguresPatch[];
}

export class FrameEncoder {
  #packed: PackedSnapshot | null = null;
  #parts: FrameParts | null = null;

  encode(snapshot: Snapshot): FramePatch {
    const packed = packSnapshot(
      { ...snapshot, clusters: snapshot.clusters.map(leaveOutHistory), changes: [] },
      this.#packed,
    );
    const before = this.#parts;
    const parts = splitFigures(packed);
    this.#packed = packed;
    this.#parts = parts;
    return {
      patch: buildPatch(before?.still ?? null, parts.still),
      figures: parts.figures.map((each, index) => buildFigures(before?.figures[index] ?? null, each)),
    };
  }

  /** The next one stands by itself. */
  reset(): void {
    this.#parts = null;
  }
}

/** It is made of the pictures before, and is larger than all of them. */
function leaveOutHistory({ history: _history, ...cluster }: ClusterSnapshot): ClusterSnapshot {
  return cluster;
}

/** @throws Error when the patch was not made for `before` */
export function applyFrame(before: FrameParts | null, patch: Patch, figures: readonly unknown[]): FrameParts {
  return {
    still: applyPatch(before?.still ?? null, patch),
    figures: figures.map((each, index) => applyFigures(before?.figures[index] ?? null, each)),
  };
}

/** @throws Error when the parts do not fit together */
export function joinFrame({ still, figures }: FrameParts): Snapshot {
  let next = 0;
  const packed = mapColumns(still as PackedSnapshot, (columns) => {
    const block = figures[next];
    next += 1;
    if (block === undefined) throw new Error("frame: figures are missing");
    return { ...columns, figures: block };
  });
  return unpackSnapshot(packed);
}

const NO_FIGURES = new Float64Array(0);

function splitFigures(packed: PackedSnapshot): FrameParts {
  const figures: Float64Array[] = [];
  const still = mapColumns(packed, (columns) => {
    figures.push(columns.figures);
    // An empty block has no keys in JSON, and goes for nothing.
    return { ...columns, figures: NO_FIGURES };
  });
  return { still, figures };
}

function mapColumns(packed: PackedSnapshot, map: (columns: ServerColumns) => ServerColumns): PackedSnapshot {
  const clusters = packed.clusters.map((cluster) => {
    const haproxies = cluster.haproxies.map((haproxy) => {
      const reading = mapReading(haproxy.reading, (report) => ({ ...report, servers: map(report.servers) }));
      return { ...haproxy, reading };
    });
    return { ...cluster, haproxies };
  });
  return { ...packed, clusters };
}

function mapReading<T>(reading: Reading<T>, map: (value: T) => T): Reading<T> {
  if (lastKnown(reading) === null) return reading;
  if (reading.state === "failed") {
    const { last } = reading;
    return last === null ? reading : { ...reading, last: { ...last, value: map(last.value) } };
  }
  return reading.state === "never" ? reading : { ...reading, value: map(reading.value) };
}
