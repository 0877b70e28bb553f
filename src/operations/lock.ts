/** Advisory lock on the nodes while a disruptive plan runs, so that two operators do not pull in two directions. */
import { buildLockName } from "../model/lock-name.ts";
import type { GuardVerdict } from "../model/operation.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import type { ClusterPorts, LockHolder } from "./ports.ts";
import { buildView } from "./view.ts";

const LOCK_TIMEOUT_MS = 1_500;

type LockingPorts = Pick<ClusterPorts, "locks">;

export interface HeldLock {
  readonly refusal: GuardVerdict | null;
  /**
   * Looks whether it is still ours, and takes it again where its connection was lost. Returns a refusal when somebody else has it by now. A node
   * that does not answer can tell nobody either.
   */
  keep(): Promise<GuardVerdict | null>;
  release(): Promise<void>;
}

/** Clusters this process holds the lock of: a server grants a lock again to the connection that has it, so it cannot keep two of our own apart. */
const ownLocks = new WeakSet<LockingPorts>();

function describeHolder(holder: LockHolder | null): string {
  if (holder === null) return "somebody else";
  const who = `${holder.user ?? "an account we may not see"}@${holder.host ?? "unknown host"}`;
  return `${who} (connection ${holder.connectionId})`;
}

type Answer =
  | { readonly kind: "granted" }
  | { readonly kind: "taken"; readonly by: string; readonly since: string }
  | { readonly kind: "failed"; readonly why: string };

async function ask(ports: LockingPorts, node: string, name: string): Promise<Answer> {
  try {
    const { granted, holder } = await ports.locks.getLock(node, name, bounds());
    if (granted) return { kind: "granted" };
    const seconds = holder?.heldSeconds ?? null;
    return { kind: "taken", by: describeHolder(holder), since: seconds === null ? "" : `, for ${seconds} s now` };
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? error.message.replace(/\.$/, "") : String(error) };
  }
}

const bounds = () => ({ signal: new AbortController().signal, timeoutMs: LOCK_TIMEOUT_MS });

const TALK = "Talk to them, and wait until it has ended.";
const ALONE = "--force goes on when you know that nobody else changes this cluster.";

/**
 * Takes the lock on every node that answers, or on none. A node that is silent is left out: it cannot tell anybody either. One that answers
 * and does not give the lock, or a cluster where no node can keep it, counts as failed, since another operator may be at it.
 * @param force what could not be checked is overridden; a lock that somebody has is not
 */
export async function takeLock(ports: LockingPorts, cluster: ClusterSnapshot, force: boolean): Promise<HeldLock> {
  const name = buildLockName(cluster.name);
  const refuse = (verdict: "block" | "unknown", message: string, advice: string): HeldLock => ({
    refusal: {
      guard: "operator-lock",
      verdict,
      subject: cluster.name,
      message,
      advice,
      forceable: verdict !== "block",
    },
    keep: async () => null,
    release: async () => {},
  });
  if (ownLocks.has(ports)) {
    return refuse("block", `Another operation of this console runs on ${cluster.name}.`, "Wait until it has ended.");
  }
  ownLocks.add(ports);
  const view = buildView(cluster);
  const nodes = cluster.nodes.filter((node) => view.report(node.name) !== null).map((node) => node.name);
  const answers = await Promise.all(nodes.map(async (node) => ({ node, answer: await ask(ports, node, name) })));
  const release = async () => {
    ownLocks.delete(ports);
    // Asked for also where the answer was lost: the lock may have been given all the same.
    const kept = answers.filter(({ answer }) => answer.kind !== "taken");
    await Promise.allSettled(kept.map(({ node }) => ports.locks.releaseLock(node, name, bounds())));
  };
  const refusal = judge(cluster, name, answers, force, refuse);
  if (refusal !== null) {
    await release();
    return refusal;
  }
  const held = answers.filter(({ answer }) => answer.kind === "granted").map(({ node }) => node);
  const keep = async () => {
    const again = await Promise.all(held.map(async (node) => ({ node, answer: await askAgain(ports, node, name) })));
    const taken = again.filter(({ answer }) => answer.kind === "taken");
    return judge(cluster, name, taken, true, refuse)?.refusal ?? null;
  };
  return { refusal, keep, release };
}

/** A lock that its connection has still is not asked for a second time: the server would count, and want it given back twice. */
async function askAgain(ports: LockingPorts, node: string, name: string): Promise<Answer> {
  try {
    const holder = await ports.locks.lockHolder(node, name, bounds());
    if (holder?.own === true) return { kind: "granted" };
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
  }
  return ask(ports, node, name);
}

function judge(
  cluster: ClusterSnapshot,
  name: string,
  answers: readonly { readonly node: string; readonly answer: Answer }[],
  force: boolean,
  refuse: (verdict: "block" | "unknown", message: string, advice: string) => HeldLock,
): HeldLock | null {
  for (const { node, answer } of answers) {
    if (answer.kind !== "taken") continue;
    const message = `Another operation runs on ${cluster.name}: ${answer.by} holds the lock ${name} on ${node}${answer.since}.`;
    return refuse("block", message, TALK);
  }
  if (force) return null;
  for (const { node, answer } of answers) {
    if (answer.kind !== "failed") continue;
    const message = `${node} did not give the lock ${name} (${answer.why}): nobody knows whether another operation runs.`;
    return refuse("unknown", message, ALONE);
  }
  if (answers.length > 0 || cluster.nodes.length === 0) return null;
  const message = `No node of ${cluster.name} answers, so none can keep the lock: nobody knows whether another operation runs.`;
  return refuse("unknown", message, ALONE);
}
