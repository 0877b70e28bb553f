/** Advisory lock on the nodes while a disruptive plan runs, so that two operators do not pull in two directions. */
import { createHash } from "node:crypto";
import type { GuardVerdict } from "../model/operation.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import type { ClusterPorts, LockHolder } from "./ports.ts";
import { buildView } from "./view.ts";

/** MySQL refuses longer lock names since 5.7. */
const MAX_NAME = 64;
const LOCK_TIMEOUT_MS = 1_500;

/** `signalbox:CLUSTER`; a name that would be too long ends in a digest of the whole. */
export function buildLockName(cluster: string): string {
  const name = `signalbox:${cluster}`;
  if (Buffer.byteLength(name) <= MAX_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12);
  let head = name.slice(0, MAX_NAME - 13);
  while (Buffer.byteLength(head) > MAX_NAME - 13) head = head.slice(0, -1);
  return `${head}~${digest}`;
}

export interface HeldLock {
  readonly refusal: GuardVerdict | null;
  release(): Promise<void>;
}

function describeHolder(holder: LockHolder | null): string {
  if (holder === null) return "somebody else";
  const who = `${holder.user ?? "an account we may not see"}@${holder.host ?? "unknown host"}`;
  return `${who} (connection ${holder.connectionId})`;
}

/** Takes the lock on every node that answers, or on none. Nodes that cannot be asked are left out: they cannot tell anybody either. */
export async function takeLock(ports: ClusterPorts, cluster: ClusterSnapshot): Promise<HeldLock> {
  const name = buildLockName(cluster.name);
  const bounds = () => ({ signal: new AbortController().signal, timeoutMs: LOCK_TIMEOUT_MS });
  const view = buildView(cluster);
  const nodes = cluster.nodes.filter((node) => view.report(node.name) !== null).map((node) => node.name);
  const results = await Promise.all(
    nodes.map(async (node) => {
      try {
        return { node, ...(await ports.locks.getLock(node, name, bounds())) };
      } catch {
        return { node, granted: null, holder: null };
      }
    }),
  );
  const held = results.filter(({ granted }) => granted === true).map(({ node }) => node);
  const release = async () => {
    await Promise.allSettled(held.map((node) => ports.locks.releaseLock(node, name, bounds())));
  };
  const taken = results.find(({ granted }) => granted === false);
  if (taken === undefined) return { refusal: null, release };
  await release();
  const refusal: GuardVerdict = {
    guard: "operator-lock",
    verdict: "block",
    subject: cluster.name,
    message: `Another operation runs on ${cluster.name}: ${describeHolder(taken.holder)} holds the lock ${name} on ${taken.node}.`,
    advice: "Talk to them, and wait until it has ended.",
    forceable: false,
  };
  return { refusal, release: async () => {} };
}
