/** Steps that may wait on a node: what for, in words, and how they are ended before their time. */
import type { Change } from "../../model/operation.ts";
import type { RunContext } from "./context.ts";
import { describePosition } from "./values.ts";

/** Between two attempts to end a statement: the first may come before it has begun. */
const INTERRUPT_PAUSE_MS = 250;
const INTERRUPT_MS = 2_000;

/** A statement that is ended by its bound tells what became of it within this time; in milliseconds. */
export const GRACE_MS = 1_000;

/** Ended half-way, these leave a node as it was. */
export function mayInterrupt(change: Change): change is Extract<Change, { readonly node: string }> {
  switch (change.kind) {
    case "read-only":
      return change.on;
    case "wait-position":
    case "drain-relay":
    case "clear-sessions":
      return true;
    default:
      return false;
  }
}

/** Null for what is over at once. */
export function describeWait(change: Change): string | null {
  switch (change.kind) {
    case "read-only":
      return change.on ? `${change.node} to finish the writes that run` : null;
    case "wait-position": {
      const { position } = change.position.kind === "known" ? change.position : { position: null };
      return `${change.node} to apply ${(position === null ? null : describePosition(position)) ?? "everything"}`;
    }
    case "drain-relay":
      return `${change.node} to apply what it has received`;
    case "clear-sessions":
      return `sessions of ${change.node} that could still write`;
    case "shutdown-sessions":
      return `sessions of ${change.backend}/${change.server} on ${change.haproxy} to end`;
    case "probe-writer":
      return `${change.node} to answer at the writer's address`;
    default:
      return null;
  }
}

/** Ends the statement of the node at the bound or when the signal aborts; returns the function that calls it off. */
export function armInterrupt(
  context: RunContext,
  node: string,
  limitMs: number,
  signal: AbortSignal | null,
): () => void {
  const { clock } = context.ports;
  let over = false;
  let cancel = () => {};
  const fire = () => {
    cancel();
    if (over) return;
    const bounds = { signal: new AbortController().signal, timeoutMs: INTERRUPT_MS };
    void context.ports.interrupt(node, bounds).catch(() => false);
    cancel = clock.after(INTERRUPT_PAUSE_MS, fire);
  };
  // The server has a bound of its own for most of them, and knows better why it was reached.
  cancel = clock.after(limitMs + GRACE_MS / 2, fire);
  if (signal?.aborted === true) fire();
  else signal?.addEventListener("abort", fire, { once: true });
  return () => {
    over = true;
    cancel();
    signal?.removeEventListener("abort", fire);
  };
}
