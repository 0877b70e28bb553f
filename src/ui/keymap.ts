/**
 * Every key of the console, as data. The footer, the help, the palette and docs/keymap.md are made from this table; key names are
 * those of input/events.ts. Contract: the left column and the action keys never change their meaning.
 */
import { ACTIONS, buildAction } from "./act/actions.ts";
import type { KeyBinding } from "./key-binding.ts";
import { RECORD_KEYS, REPLAY_KEYS } from "./replay/keys.ts";
import { type ConsoleState, PANES, type PaneId } from "./state/state.ts";

export type { CommandId, KeyBinding, KeyGroup } from "./key-binding.ts";

const PANE_TITLES: Readonly<Record<PaneId, string>> = {
  nodes: "Nodes",
  haproxy: "HAProxy",
  replication: "Replication",
  timeline: "Timeline",
  operations: "Operations",
  sessions: "Sessions",
};

export function paneTitle(pane: PaneId): string {
  return PANE_TITLES[pane];
}

const ONE_CLUSTER = (state: ConsoleState): string | null =>
  (state.feed.snapshot?.clusters.length ?? 0) > 1 ? null : "there is only one cluster";

const VIEW_KEYS: readonly KeyBinding[] = [
  ...PANES.map(
    (pane, index): KeyBinding => ({
      command: "pane",
      keys: [String(index + 1)],
      argument: pane,
      panes: "all",
      group: "Panes",
      title: `go to ${PANE_TITLES[pane]}`,
      aliases: ["pane", "view"],
    }),
  ),
  { command: "next-pane", keys: ["tab"], panes: "all", group: "Panes", title: "next pane" },
  { command: "previous-pane", keys: ["shift-tab"], panes: "all", group: "Panes", title: "previous pane" },
  {
    command: "previous-cluster",
    keys: ["["],
    panes: "all",
    group: "Panes",
    title: "previous cluster",
    disabledReason: ONE_CLUSTER,
  },
  {
    command: "next-cluster",
    keys: ["]"],
    panes: "all",
    group: "Panes",
    title: "next cluster",
    disabledReason: ONE_CLUSTER,
  },
  { command: "down", keys: ["j", "down"], panes: "all", group: "Move", title: "down" },
  { command: "up", keys: ["k", "up"], panes: "all", group: "Move", title: "up" },
  { command: "first", keys: ["g", "home"], panes: "all", group: "Move", title: "first row", aliases: ["top"] },
  { command: "last", keys: ["G", "end"], panes: "all", group: "Move", title: "last row", aliases: ["bottom"] },
  { command: "page-down", keys: ["pagedown"], panes: "all", group: "Move", title: "page down" },
  { command: "page-up", keys: ["pageup"], panes: "all", group: "Move", title: "page up" },
  {
    command: "open",
    keys: ["enter"],
    panes: "all",
    group: "Look",
    title: "open detail",
    hint: { word: "detail", rank: 1 },
    aliases: ["describe", "show"],
  },
  { command: "back", keys: ["esc"], panes: "all", group: "Look", title: "back; clear the filter, then the marks" },
  {
    command: "mark",
    keys: ["space"],
    panes: ["nodes", "haproxy", "replication", "sessions"],
    group: "Look",
    title: "mark the row; actions apply to all marked",
    hint: { word: "mark", rank: 8 },
    live: true,
    aliases: ["select"],
  },
  {
    command: "alerts",
    keys: ["a"],
    panes: "all",
    group: "Look",
    title: "all alerts with advice, and warnings of the configuration",
    hint: { word: "alerts", rank: 9 },
    aliases: ["problems", "warnings", "configuration"],
  },
  {
    command: "filter",
    keys: ["/"],
    panes: "all",
    group: "Look",
    title: "filter rows",
    hint: { word: "filter", rank: 2 },
    aliases: ["search", "find"],
  },
  {
    command: "sort-column",
    keys: ["o"],
    panes: "all",
    group: "Look",
    title: "sort by the next column",
    hint: { word: "sort", rank: 6 },
    aliases: ["order"],
  },
  {
    command: "sort-direction",
    keys: ["O"],
    panes: "all",
    group: "Look",
    title: "turn the sort direction",
    aliases: ["reverse order"],
  },
  {
    command: "copy",
    keys: ["c"],
    panes: "all",
    group: "Look",
    title: "copy the row (or the detail) to the clipboard",
    aliases: ["yank", "clipboard"],
  },
  {
    command: "freeze",
    keys: ["f"],
    panes: "all",
    group: "Look",
    title: "freeze the screen; polling goes on",
    hint: { word: "freeze", rank: 7 },
    live: true,
    aliases: ["pause"],
  },
  {
    command: "history-span",
    keys: ["z"],
    panes: ["nodes", "haproxy", "replication"],
    group: "Look",
    title: "how far back the charts of a detail reach",
    aliases: ["zoom", "history", "chart", "graph"],
    disabledReason: (state) => (state.overlay?.kind === "detail" ? null : "open a detail first (Enter)"),
  },
  {
    command: "refresh",
    keys: ["ctrl-r"],
    panes: "all",
    group: "Look",
    title: "refresh now",
    live: true,
    aliases: ["poll", "reload"],
  },
  {
    command: "palette",
    keys: [":"],
    panes: "all",
    group: "Program",
    title: "command palette: every action by name",
    hint: { word: "command", rank: 3 },
  },
  {
    command: "help",
    keys: ["?"],
    panes: "all",
    group: "Program",
    title: "keys of this pane",
    hint: { word: "help", rank: 4 },
    aliases: ["keys"],
  },
  {
    command: "mouse",
    keys: [],
    panes: "all",
    group: "Program",
    title: "mouse on or off",
    aliases: ["click", "wheel", "select text"],
  },
  {
    command: "tour",
    keys: ["t"],
    panes: "all",
    group: "Program",
    title: "a tour of two minutes",
    live: true,
    aliases: ["tutorial", "introduction", "first steps"],
  },
  { command: "redraw", keys: ["ctrl-l"], panes: "all", group: "Program", title: "draw the screen again" },
  {
    command: "suspend",
    keys: ["ctrl-z"],
    panes: "all",
    group: "Program",
    title: "suspend to the shell; `fg` comes back",
  },
  {
    command: "quit",
    keys: ["q", "ctrl-c"],
    panes: "all",
    group: "Program",
    title: "quit",
    hint: { word: "quit", rank: 5 },
    aliases: ["exit"],
  },
];

