/**
 * What the route probe tells: who really answers where clients connect for writes. Pure: answers in, judgement out. A single answer proves
 * nothing while writes are being moved, so a disagreement counts only when it lasts and HAProxy, asked after it, still says otherwise.
 */
import { formatAddress, normalizeHost } from "./address.ts";
import type { MysqlReport } from "./mysql.ts";
import { type EpochMs, type Failure, lastKnown, type Reading } from "./reading.ts";

/** Who answers at the address clients connect to. */
export interface RouteAnswer {
  readonly serverId: number | null;
  readonly hostname: string | null;
  readonly port: number | null;
  readonly serverUuid: string | null;
  readonly readOnly: boolean | null;
}

export interface RouteSample {
  readonly answer: RouteAnswer;
  readonly askedAt: EpochMs;
}

export interface RouteProbe {
  /** `host:port` clients connect to. */
  readonly address: string;
  readonly reading: Reading<RouteAnswer>;
  /** Absent: writes. Reads go to several servers in turn, and whether they are read-only is no matter. */
  readonly purpose?: "reads";
  /** The last answers in a row, oldest first; a failure begins anew. */
  readonly recent: readonly RouteSample[];
  /** Failures since the last answer. */
  readonly failuresInRow: number;
  /** Who was expected when it was last judged, and since when; answers asked for before that are no evidence against them. */
  readonly expectedBefore: { readonly names: readonly string[]; readonly since: EpochMs } | null;
}

/** As shown: a part of the writer's route. */
export interface RouteProbeView {
  readonly address: string;
  readonly state: Reading<unknown>["state"];
  /** Null unless the last probe failed. */
  readonly failure: Failure | null;
  readonly failedAt: EpochMs | null;
  /** True when the one before failed, too. */
  readonly failsAgain: boolean;
  /** How many of how many answers did not fit, and the names of those who gave them; only of reads. Absent: none. */
  readonly strangers?: { readonly names: readonly string[]; readonly answers: number; readonly of: number };
  /** Who answered last, whatever its age; only with `state` fresh is it the present. */
  readonly last: { readonly name: string; readonly at: EpochMs; readonly readOnly: boolean | null } | null;
  /** `other`: a server that should not get the writes answered; `read-only`: one that refuses them. Null: none, or not known. */
  readonly mismatch: "other" | "read-only" | null;
  /** False while it may be the moment of a move. */
  readonly confirmed: boolean;
}

/** A node as far as this asks. */
export interface RouteNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly reading: Reading<MysqlReport>;
}

export interface RouteScene {
  readonly nodes: readonly RouteNode[];
  /** Who gets writes as HAProxy says; null when no HAProxy that has the backend answers. */
  readonly expected: readonly string[] | null;
  /** When the oldest of those HAProxies was read; null without one. */
  readonly expectedAt: EpochMs | null;
  readonly now: EpochMs;
}

/** A disagreement that is followed by no second answer counts after this. */
const CONFIRM_AFTER_MS = 3_000;

export function viewRouteProbe(probe: RouteProbe, scene: RouteScene): RouteProbeView {
  const { reading, address } = probe;
  const known = lastKnown(reading);
  const failed = reading.state === "failed";
  const judge = probe.purpose === "reads" ? judgeReads : judgeWrites;
  const judged = reading.state === "fresh" ? judge(probe, scene) : { mismatch: null, confirmed: false };
  const readOnly = known?.value.readOnly ?? null;
  return {
    address,
    state: reading.state,
    failure: failed ? reading.failure : null,
    failedAt: failed ? reading.failedAt : null,
    failsAgain: failed && probe.failuresInRow > 1,
    last: known === null ? null : { name: identify(known.value, scene.nodes).name, at: known.at, readOnly },
    ...judged,
  };
}

