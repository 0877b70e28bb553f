/**
 * Parser of haproxy.cfg for what signalbox explains with it. Tolerant: it is HAProxy's file, of any version, and HAProxy has accepted it;
 * words not known here are passed over.
 */
import type { ConfigProxy, ConfigSocket, HaproxyConfig } from "./config.ts";
import { EMPTY_SECTION, inherit, type Section, takeLine } from "./section.ts";
import { parseInteger } from "./server-line.ts";
import { splitWords } from "./words.ts";

const PROXY_KINDS: ReadonlySet<string> = new Set(["listen", "backend", "frontend"]);
/** Sections that are neither global, defaults nor a proxy: their lines mean other things. */
const OTHER_SECTIONS: ReadonlySet<string> = new Set([
  "resolvers",
  "peers",
  "mailers",
  "userlist",
  "cache",
  "program",
  "http-errors",
  "fcgi-app",
  "ring",
  "log-forward",
  "log-profile",
  "crt-store",
  "traces",
  "acme",
]);

/** True for a word that ends the section before it. */
export function isSection(keyword: string): boolean {
  return keyword === "global" || keyword === "defaults" || PROXY_KINDS.has(keyword) || OTHER_SECTIONS.has(keyword);
}

type Where =
  | { readonly kind: "global" | "other" }
  | { readonly kind: "defaults"; readonly name: string | null; readonly section: Section }
  | { readonly kind: "proxy"; readonly proxy: ConfigProxy["kind"]; readonly name: string; readonly section: Section };

interface Gathered {
  sockets: ConfigSocket[];
  stateFile: string | null;
  stateBase: string | null;
  nbproc: number | null;
  proxies: ConfigProxy[];
  hasConditions: boolean;
  /** The last `defaults` section, which counts for every proxy that names none. */
  defaults: Section;
  namedDefaults: Map<string, Section>;
}

/** @param texts files in the order HAProxy was given them */
export function parseHaproxyConfig(texts: readonly string[]): HaproxyConfig {
  const gathered: Gathered = {
    sockets: [],
    stateFile: null,
    stateBase: null,
    nbproc: null,
    proxies: [],
    hasConditions: false,
    defaults: EMPTY_SECTION,
    namedDefaults: new Map(),
  };
  let where: Where = { kind: "other" };
  // A file begins outside of every section, whatever stood before.
  for (const text of texts) {
    for (const line of text.split(/\r?\n/)) where = takeConfigLine(where, splitWords(line), gathered);
    leave(where, gathered);
    where = { kind: "other" };
  }
  const { sockets, stateFile, stateBase, nbproc, proxies, hasConditions } = gathered;
  return { sockets, stateFile, stateBase, nbproc, proxies, hasConditions };
}

function takeConfigLine(where: Where, words: readonly string[], gathered: Gathered): Where {
  const [keyword = "", name = null] = words;
  if (keyword === "") return where;
  if (keyword.startsWith(".")) {
    if (keyword === ".if") gathered.hasConditions = true;
    return where;
  }
  const begun = beginSection(keyword, name, words, gathered);
  if (begun !== null) {
    leave(where, gathered);
    // Its defaults may be the section that was just left.
    return beginSection(keyword, name, words, gathered) ?? begun;
  }
  if (where.kind === "global") takeGlobal(words, gathered);
  else if (where.kind === "defaults" || where.kind === "proxy")
    return { ...where, section: takeLine(where.section, words) };
  return where;
}

function beginSection(
  keyword: string,
  name: string | null,
  words: readonly string[],
  gathered: Gathered,
): Where | null {
  if (keyword === "global") return { kind: "global" };
  if (OTHER_SECTIONS.has(keyword)) return { kind: "other" };
  const from =
    words.indexOf("from") > 0 ? gathered.namedDefaults.get(words[words.indexOf("from") + 1] ?? "") : undefined;
  if (keyword === "defaults")
    return { kind: "defaults", name: name === "from" ? null : name, section: inherit(from ?? EMPTY_SECTION) };
  if (!PROXY_KINDS.has(keyword) || name === null) return null;
  return { kind: "proxy", proxy: keyword as ConfigProxy["kind"], name, section: inherit(from ?? gathered.defaults) };
}

function leave(where: Where, gathered: Gathered): void {
  if (where.kind === "defaults") {
    gathered.defaults = where.section;
    if (where.name !== null) gathered.namedDefaults.set(where.name, where.section);
  } else if (where.kind === "proxy") {
    const { defaultServer: _, ...said } = where.section;
    gathered.proxies.push({ kind: where.proxy, name: where.name, ...said });
  }
}

const LEVELS = ["admin", "operator", "user"] as const;

function takeGlobal(words: readonly string[], gathered: Gathered): void {
  const [keyword, first = null, second = null] = words;
  if (keyword === "stats" && first === "socket" && second !== null) {
    const level = words[words.indexOf("level") + 1];
    const told = words.includes("level") ? LEVELS.find((known) => known === level) : undefined;
    gathered.sockets.push({ address: second, level: told ?? "operator" });
  } else if (keyword === "server-state-file") gathered.stateFile = first;
  else if (keyword === "server-state-base") gathered.stateBase = first;
  else if (keyword === "nbproc") gathered.nbproc = parseInteger(first ?? "");
}