const ACTION_KEYS: readonly KeyBinding[] = ACTIONS.map((action) => ({
  command: action.id,
  keys: action.key === null ? [] : [action.key],
  panes: action.panes,
  group: "Act",
  title: action.title,
  aliases: action.aliases,
  changes: true,
  disabledReason: (state) => {
    const built = buildAction(action.id, state);
    return "whyNot" in built ? built.whyNot : null;
  },
}));

const LOOKING = [...VIEW_KEYS, ...RECORD_KEYS];
const LIVE = [...LOOKING, ...ACTION_KEYS];
const REPLAYING = [...REPLAY_KEYS, ...VIEW_KEYS.filter(({ live }) => live !== true)];

export const KEYMAP: readonly KeyBinding[] = [...VIEW_KEYS, ...RECORD_KEYS, ...REPLAY_KEYS, ...ACTION_KEYS];

/** The keys that are bound: without those that change anything in read-only mode, and with those of the timeline in a replay. */
export function boundKeys(readOnly: boolean, isReplay = false): readonly KeyBinding[] {
  if (isReplay) return REPLAYING;
  return readOnly ? LOOKING : LIVE;
}

/** Finds what a key does in a pane, else what it does in others; null when it is bound nowhere. */
export function findBinding(key: string, pane: PaneId, readOnly: boolean, isReplay = false): KeyBinding | null {
  const bindings = boundKeys(readOnly, isReplay).filter((binding) => binding.keys.includes(key));
  return bindings.find((binding) => isInPane(binding, pane)) ?? bindings[0] ?? null;
}

export function isInPane(binding: KeyBinding, pane: PaneId): boolean {
  return binding.panes === "all" || binding.panes.includes(pane);
}

function paneNumbers(binding: KeyBinding): string {
  return PANES.flatMap((pane, index) => (isInPane(binding, pane) ? [String(index + 1)] : [])).join(" ");
}

/** Why a binding does nothing here and now, as the rest of a sentence; null when it works. */
export function disabledReason(binding: KeyBinding, state: ConsoleState): string | null {
  if (!isInPane(binding, state.pane)) return `works in panes ${paneNumbers(binding)}`;
  return binding.disabledReason?.(state) ?? null;
}

/** The action key whose lower-case twin was typed; null when it is none. */
export function findTwin(key: string, readOnly: boolean): KeyBinding | null {
  const upper = key.length === 1 ? key.toUpperCase() : key;
  if (upper === key) return null;
  return boundKeys(readOnly).find((binding) => binding.changes === true && binding.keys.includes(upper)) ?? null;
}

const KEY_LABELS: Readonly<Record<string, string>> = {
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  enter: "Enter",
  esc: "Esc",
  tab: "Tab",
  "shift-tab": "Shift-Tab",
  space: "Space",
  home: "Home",
  end: "End",
  pageup: "PgUp",
  pagedown: "PgDn",
};

/** A key name as people write it. */
export function keyLabel(key: string, unicode = true): string {
  if (!unicode && ["up", "down", "left", "right"].includes(key)) return key.charAt(0).toUpperCase() + key.slice(1);
  const known = KEY_LABELS[key];
  if (known !== undefined) return known;
  return key.startsWith("ctrl-") ? `Ctrl-${key.slice(5).toUpperCase()}` : key;
}
