/** The last line: what is being typed, else the message of the moment, else the keys. */

import { selectOffers } from "../act/promotion-offers.ts";
import { safeText, textWidth, truncateText } from "../format/text.ts";
import { boundKeys, isInPane, KEYMAP, keyLabel } from "../keymap.ts";
import { fitLine, type Line, type Segment, segment } from "../paint.ts";
import { type ConsoleState, isRunning, type Overlay, PANES } from "../state/state.ts";
import { selectGlyphs } from "./tables.ts";

export function selectFooter(state: ConsoleState, width: number): Line {
  const glyphs = selectGlyphs(state);
  const { prompt, message } = state;
  if (prompt !== null) return fitLine(promptLine(PROMPT_SIGNS[prompt.kind], prompt.text, width, glyphs.caret), width);
  if (message !== null)
    return fitLine([segment(safeText(message.text), message.token)], width, "left", glyphs.ellipsis);
  const note = state.replay?.note ?? null;
  if (note !== null) return fitLine([segment(safeText(note), "warning")], width, "left", glyphs.ellipsis);
  return fitLine(hintLine(state, width), width, "left", glyphs.ellipsis);
}

const PROMPT_SIGNS = { filter: "/", palette: ":", time: "go to " } as const;

/** The end of a long text stays in view: that is where one types. */
function promptLine(sign: string, text: string, width: number, caret: string): Line {
  let shown = safeText(text);
  const room = width - sign.length - 2;
  while (textWidth(shown) > room && shown !== "") shown = shown.slice(1);
  return [segment(sign, "key"), segment(truncateText(shown, room), "prompt"), segment(caret, "key")];
}

/** Most wanted first; what does not fit is left out whole. */
function hintLine(state: ConsoleState, width: number): Line {
  const line: Segment[] = [];
  let room = width;
  const hints = state.overlay === null ? tableHints(state) : overlayHints(state, state.overlay);
  for (const [key, text] of hints) {
    const cells = textWidth(key) + 1 + textWidth(text) + 2;
    if (cells > room) continue;
    room -= cells;
    line.push(segment(key, "key"), segment(` ${text}  `, "dim"));
  }
  return line;
}

const OVERLAY_HINTS = {
  detail: [
    ["Esc", "back"],
    ["j k", "scroll"],
    ["z", "span"],
    ["c", "copy"],
    ["f", "freeze"],
    ["q", "quit"],
  ],
  alerts: [
    ["Esc", "back"],
    ["j k", "scroll"],
    ["c", "copy"],
    ["q", "quit"],
  ],
  help: [
    ["Esc", "back"],
    ["type", "to search"],
    ["PgUp PgDn", "scroll"],
  ],
  weight: [
    ["Enter", "shows the plan"],
    ["Esc", "leaves"],
  ],
  plan: [
    ["Esc", "leaves"],
    ["PgUp PgDn", "scroll"],
    ["c", "copy the commands"],
  ],
  operation: [
    ["Esc", "stops at a safe point, then leaves"],
    ["1-6", "leave it running"],
    ["PgUp PgDn", "scroll"],
  ],
  pastNoReturn: [
    ["Esc", "leaves; it goes on to the end"],
    ["1-6", "leave it running"],
    ["PgUp PgDn", "scroll"],
  ],
  ended: [
    ["Esc", "leaves"],
    ["5", "operations"],
    ["PgUp PgDn", "scroll"],
    ["c", "copy"],
  ],
  replay: [
    ["Esc", "back"],
    ["Space", "play/pause"],
    ["n", "next change"],
    ["j k", "scroll"],
    ["c", "copy"],
    ["q", "quit"],
  ],
  quit: [
    ["y", "quits"],
    ["Esc", "stays"],
  ],
} as const;

/** Panes whose details have charts. */
const HISTORY_PANES = PANES.filter((pane) => {
  const binding = KEYMAP.find(({ command }) => command === "history-span");
  return binding !== undefined && isInPane(binding, pane);
});

function overlayHints(state: ConsoleState, overlay: Overlay): readonly (readonly [string, string])[] {
  if (overlay.kind === "plan") {
    const offers = selectOffers(overlay).map(({ key, word }) => [key, word] as const);
    return overlay.plan === null ? [...offers, ...OVERLAY_HINTS.plan.slice(0, 2)] : [...offers, ...OVERLAY_HINTS.plan];
  }
  if (state.replay !== null && overlay.kind !== "help") return OVERLAY_HINTS.replay;
  if (overlay.kind === "detail" && !HISTORY_PANES.includes(overlay.pane))
    return OVERLAY_HINTS.detail.filter(([key]) => key !== "z");
  if (overlay.kind !== "operation") return OVERLAY_HINTS[overlay.kind];
  const live = state.live.find(({ progress }) => progress.id === overlay.plan.id);
  if (live === undefined) return OVERLAY_HINTS.operation;
  if (!isRunning(live)) return OVERLAY_HINTS.ended;
  return live.progress.promotion?.pastNoReturn === true ? OVERLAY_HINTS.pastNoReturn : OVERLAY_HINTS.operation;
}

function tableHints(state: ConsoleState): (readonly [string, string])[] {
  const hints = boundKeys(state.readOnly, state.replay !== null)
    .flatMap((binding) =>
      binding.hint !== undefined && isInPane(binding, state.pane)
        ? [{ ...binding.hint, key: binding.keys[0] ?? "" }]
        : [],
    )
    .sort((a, b) => a.rank - b.rank)
    .map(({ key, word }) => [keyLabel(key, state.unicode), word] as const);
  const tour = state.tour.at === "offered" ? ([["t", "tour of two minutes"]] as const) : [];
  return [...tour, ["1-6", "pane"], ...hints];
}
