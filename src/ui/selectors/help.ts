/** `?`: the keys of this pane, from the key table, narrowed by what is typed. */
import type { ServerState } from "../../model/haproxy.ts";
import { fitText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { boundKeys, disabledReason, isInPane, type KeyBinding, type KeyGroup, keyLabel } from "../keymap.ts";
import { type Line, segment } from "../paint.ts";
import type { ConsoleState } from "../state/state.ts";
import { selectGlyphs } from "./tables.ts";

const SERVER_STATES: readonly ServerState[] = ["up", "down", "maint", "drain", "nolb", "unchecked", "unknown"];
const GROUPS: readonly KeyGroup[] = ["Replay", "Panes", "Move", "Look", "Record", "Program", "Act"];

function legend(glyphs: Glyphs): string[] {
  const states = SERVER_STATES.map((state) => `${glyphs.server[state]} ${state}`).join("  ");
  return [
    states,
    `W writer backend  R reader backend  /bk backup server  ${glyphs.differs} HAProxies disagree`,
    "~ in front of a value: stale, AGE says how old it is",
    "? alone: not known, which is never the same as 0",
    `trends: one sign for each poll, newest right; ${glyphs.sparkGap} and, in charts, ${glyphs.chartGap} below: no data, which is not 0`,
    "BEHIND counts transactions of the source that the replica has not executed",
  ];
}

export function selectHelpLines(shown: ConsoleState, query: string): Line[] {
  // What a key does once the help is closed: that the help covers the table now is no reason against it.
  const state: ConsoleState = { ...shown, overlay: null };
  const lines: Line[] = [];
  const wanted = query.toLowerCase();
  for (const group of GROUPS) {
    const bindings = boundKeys(state.readOnly, state.replay !== null).filter(
      (binding) => binding.group === group && isInPane(binding, state.pane) && matches(binding, wanted),
    );
    if (bindings.length === 0) continue;
    lines.push([segment(group, "heading")]);
    for (const binding of bindings) lines.push(bindingLine(binding, state));
    lines.push([]);
  }
  if (wanted === "") {
    lines.push([segment("Signs", "heading")]);
    for (const text of legend(selectGlyphs(state))) lines.push([segment(`  ${text}`)]);
  }
  if (lines.length === 0) lines.push([segment(`No key matches "${query}".`, "dim")]);
  return lines;
}

function matches(binding: KeyBinding, wanted: string): boolean {
  if (wanted === "") return true;
  return [binding.title, ...binding.keys, ...(binding.aliases ?? [])].some((text) =>
    text.toLowerCase().includes(wanted),
  );
}

function bindingLine(binding: KeyBinding, state: ConsoleState): Line {
  const keys = binding.keys.length === 0 ? ":" : binding.keys.map((key) => keyLabel(key, state.unicode)).join(" ");
  const reason = disabledReason(binding, state);
  return [
    segment(`  ${fitText(keys, 12)} `, reason === null ? "key" : "dim"),
    segment(binding.title, reason === null ? "text" : "dim"),
    segment(reason === null ? "" : `  (${reason})`, "dim"),
  ];
}
