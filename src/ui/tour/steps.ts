/**
 * The steps of the tour, as data. A step is over when the screen is as it asks for, by whatever key. Nothing in it changes a server: on a
 * real cluster it opens no plan at all, and in training it leaves the one it opens.
 */
import type { ConsoleState, TourBase } from "../state/state.ts";

export interface TourStep {
  readonly id: string;
  /** What to do and why; keys in backquotes. At most two lines of 58 cells. */
  readonly text: string;
  readonly isDone: (state: ConsoleState, base: TourBase) => boolean;
  /** False where the step cannot be done; left out: everywhere. */
  readonly isOffered?: (state: ConsoleState) => boolean;
}

/** A plan is only ever opened where nothing real can be changed. */
const canPlan = (state: ConsoleState) => state.training && !state.readOnly;

const isOpen = ({ overlay, prompt }: ConsoleState) => overlay !== null || prompt !== null;

export const TOUR_STEPS: readonly TourStep[] = [
  {
    id: "row",
    text: "One row is one database: its servers in HAProxy and its replication. Go to another row: `j` and `k`, or the arrows.",
    isDone: (state, { row }) => row !== null && state.panes.nodes.cursor.key !== row,
  },
  {
    id: "detail",
    text: "`Enter` opens all that is known of the row, with charts of lag, transactions behind, sessions and queries.",
    isDone: ({ overlay }) => overlay?.kind === "detail",
  },
  {
    id: "span",
    text: "Newest is right; no dots mean no data, which is never zero. `z` reaches back 5, then 15 minutes.",
    isDone: ({ historySpan }, base) => historySpan !== base.historySpan,
  },
  { id: "back", text: "`Esc` goes back, wherever you are.", isDone: (state) => !isOpen(state) },
  {
    id: "filter",
    text: "`/` filters the rows by anything they show. Type replica and press `Enter`.",
    isDone: ({ pane, panes, prompt }) => prompt === null && panes[pane].filter !== "",
  },
  {
    id: "unfilter",
    text: "The header says what is filtered. `Esc` takes the filter away.",
    isDone: ({ pane, panes, prompt }) => prompt === null && panes[pane].filter === "",
  },
  {
    id: "haproxy",
    text: "`2` is the same cluster as HAProxy sees it: every server with its sessions, weight and check.",
    isDone: ({ pane }) => pane === "haproxy",
  },
  {
    id: "palette",
    text: "`:` finds every command by its name. Type nodes, then press `Enter` to go back to the first pane.",
    isDone: ({ pane, prompt }) => prompt === null && pane === "nodes",
  },
  {
    id: "plan",
    text: "Keys that act are capitals. `D` shows the plan of a drain of this row: every command, before it is sent.",
    isOffered: canPlan,
    isDone: ({ overlay }) => overlay?.kind === "plan" && (overlay.plan !== null || overlay.refusal !== null),
  },
  {
    id: "leave",
    text: "Guards have looked whether it is safe. `y` would send it and verify it; `Esc` leaves: nothing was sent.",
    isOffered: canPlan,
    isDone: (state) => !isOpen(state),
  },
  {
    id: "freeze",
    text: "`f` freezes the screen, to read or to copy; polling goes on. The header says so.",
    isDone: ({ frozen }) => frozen !== null,
  },
  { id: "unfreeze", text: "`f` again lets it run.", isDone: ({ frozen }) => frozen === null },
  {
    id: "help",
    text: "`?` lists the keys of this pane and explains the signs. Type to search in it.",
    isDone: ({ overlay }) => overlay?.kind === "help",
  },
  {
    id: "end",
    text: "That was the tour; `t` begins it again. `Esc` closes the help, `q` quits.",
    isDone: (state) => !isOpen(state),
  },
];

/** The steps there are here, in order. */
export function selectTourSteps(state: ConsoleState): readonly TourStep[] {
  return TOUR_STEPS.filter((step) => step.isOffered?.(state) ?? true);
}
