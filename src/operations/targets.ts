/** From what was typed to what it means: a NODE with all its servers, or BACKEND/SERVER, on all HAProxies or on one. */
import { findNearMatch } from "../model/near-match.ts";
import { printable } from "../model/printable.ts";
import { TargetError } from "./errors.ts";
import { type ClusterView, describeSilence, nameOf, type ServerView } from "./view.ts";

export interface ServerTarget {
  /** As typed. */
  readonly text: string;
  /** Node meant, or the one behind the server; null when none is known. */
  readonly node: string | null;
  /** Servers on HAProxies that answer. */
  readonly servers: readonly ServerView[];
}

/** Anything else could begin another command on HAProxy's socket, or a line of its own in a file. */
const NAME = /^[A-Za-z0-9_.:[\]-]+$/;

function assertWellFormed(text: string): void {
  if (text === "") throw new TargetError("missing", text, "A target is missing: give a NODE or BACKEND/SERVER.");
  const parts = text.split("/");
  if (parts.length <= 2 && parts.every((part) => NAME.test(part))) return;
  const wrong = /[^A-Za-z0-9_.:[\]/-]/u.exec(text)?.[0];
  const why =
    wrong === undefined
      ? "a target is NODE or BACKEND/SERVER"
      : `names have no ${JSON.stringify(printable(wrong))}, only letters, digits and _ . : -`;
  throw new TargetError("malformed", text, `"${printable(text)}" cannot be a target: ${why}.`);
}

function assertHaproxy(view: ClusterView, haproxy: string | null): void {
  if (haproxy === null || view.haproxy(haproxy) !== null) return;
  const names = view.cluster.haproxies.map(({ name }) => name);
  throw unknown("HAProxy", haproxy, names);
}

function unknown(what: string, text: string, known: readonly string[], more: readonly string[] = []): TargetError {
  const near = findNearMatch(text, known);
  const candidates = [...new Set([...(near === null ? [] : [near]), ...more])];
  const hint =
    candidates.length > 0
      ? `did you mean ${candidates.join(" or ")}?`
      : `there are ${[...new Set(known)].slice(0, 12).join(", ") || "none"}.`;
  return new TargetError("unknown", text, `There is no ${what} "${printable(text)}": ${hint}`, candidates);
}

/** With no answer of any HAProxy, now or before, nobody knows what a name means. */
function assertReadable(view: ClusterView, [text = ""]: readonly string[], haproxy: string | null): void {
  const asked = view.cluster.haproxies.filter(({ name }) => haproxy === null || name === haproxy);
  const known = [...view.servers, ...view.pastServers].some(inScope(haproxy));
  if (known || asked.length === 0 || asked.some(({ reading }) => reading.state === "fresh")) return;
  const why = asked.map(({ name, reading }) => `${name} cannot be read (${describeSilence(reading)})`).join("; ");
  throw new TargetError("unreadable", text, `${why}: which servers "${printable(text)}" means cannot be told.`);
}

/**
 * Servers meant by each text, in order, each server once.
 * @throws TargetError unknown (with near matches), ambiguous (with everything it may mean), malformed, missing, unreadable
 */
export function resolveServers(view: ClusterView, texts: readonly string[], haproxy: string | null): ServerTarget[] {
  assertHaproxy(view, haproxy);
  if (texts.length === 0) assertWellFormed("");
  for (const text of texts) assertWellFormed(text);
  assertReadable(view, texts, haproxy);
  const seen = new Set<ServerView>();
  return texts.map((text) => {
    const target = text.includes("/") ? resolveServer(view, text, haproxy) : resolveNode(view, text, haproxy);
    const servers = target.servers.filter((server) => !seen.has(server));
    for (const server of servers) seen.add(server);
    return { ...target, servers };
  });
}

const inScope = (haproxy: string | null) => (view: ServerView) => haproxy === null || view.haproxy === haproxy;

function resolveNode(view: ClusterView, text: string, haproxy: string | null): ServerTarget {
  const all = [...view.servers, ...view.pastServers];
  const node = view.node(text);
  const named = all.filter(({ server }) => server.server === text);
  const others = named.filter((each) => each.node !== text);
  if (node === null) {
    const nodes = view.cluster.nodes.map(({ name }) => name);
    throw unknown("node", text, nodes, [...new Set(named.map(({ server }) => nameOf(server)))]);
  }
  const other = others.find((each) => each.node !== null);
  if (other !== undefined) {
    const server = `server ${nameOf(other.server)} on ${other.haproxy} (node ${other.node})`;
    const own = all.filter((each) => each.node === text).map((each) => nameOf(each.server));
    throw new TargetError(
      "ambiguous",
      text,
      `"${text}" is node ${text} (${[...new Set(own)].join(", ") || "no server"}) and also ${server}: give BACKEND/SERVER.`,
      [...new Set([...own, nameOf(other.server)])],
    );
  }
  const own = all.filter((each) => each.node === text);
  if (own.length === 0) {
    throw new TargetError("wrong-kind", text, `Node ${text} has no server in any HAProxy that we know of.`);
  }
  return { text, node: text, servers: view.servers.filter((each) => each.node === text).filter(inScope(haproxy)) };
}

function resolveServer(view: ClusterView, text: string, haproxy: string | null): ServerTarget {
  const all = [...view.servers, ...view.pastServers].filter(inScope(haproxy));
  const found = all.filter(({ server }) => nameOf(server) === text);
  if (found.length === 0) {
    const known = all.map(({ server }) => nameOf(server));
    throw unknown(haproxy === null ? "server" : `server on ${haproxy}`, text, known);
  }
  const nodes = [...new Set(found.flatMap(({ node }) => node ?? []))];
  if (nodes.length > 1) {
    const meanings = found.map((each) => `${each.node ?? "an unknown node"} on ${each.haproxy}`);
    throw new TargetError(
      "ambiguous",
      text,
      `"${text}" is ${meanings.join(" and ")}: choose one HAProxy with --haproxy.`,
      meanings,
    );
  }
  const servers = view.servers.filter(({ server }) => nameOf(server) === text).filter(inScope(haproxy));
  return { text, node: nodes[0] ?? null, servers };
}

/**
 * Nodes meant by each text, in order, each once. BACKEND/SERVER is refused with the node behind it named.
 * @throws TargetError
 */
export function resolveNodes(view: ClusterView, texts: readonly string[]): string[] {
  if (texts.length === 0) throw new TargetError("missing", "", "A target is missing: give a NODE.");
  const names = texts.map((text) => {
    assertWellFormed(text);
    if (text.includes("/")) {
      const { node } = resolveServer(view, text, null);
      const hint = node === null ? "" : `: give ${node}`;
      throw new TargetError("wrong-kind", text, `"${text}" is a server of HAProxy, and this acts on a node${hint}.`, [
        ...(node === null ? [] : [node]),
      ]);
    }
    if (view.node(text) !== null) return text;
    throw unknown(
      "node",
      text,
      view.cluster.nodes.map(({ name }) => name),
    );
  });
  return [...new Set(names)];
}
