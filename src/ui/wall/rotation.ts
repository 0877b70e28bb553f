/** `--rotate`: which cluster is on screen. The worst comes first in every round; one that gets worse is shown at once. */
export interface Rotation {
  readonly shown: string;
  readonly sinceMs: number;
  /** Still to be shown in this round. */
  readonly queue: readonly string[];
}

export interface RotationInput {
  /** All clusters, worst first. */
  readonly order: readonly string[];
  /** Those that just got worse, worst first. */
  readonly worsened: readonly string[];
  readonly nowMs: number;
  readonly rotateMs: number;
}

/** Null while there is no cluster. */
export function stepRotation(rotation: Rotation | null, input: RotationInput): Rotation | null {
  const { order, worsened, nowMs, rotateMs } = input;
  const first = order[0];
  if (first === undefined) return null;
  const urgent = worsened.filter((name) => order.includes(name));
  const [next] = urgent;
  if (next !== undefined) {
    const rest = (rotation?.queue ?? order).filter((name) => !urgent.includes(name));
    return { shown: next, sinceMs: nowMs, queue: [...urgent.slice(1), ...rest] };
  }
  if (rotation === null || !order.includes(rotation.shown))
    return { shown: first, sinceMs: nowMs, queue: order.slice(1) };
  if (nowMs - rotation.sinceMs < rotateMs) return rotation;
  const queue = rotation.queue.filter((name) => order.includes(name));
  const [following, ...rest] = queue.length > 0 ? queue : order;
  return { shown: following ?? first, sinceMs: nowMs, queue: rest };
}
