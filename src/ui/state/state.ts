/** Everything the screen is made from. Immutable: reducers make a new one, selectors read it. */
import type { PlanRefusal, SessionsReport } from "../../engine/protocol.ts";
import type { ChangeEvent } from "../../model/change.ts";
import type { CommandRequest, OperationEntry, OperationProgress, Plan } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { RecordingStatus, ReplayMoment } from "../../model/replay.ts";
import type { ClusterSnapshot, Snapshot } from "../../model/snapshot.ts";
import { layoutScreen, type ScreenLayout, type ScreenSize, TOUR_ROWS } from "../layout.ts";
import type { ColorDepth } from "../theme/depth.ts";
import type { ThemeFile, Token } from "../theme.ts";

export const PANES = ["nodes", "haproxy", "replication", "timeline", "operations", "sessions"] as const;
export type PaneId = (typeof PANES)[number];

/** A change with a number of its own, so that a row of the timeline keeps its identity while new ones arrive. */
export interface TimelineEntry {
  readonly id: number;
  readonly change: ChangeEvent;
}

/** What the engine told. `f` keeps one of these as it was while the next ones go on arriving. */
export interface Feed {
  readonly snapshot: Snapshot | null;
  readonly sessions: SessionsReport | null;
  /** Newest first, at most TIMELINE_LIMIT. */
  readonly timeline: readonly TimelineEntry[];
}

export interface Cursor {
  /** Key of the selected row: the selection follows the row, not the line. Null: take the row at `index`. */
  readonly key: string | null;
  readonly index: number;
  readonly top: number;
}

export interface Sort {
  readonly column: string;
  readonly direction: "ascending" | "descending";
}

export interface PaneState {
  readonly cursor: Cursor;
  readonly marks: ReadonlySet<string>;
  readonly filter: string;
  /** Null: the order of the pane itself (tree, configuration, time). */
  readonly sort: Sort | null;
}

/** What covers the table of the pane. */
export type Overlay =
  | { readonly kind: "detail"; readonly pane: PaneId; readonly key: string; readonly top: number }
  | { readonly kind: "alerts"; readonly top: number }
  | { readonly kind: "help"; readonly query: string; readonly top: number }
  | WeightPanel
  | PlanPanel
  | OperationPanel
  | QuitPanel;

/** Asks for the number of `W`. */
export interface WeightPanel {
  readonly kind: "weight";
  readonly serial: number;
  /** Without the weight. */
  readonly request: CommandRequest;
  readonly text: string;
  readonly top: number;
}

/** Shows what would be done, and takes the confirmation. */
export interface PlanPanel {
  readonly kind: "plan";
  /** A new one with every plan that is shown: what was painted of another one counts for nothing. */
  readonly serial: number;
  readonly requestId: string;
  readonly request: CommandRequest;
  /** Null until the engine has answered. */
  readonly plan: Plan | null;
  readonly refusal: PlanRefusal | null;
  /** Why it is shown anew; null for the first time. */
  readonly notice: string | null;
  /** What was typed of the word that confirms. */
  readonly typed: string;
  /** A confirming key that may be the first repeat of one that was held down: counts when no other follows at once. */
  readonly pendingSince: EpochMs | null;
  readonly top: number;
}

/** Follows an operation that was confirmed. */
export interface OperationPanel {
  readonly kind: "operation";
  readonly serial: number;
  /** Of the plan; null when opened from the list. */
  readonly requestId: string | null;
  readonly plan: Plan;
  readonly stopAsked: boolean;
  /** Esc was pressed past the point of no return: it was told that it goes on to the end, and the next one leaves the panel. */
  readonly goesOnTold: boolean;
  /** What was typed of the word that lets sessions be cut; null while nobody asks for it. */
  readonly cutWord: string | null;
  readonly top: number;
}

/** Asked before leaving while an operation runs. */
export interface QuitPanel {
  readonly kind: "quit";
  readonly serial: number;
  readonly top: number;
}

/** What an action put on screen: takes all keys while it is open. */
export type Panel = Extract<Overlay, { readonly serial: number }>;

/** An operation of this session, as the engine last told it. */
export interface LiveOperation {
  readonly progress: OperationProgress;
  readonly heardAt: EpochMs;
}

/** A line of text being typed. */
export type Prompt =
  | { readonly kind: "filter"; readonly text: string; readonly before: string }
  | { readonly kind: "palette"; readonly text: string; readonly index: number }
  /** Where to go in a replay. */
  | { readonly kind: "time"; readonly text: string };

export interface Message {
  readonly text: string;
  readonly token: Token;
  readonly until: EpochMs;
}

export interface LagLimits {
  readonly warningSeconds: number;
  readonly criticalSeconds: number;
}

