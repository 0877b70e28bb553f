/** keepalived.conf, as far as it says how a vrrp_instance comes by its priority. Checked on 2.2; words of 1.3 and later. */
import { normalizeHost } from "../../model/address.ts";
import type { KeepalivedFacts, KeepalivedInstance, TrackFile } from "../../model/floating-move.ts";

interface Statement {
  readonly words: string[];
  readonly block: Statement[];
}

const DEFAULT_PRIORITY = 100;
/** Blocks of an instance that change its priority, or put it into FAULT. */
const OTHER_TRACKS = ["track_script", "track_interface", "track_process", "track_bfd"];

type InstanceOnFile = Omit<KeepalivedInstance, "trackFiles"> & {
  readonly trackFiles: readonly Omit<TrackFile, "value" | "writable">[];
};

export type KeepalivedOnFile = Pick<KeepalivedFacts, "problem"> & { readonly instance: InstanceOnFile | null };

/** Comments begin with # or !, also behind something; a quoted word may hold either. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [text, quoted] of line.matchAll(/"([^"]*)"|[{}]|[#!].*$|[^\s{}"#!][^\s{}"]*/g)) {
    if (text.startsWith("#") || text.startsWith("!")) break;
    words.push(quoted ?? text);
  }
  return words;
}

/** Null when its braces do not close. */
function parseBlocks(text: string): Statement[] | null {
  const root: Statement = { words: [], block: [] };
  const open = [root];
  let last: Statement | null = null;
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    let current: Statement | null = null;
    for (const word of splitWords(line)) {
      const parent = open.at(-1);
      if (parent === undefined) return null;
      if (word === "{") {
        const owner: Statement = current ?? last ?? { words: [], block: [] };
        open.push(owner);
        current = null;
      } else if (word === "}") {
        open.pop();
        current = null;
        last = null;
      } else if (current === null) {
        current = { words: [word], block: [] };
        last = current;
        parent.block.push(current);
      } else current.words.push(word);
    }
  }
  return open.length === 1 ? root.block : null;
}

const named = (statements: readonly Statement[], ...names: readonly string[]) =>
  statements.filter(({ words }) => names.includes(words[0] ?? ""));

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : null;

/** `weight N [reverse]` among these words. */
function readWeight(words: readonly string[]): number | null {
  const at = words.indexOf("weight");
  const weight = at < 0 ? null : wholeNumber(words[at + 1]);
  return weight === null ? null : words.includes("reverse") ? -weight : weight;
}

function readTrackFile(words: readonly string[], blocks: readonly Statement[]): Omit<TrackFile, "value" | "writable"> {
  const [name = ""] = words;
  const block = named(blocks, "track_file", "vrrp_track_file").find((each) => each.words[1] === name)?.block ?? [];
  const path = named(block, "file")[0]?.words[1] ?? null;
  const own = readWeight(words);
  const common = readWeight(named(block, "weight")[0]?.words ?? []);
  return { name, path: path?.startsWith("/") ? path : null, weight: own ?? common ?? 1 };
}

function holdsAddress({ block }: Statement, address: string): boolean {
  const wanted = normalizeHost(address);
  const lists = named(block, "virtual_ipaddress", "virtual_ipaddress_excluded");
  return lists
    .flatMap((list) => [...list.block.map(({ words }) => words[0]), ...list.words.slice(1)])
    .some((word) => word !== undefined && normalizeHost(word.split("/")[0] ?? "") === wanted);
}

const readPriority = ({ block }: Pick<Statement, "block">) => named(block, "priority")[0]?.words[1];

function readInstance({ words, block }: Statement, all: readonly Statement[]): InstanceOnFile {
  const name = words[1] ?? "";
  const groups = named(all, "vrrp_sync_group");
  const isMember = ({ block: parts }: Statement) =>
    named(parts, "group").some((group) =>
      [...group.words.slice(1), ...group.block.flatMap((each) => each.words)].includes(name),
    );
  const tracks = named(block, "track_file").flatMap((list) => list.block.map((each) => each.words));
  return {
    name,
    priority: wholeNumber(readPriority({ block })) ?? DEFAULT_PRIORITY,
    preempts: named(block, "nopreempt").length === 0,
    syncGroup: groups.find(isMember)?.words[1] ?? null,
    otherTracks: OTHER_TRACKS.filter((track) => named(block, track).some((list) => list.block.length > 0)),
    trackFiles: tracks.map((track) => readTrackFile(track, all)),
  };
}

/** What this reader does not evaluate, and so cannot claim to know. */
function describeUnread(text: string): string | null {
  if (/^\s*include[a-z]*\s/m.test(text)) return "it includes other files, which are not read";
  if (/^\s*@/m.test(text)) return "it has conditional lines (@…), which are not evaluated";
  return /^\s*\$[A-Za-z_]\w*\s*=/m.test(text) ? "it has definitions ($…=), which are not evaluated" : null;
}

/** The instance that has the address. `problem` says why there is none to speak of. */
export function parseKeepalived(text: string, address: string): KeepalivedOnFile {
  const unread = describeUnread(text);
  if (unread !== null) return { problem: unread, instance: null };
  const all = parseBlocks(text);
  if (all === null) return { problem: "its braces do not close", instance: null };
  const [found, second] = named(all, "vrrp_instance").filter((each) => holdsAddress(each, address));
  if (found === undefined) return { problem: `no vrrp_instance of it has ${address}`, instance: null };
  if (second !== undefined) return { problem: `two of its vrrp_instances have ${address}`, instance: null };
  const priority = readPriority(found);
  if (priority !== undefined && wholeNumber(priority) === null) {
    return { problem: `the priority of ${found.words[1] ?? "it"} is no number: ${priority}`, instance: null };
  }
  return { problem: null, instance: readInstance(found, all) };
}
