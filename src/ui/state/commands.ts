/** What each command does to the state. One entry per command of the key table; none of them talks to a server. */
import { ACTIONS, type ActionId } from "../act/actions.ts";
import type { CommandId } from "../keymap.ts";
import { plainText } from "../paint.ts";
import { parseRecordAction, parseReplayAction } from "../replay/actions.ts";
import { selectOverlayLines } from "../selectors/body.ts";
import { selectCellContext, selectTable } from "../selectors/tables.ts";
import { findLowContrast } from "../theme/contrast.ts";
import { THEMES } from "../theme.ts";
import { beginTour, leaveTour } from "../tour/tour.ts";
import { moveBy, moveTo } from "./move.ts";
import { openAction, openOperation, openQuit } from "./panels.ts";
import { visibleRows } from "./settle.ts";
import { type ConsoleState, isRunning, PANES, type PaneId, type Sort, selectCluster, selectFeed } from "./state.ts";
import { only, type Update, withMessage, withPane } from "./update.ts";

type Command = (state: ConsoleState, argument: string | null) => Update;

/** Runs a command that is allowed now (see disabledReason in the key table). */
export function runCommand(command: CommandId, state: ConsoleState, argument: string | null): Update {
  return COMMANDS[command](state, argument);
}

/** Commands that change servers open a panel; those that only look are here. */
const ACTION_COMMANDS = Object.fromEntries(
  ACTIONS.map(({ id }): [ActionId, Command] => [id, (state) => openAction(state, id)]),
) as Record<ActionId, Command>;

const COMMANDS: Readonly<Record<CommandId, Command>> = {
  pane: (state, argument) => only(goToPane(state, PANES.find((pane) => pane === argument) ?? state.pane)),
  "next-pane": (state) => only(goToPane(state, neighbour(PANES, state.pane, 1))),
  "previous-pane": (state) => only(goToPane(state, neighbour(PANES, state.pane, -1))),
  "next-cluster": (state) => only(stepCluster(state, 1)),
  "previous-cluster": (state) => only(stepCluster(state, -1)),
  cluster: (state, argument) => only(goToCluster(state, argument)),
  down: (state) => only(moveBy(state, 1)),
  up: (state) => only(moveBy(state, -1)),
  first: (state) => only(moveTo(state, 0)),
  last: (state) => only(moveTo(state, Number.MAX_SAFE_INTEGER)),
  "page-down": (state) => only(moveBy(state, visibleRows(state))),
  "page-up": (state) => only(moveBy(state, -visibleRows(state))),
  open: (state) => only(openDetail(state)),
  back: (state) => only(goBack(state)),
  mark: (state) => only(toggleMark(state)),
  filter: (state) =>
    only({
      ...state,
      overlay: null,
      prompt: { kind: "filter", text: state.panes[state.pane].filter, before: state.panes[state.pane].filter },
    }),
  palette: (state) => only({ ...state, prompt: { kind: "palette", text: "", index: 0 } }),
  "sort-column": (state) => only(sortByNext(state)),
  "sort-direction": (state) => only(turnSort(state)),
  "sort-by": (state, argument) =>
    only(argument === null ? state : sortBy(state, { column: argument, direction: "ascending" })),
  refresh: (state) => only(withMessage(state, "refreshing"), { type: "engine", request: { type: "refresh" } }),
  "history-span": (state) => only({ ...state, historySpan: state.historySpan + 1 }),
  freeze: (state) => only(toggleFreeze(state)),
  copy,
  alerts: (state) => only({ ...state, overlay: state.overlay?.kind === "alerts" ? null : { kind: "alerts", top: 0 } }),
  help: (state) => only({ ...state, overlay: { kind: "help", query: "", top: 0 } }),
  theme: (state, argument) => only(switchTheme(state, argument)),
  mouse: (state) => switchMouse(state),
  tour: (state) => only(beginTour(state)),
  redraw: (state) => only(state, { type: "redraw" }),
  suspend: (state) => only(state, { type: "suspend" }),
  quit,
  record: (state, argument) => {
    const action = parseRecordAction(argument);
    return action === null ? only(state) : only(state, { type: "engine", request: { type: "record", action } });
  },
  replay: (state, argument) => {
    const action = parseReplayAction(argument ?? "");
    return action === null ? only(state) : only(state, { type: "engine", request: { type: "replay", action } });
  },
  "replay-time": (state) => only({ ...state, prompt: { kind: "time", text: "" } }),
  ...ACTION_COMMANDS,
};

function neighbour<T>(list: readonly T[], current: T, step: number): T {
  return list[(list.indexOf(current) + step + list.length) % list.length] ?? current;
}

function goToPane(state: ConsoleState, pane: PaneId): ConsoleState {
  return { ...state, pane, overlay: null };
}