export interface ConsoleState {
  readonly now: EpochMs;
  readonly size: ScreenSize;
  readonly feed: Feed;
  /** The feed as it was when the screen was frozen; null while it runs. */
  readonly frozen: { readonly feed: Feed; readonly at: EpochMs } | null;
  readonly engineStopped: boolean;
  /** Name of the cluster on screen; null: the first. */
  readonly cluster: string | null;
  readonly pane: PaneId;
  readonly panes: Readonly<Record<PaneId, PaneState>>;
  readonly overlay: Overlay | null;
  readonly prompt: Prompt | null;
  readonly message: Message | null;
  readonly tour: TourState;
  /** Which span the charts have: presses of the key that goes on to the next. */
  readonly historySpan: number;
  /** Newest first, at most LIVE_LIMIT. */
  readonly live: readonly LiveOperation[];
  /** Operations of the journal by cluster, newest first; a cluster that is absent was not told yet. */
  readonly journal: Readonly<Record<string, readonly OperationEntry[]>>;
  /** Counts panels and requests, so that each has a name of its own. */
  readonly serial: number;
  /** The panel that is known to have reached the terminal, and when: only keys that came after it may confirm. */
  readonly painted: { readonly key: string; readonly at: EpochMs } | null;
  /** Of the file that is being recorded into, if there is one. */
  readonly recording: RecordingStatus;
  /** Null on live servers. In a replay `now` is the clock of what is shown, and no request reaches a server. */
  readonly replay: ReplayMoment | null;
  /** The key before: tells a press from a repeat. */
  readonly lastKey: { readonly key: string; readonly at: EpochMs } | null;
  readonly themeName: string;
  readonly color: boolean;
  readonly colorDepth: ColorDepth;
  /** Themes of the user, beside those of the program. */
  readonly themes: readonly ThemeFile[];
  /** Of the configuration, one line each (see model/warning.ts). */
  readonly warnings: readonly string[];
  /** True while clicks and the wheel come to us instead of to the terminal. */
  readonly mouse: boolean;
  readonly readOnly: boolean;
  /** On a training cluster, where nothing real can be changed. */
  readonly training: boolean;
  readonly unicode: boolean;
  readonly version: string;
  readonly configPath: string | null;
  /** Per cluster name, from the configuration. */
  readonly lagLimits: Readonly<Record<string, LagLimits>>;
}

/**
 * The tour for those who are new here. `offered`: the footer names its key; `running`: at this step, with what the screen was like when
 * the step began, as far as a step asks whether something has changed.
 */
export type TourState =
  | { readonly at: "off" | "offered" }
  | { readonly at: "running"; readonly step: number; readonly base: TourBase };

export interface TourBase {
  readonly row: string | null;
  readonly historySpan: number;
}

export const TIMELINE_LIMIT = 1_000;
export const LIVE_LIMIT = 50;
export const MESSAGE_MS = 6_000;

export interface StateOptions {
  readonly now: EpochMs;
  readonly size: ScreenSize;
  readonly themeName: string;
  readonly color: boolean;
  /** 256 unless told. */
  readonly colorDepth?: ColorDepth;
  readonly themes?: readonly ThemeFile[];
  readonly warnings?: readonly string[];
  readonly mouse?: boolean;
  readonly readOnly: boolean;
  readonly unicode: boolean;
  readonly version: string;
  readonly configPath: string | null;
  readonly lagLimits: Readonly<Record<string, LagLimits>>;
  /** True on a training cluster, where nothing real can be changed. */
  readonly training?: boolean;
  readonly tour?: TourState;
}

const EMPTY_PANE: PaneState = { cursor: { key: null, index: 0, top: 0 }, marks: new Set(), filter: "", sort: null };

export function createInitialState(options: StateOptions): ConsoleState {
  return {
    ...options,
    colorDepth: options.color ? (options.colorDepth ?? "256") : "none",
    themes: options.themes ?? [],
    warnings: options.warnings ?? [],
    mouse: options.mouse ?? false,
    feed: { snapshot: null, sessions: null, timeline: [] },
    frozen: null,
    engineStopped: false,
    cluster: null,
    pane: "nodes",
    panes: {
      nodes: EMPTY_PANE,
      haproxy: EMPTY_PANE,
      replication: EMPTY_PANE,
      timeline: EMPTY_PANE,
      operations: EMPTY_PANE,
      sessions: EMPTY_PANE,
    },
    overlay: null,
    prompt: null,
    message: null,
    historySpan: 0,
    training: options.training ?? false,
    tour: options.tour ?? { at: "off" },
    live: [],
    journal: {},
    serial: 0,
    painted: null,
    recording: { path: null, since: null },
    replay: null,
    lastKey: null,
  };
}

/** What is on screen: the frozen feed, or the newest. */
export function selectFeed(state: ConsoleState): Feed {
  return state.frozen?.feed ?? state.feed;
}

/** The moment the screen shows: ages stand still while it is frozen. */
export function selectShownAt(state: ConsoleState): EpochMs {
  return state.frozen?.at ?? state.now;
}

/** A replay has its timeline above the footer. */
export function selectLayout({ size, replay, tour }: Pick<ConsoleState, "size" | "replay" | "tour">): ScreenLayout {
  return layoutScreen(size, (replay === null ? 0 : 1) + (tour.at === "running" ? TOUR_ROWS : 0));
}

/** The cluster on screen; null before the first snapshot. */
export function selectCluster(state: ConsoleState): ClusterSnapshot | null {
  const clusters = selectFeed(state).snapshot?.clusters ?? [];
  return clusters.find((cluster) => cluster.name === state.cluster) ?? clusters[0] ?? null;
}

export function isRunning({ progress }: LiveOperation): boolean {
  return progress.state === "running" || progress.state === "draining";
}

export function isPanel(overlay: Overlay | null): overlay is Panel {
  return overlay !== null && "serial" in overlay;
}