/** True for the same names in any order. */
export function isSameExpectation(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

type Judgement = Pick<RouteProbeView, "mismatch" | "confirmed" | "strangers">;

/** Since when this is expected; answers asked for before are no evidence. */
function selectSince({ expectedBefore: before }: RouteProbe, { expected, now }: RouteScene): EpochMs {
  // Seen for the first time just now, an expectation is as old as this look, unless there was none before.
  return before === null ? 0 : isSameExpectation(before.names, expected ?? []) ? before.since : now;
}

/** One answer after the other comes from another server: a stranger among them counts when it comes again, or when it is some seconds old. */
function judgeReads(probe: RouteProbe, scene: RouteScene): Judgement {
  const { expectedAt, now } = scene;
  const since = selectSince(probe, scene);
  const samples = probe.recent.filter(({ askedAt }) => askedAt >= since);
  const strange = samples.filter(({ answer }) => isStranger(answer, scene));
  const [first] = strange;
  if (first === undefined) return { mismatch: null, confirmed: false };
  const lasts = strange.length > 1 || now - first.askedAt >= CONFIRM_AFTER_MS;
  const names = [...new Set(strange.map(({ answer }) => identify(answer, scene.nodes).name))];
  return {
    mismatch: "other",
    confirmed: lasts && (expectedAt === null || expectedAt > first.askedAt),
    strangers: { names, answers: strange.length, of: samples.length },
  };
}

function judgeWrites(probe: RouteProbe, scene: RouteScene): Judgement {
  const { expectedAt, now } = scene;
  const since = selectSince(probe, scene);
  const run: RouteSample[] = [];
  let mismatch: RouteProbeView["mismatch"] = null;
  for (const sample of [...probe.recent].reverse()) {
    const found = sample.askedAt < since ? null : disagrees(sample.answer, scene);
    if (found === null) break;
    mismatch ??= found;
    run.unshift(sample);
  }
  const [first] = run;
  if (first === undefined) return { mismatch: null, confirmed: false };
  const lasts = run.length > 1 || now - first.askedAt >= CONFIRM_AFTER_MS;
  return { mismatch, confirmed: lasts && (expectedAt === null || expectedAt > first.askedAt) };
}

/** True when none of the servers that are expected has answered. */
function isStranger(answer: RouteAnswer, { nodes, expected }: RouteScene): boolean {
  const { candidates } = identify(answer, nodes);
  if (expected === null || expected.some((wanted) => candidates.includes(wanted))) return false;
  // A server nobody knows may be one of those that are expected and have never been read.
  const told = (wanted: string) => nodes.some((node) => node.name === wanted && lastKnown(node.reading) !== null);
  return candidates.length > 0 || expected.every(told);
}

function disagrees(answer: RouteAnswer, scene: RouteScene): RouteProbeView["mismatch"] {
  const { nodes, expected } = scene;
  if (isStranger(answer, scene)) return "other";
  const { name } = identify(answer, nodes);
  if (answer.readOnly !== true) return null;
  // What the node itself says is told by another rule.
  const node = nodes.find((one) => one.name === name);
  const saysItself = node?.reading.state === "fresh" && node.reading.value.readOnly === true;
  return saysItself && expected?.includes(name) === true ? null : "read-only";
}

/** The node that answered, `unknown server …` when it is none of ours, `db1 or db2` when the answer fits several. */
function identify(
  answer: RouteAnswer,
  nodes: readonly RouteNode[],
): { readonly name: string; readonly candidates: readonly string[] } {
  const fitting = nodes.filter(({ reading }) => {
    const report = lastKnown(reading)?.value;
    return report !== undefined && isSame(answer, report);
  });
  const found = fitting.length > 0 ? fitting : nodes.filter((node) => isAtAddress(answer, node));
  const candidates = found.map(({ name }) => name);
  return { name: candidates.length > 0 ? candidates.join(" or ") : describeUnknown(answer), candidates };
}

/** Images cloned with their uuid, and ids given twice, are why all that both tell has to agree. */
function isSame(answer: RouteAnswer, report: MysqlReport): boolean {
  const differs = (a: unknown, b: unknown) => a !== null && b !== null && a !== b;
  const proves = (a: unknown, b: unknown) => a !== null && a === b;
  if (differs(answer.serverUuid, report.serverUuid) || differs(answer.serverId, report.serverId)) return false;
  if (differs(answer.hostname, report.hostname) || differs(answer.port, report.port)) return false;
  return proves(answer.serverUuid, report.serverUuid) || proves(answer.serverId, report.serverId);
}

/** For nodes that never answered us: what the server calls itself is their address. */
function isAtAddress({ hostname, port }: RouteAnswer, node: RouteNode): boolean {
  if (hostname === null || port !== node.port || lastKnown(node.reading) !== null) return false;
  return normalizeHost(hostname) === normalizeHost(node.host);
}

function describeUnknown({ hostname, port, serverId }: RouteAnswer): string {
  const id = serverId === null ? "" : ` (server_id ${serverId})`;
  if (hostname === null) return serverId === null ? "unknown server" : `unknown server${id}`;
  return `unknown server ${port === null ? hostname : formatAddress(hostname, port)}${id}`;
}