function stepCluster(state: ConsoleState, step: number): ConsoleState {
  const names = (selectFeed(state).snapshot?.clusters ?? []).map((cluster) => cluster.name);
  const current = selectCluster(state)?.name;
  return current === undefined ? state : goToCluster(state, neighbour(names, current, step));
}

/** Rows of another cluster are other rows: selection and marks start anew, filters and sorting stay. */
function goToCluster(state: ConsoleState, name: string | null): ConsoleState {
  if (name === selectCluster(state)?.name) return state;
  const panes = { ...state.panes };
  for (const pane of PANES) panes[pane] = { ...panes[pane], cursor: { key: null, index: 0, top: 0 }, marks: new Set() };
  return { ...state, cluster: name, overlay: null, panes };
}

function openDetail(state: ConsoleState): ConsoleState {
  const { key } = state.panes[state.pane].cursor;
  if (state.overlay !== null || key === null || selectTable(state).indexOf(key) < 0) return state;
  const live = state.pane === "operations" ? state.live.find(({ progress }) => progress.id === key) : undefined;
  if (live !== undefined && isRunning(live)) return openOperation(state, live.progress.plan, null);
  return { ...state, overlay: { kind: "detail", pane: state.pane, key, top: 0 } };
}

function goBack(state: ConsoleState): ConsoleState {
  if (state.overlay !== null) return { ...state, overlay: null };
  const pane = state.panes[state.pane];
  if (pane.filter !== "") return withPane(state, { filter: "" });
  return pane.marks.size > 0 ? withPane(state, { marks: new Set() }) : leaveTour(state);
}

function toggleMark(state: ConsoleState): ConsoleState {
  const { cursor, marks } = state.panes[state.pane];
  if (cursor.key === null || state.overlay !== null) return state;
  const next = new Set(marks);
  if (!next.delete(cursor.key)) next.add(cursor.key);
  return moveBy(withPane(state, { marks: next }), 1);
}

export function sortBy(state: ConsoleState, sort: Sort | null): ConsoleState {
  const text = sort === null ? "sort: own order of the pane" : `sort: ${sort.column}, ${sort.direction}`;
  return withMessage(withPane(state, { sort }), text);
}

/** Own order, then each sortable column in turn. */
function sortByNext(state: ConsoleState): ConsoleState {
  const ids = selectTable(state)
    .columns.filter((column) => column.sortable)
    .map((column) => column.id);
  const current = state.panes[state.pane].sort;
  const next = ids[current === null ? 0 : ids.indexOf(current.column) + 1];
  return sortBy(state, next === undefined ? null : { column: next, direction: "ascending" });
}

function turnSort(state: ConsoleState): ConsoleState {
  const current = state.panes[state.pane].sort;
  if (current === null) return withMessage(state, "nothing is sorted: o chooses a column", "warning");
  return sortBy(state, { ...current, direction: current.direction === "ascending" ? "descending" : "ascending" });
}

function toggleFreeze(state: ConsoleState): ConsoleState {
  if (state.frozen !== null) return withMessage({ ...state, frozen: null }, "running again");
  return withMessage(
    { ...state, frozen: { feed: state.feed, at: state.now } },
    "frozen: polling goes on, f runs again",
  );
}

function copy(state: ConsoleState): Update {
  const text =
    state.overlay === null
      ? selectTable(state).copyRow(state.panes[state.pane].cursor.index, selectCellContext(state))
      : selectOverlayLines(state, state.size.columns).map(plainText).join("\n");
  if (text === "") return only(withMessage(state, "nothing to copy", "warning"));
  return only(withMessage(state, "copied, if the terminal allows it (OSC 52)"), { type: "copy", text });
}

function switchTheme(state: ConsoleState, name: string | null): ConsoleState {
  const themes = [...THEMES, ...state.themes];
  const theme = themes.find((each) => each.name === name);
  if (theme === undefined)
    return withMessage(state, `no such theme; there are ${themes.map((each) => each.name).join(", ")}`, "warning");
  if (!state.color) return withMessage(state, "colour is off (NO_COLOR or --no-color): mono stays", "warning");
  const low = new Set(findLowContrast(theme).map(({ token }) => token)).size;
  const tokens = `${low} token${low === 1 ? "" : "s"}`;
  const text = low === 0 ? `theme ${theme.name}` : `theme ${theme.name}: ${tokens} below the contrast that text needs`;
  return withMessage({ ...state, themeName: theme.name }, text, low === 0 ? "info" : "warning");
}

/** Off by default: while it is on the terminal selects text only with Shift held. */
function switchMouse(state: ConsoleState): Update {
  const on = !state.mouse;
  const text = on ? "mouse on: Shift selects text as the terminal does" : "mouse off: the terminal selects text";
  return only(withMessage({ ...state, mouse: on }, text), { type: "mouse", on });
}

/** Leaves at once, unless an operation runs: then it is asked first. */
function quit(state: ConsoleState): Update {
  return state.replay === null && state.live.some(isRunning) ? only(openQuit(state)) : only(state, { type: "quit" });
}
