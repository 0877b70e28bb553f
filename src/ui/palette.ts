/** The command palette: every action by name, found by any of its names, however sloppily typed. */
import fuzzysort from "fuzzysort";
import { safeText } from "./format/text.ts";
import { boundKeys, type CommandId, disabledReason, keyLabel } from "./keymap.ts";
import { selectTable } from "./selectors/tables.ts";
import type { ConsoleState } from "./state/state.ts";
import { THEMES } from "./theme.ts";

export interface PaletteEntry {
  readonly command: CommandId;
  readonly argument: string | null;
  readonly title: string;
  /** What more there is to say; empty for nothing. */
  readonly about: string;
  /** Everything it is found by, its title first. */
  readonly names: readonly string[];
  /** Keys that do the same, as people write them. */
  readonly keys: string;
  /** Why it cannot be done now; null when it can. */
  readonly disabledReason: string | null;
}

const LIMIT = 200;

/** All entries, in the order of the key table; what does not work in the pane on screen says so. */
export function listPaletteEntries(state: ConsoleState): PaletteEntry[] {
  const bound = boundKeys(state.readOnly, state.replay !== null)
    .filter((binding) => binding.command !== "palette")
    .map(
      (binding): PaletteEntry => ({
        command: binding.command,
        argument: binding.argument ?? null,
        title: binding.title,
        about: "",
        // The word of the footer is a name too: who reads "? help" types :help.
        names: [binding.title, ...(binding.hint === undefined ? [] : [binding.hint.word]), ...(binding.aliases ?? [])],
        keys: binding.keys.map((key) => keyLabel(key, state.unicode)).join(" "),
        disabledReason: disabledReason(binding, state),
      }),
    );
  const themes = [...THEMES, ...state.themes].map((theme) =>
    keyless("theme", theme.name, `theme ${theme.name}`, safeText(theme.title)),
  );
  const sorts = selectTable(state)
    .columns.filter((column) => column.sortable)
    .map((column) => keyless("sort-by", column.id, `sort by ${safeText(column.id)}`));
  const clusters = (state.feed.snapshot?.clusters ?? []).map((cluster) =>
    keyless("cluster", cluster.name, `cluster ${safeText(cluster.name)}`),
  );
  return [...bound, ...themes, ...sorts, ...clusters];
}

function keyless(command: CommandId, argument: string, title: string, about = ""): PaletteEntry {
  return { command, argument, title, about, names: [title], keys: "", disabledReason: null };
}

/** Entries that match, best first; all of them for an empty text. */
export function searchPalette(entries: readonly PaletteEntry[], text: string): PaletteEntry[] {
  const wanted = text.trim();
  if (wanted === "") return entries.slice(0, LIMIT);
  const names = entries.flatMap((entry) => entry.names.map((name) => ({ entry, name })));
  const matches = new Set<PaletteEntry>();
  for (const { obj } of fuzzysort.go(wanted, names, { key: "name", limit: LIMIT, threshold: 0.3 }))
    matches.add(obj.entry);
  return [...matches];
}
