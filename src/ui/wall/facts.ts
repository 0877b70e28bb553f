/** What the wall tells of one cluster: who gets the writes, how far the replicas are behind, who does not answer. Pure. */
import { type EpochMs, lastKnown, type Reading } from "../../model/reading.ts";
import type { ClusterSnapshot, NodeSnapshot } from "../../model/snapshot.ts";
import { selectExpected } from "../../model/status-view.ts";
import { formatAge, formatCoarse } from "../format/duration.ts";
import { safeText } from "../format/text.ts";
import type { LagLimits } from "../state/state.ts";
import type { Token } from "../theme.ts";
import type { Told } from "./state.ts";

/** One figure or name in large type. */
export interface Fact {
  readonly text: string;
  readonly token: Token;
  /** In ordinary type below or beside it; empty where there is nothing to say. */
  readonly note: string;
}

/** Who gets writes as HAProxy chooses now. Unknown (`?`) when no HAProxy that has the backend answers. */
export function selectWriterFact({ writer, haproxies }: ClusterSnapshot): Fact {
  if (writer === null) {
    const isSeen = haproxies.length > 0 && haproxies.every(({ reading }) => reading.state === "fresh");
    if (isSeen) return { text: "-", token: "dim", note: "no writer backend" };
    return { text: "?", token: "unknown", note: "no writer backend is known" };
  }
  const { backend, multiWriter, probe } = writer;
  const expected = selectExpected(writer, { haproxies });
  if (expected === null) return { text: "?", token: "unknown", note: `no HAProxy tells who gets ${safeText(backend)}` };
  if (expected.length === 0) return { text: "nobody", token: "critical", note: `${safeText(backend)} has no server` };
  const text = safeText(expected.join("+"));
  if (expected.length > 1 && !multiWriter) return { text, token: "critical", note: "more than one" };
  if (probe?.state === "fresh" && probe.mismatch !== null) {
    const answers = safeText(probe.last?.name ?? "another server");
    const note = probe.mismatch === "read-only" ? "refuses writes" : `${answers} answers there`;
    return { text, token: probe.confirmed ? "critical" : "warning", note };
  }
  return { text, token: "strong", note: "" };
}

/** The worst lag that is known, without a configured delay, and a `?` when that of any replica is not known: never 0 for unknown. */
export function selectLagFact(cluster: ClusterSnapshot, limits: LagLimits): Fact & { readonly level: Told["lag"] } {
  const replicas = cluster.nodes.filter((node) => mayBeReplica(node, cluster));
  if (replicas.length === 0) {
    const isSeen = cluster.nodes.length > 0 && cluster.nodes.every(({ reading }) => reading.state === "fresh");
    if (isSeen) return { text: "-", token: "dim", note: "no replicas", level: "ok" };
    return { text: "?", token: "unknown", note: "", level: "unknown" };
  }
  const lags = replicas.flatMap((node) => readLags(node).map((seconds) => ({ name: node.name, seconds })));
  const known = lags.flatMap(({ name, seconds }) => (seconds === null ? [] : [{ name, seconds }]));
  const unknown = [...new Set(lags.flatMap(({ name, seconds }) => (seconds === null ? [safeText(name)] : [])))];
  const worst = known.sort((a, b) => b.seconds - a.seconds)[0];
  const note = unknown.length === 0 ? "" : `not known: ${unknown.join(" ")}`;
  if (worst === undefined) return { text: "?", token: "unknown", note, level: "unknown" };
  const level = rateLag(worst.seconds, limits);
  const figure = formatCoarse(worst.seconds);
  const whose = level === "ok" ? "" : safeText(worst.name);
  if (unknown.length === 0) return { text: figure, token: level === "ok" ? "strong" : level, note: whose, level };
  const isWorse = level === "critical";
  return { text: `${figure}+?`, token: isWorse ? level : "unknown", note, level: isWorse ? level : "unknown" };
}

function rateLag(seconds: number, { warningSeconds, criticalSeconds }: LagLimits): "ok" | "warning" | "critical" {
  if (seconds >= criticalSeconds) return "critical";
  return seconds >= warningSeconds ? "warning" : "ok";
}

/** A node that was never heard may be one, unless it gets the writes. */
function mayBeReplica(node: NodeSnapshot, { writer }: ClusterSnapshot): boolean {
  if (node.channels.length > 0) return true;
  return lastKnown(node.reading) === null && !(writer?.expected.includes(node.name) ?? false);
}

/** Null where it is not known. */
function readLags({ reading, channels }: Pick<NodeSnapshot, "reading" | "channels">): readonly (number | null)[] {
  if (reading.state !== "fresh") return [null];
  return channels.map(({ lagSeconds, delaySeconds }) =>
    lagSeconds === null ? null : Math.max(0, lagSeconds - (delaySeconds ?? 0)),
  );
}

export interface Sight {
  readonly nodes: { readonly answering: number; readonly all: number };
  readonly haproxies: { readonly answering: number; readonly all: number };
  /** Who does not answer, with the age of the last answer: `db4 12s`. */
  readonly silent: readonly string[];
}

export function selectSight({ nodes, haproxies }: ClusterSnapshot, now: EpochMs): Sight {
  const endpoints: readonly { readonly name: string; readonly reading: Reading<unknown> }[] = [...haproxies, ...nodes];
  const silent = endpoints.flatMap(({ name, reading }) => {
    if (reading.state === "fresh") return [];
    const known = lastKnown(reading);
    return [`${safeText(name)} ${known === null ? "never" : formatAge(Math.max(0, now - known.at))}`];
  });
  const count = (of: readonly { readonly reading: { readonly state: string } }[]) => ({
    answering: of.filter(({ reading }) => reading.state === "fresh").length,
    all: of.length,
  });
  return { nodes: count(nodes), haproxies: count(haproxies), silent };
}
