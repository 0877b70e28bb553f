/** The interactive console from start to exit code. */
import { type Instance, render, type SuspendTerminal } from "ink";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Engine } from "../engine/protocol.ts";
import type { EpochMs } from "../model/reading.ts";
import type { Settings } from "../model/settings.ts";
import { createCompactStream } from "./compact-output.ts";
import { createEnding } from "./ending.ts";
import { createFrameGate } from "./frame-gate.ts";
import { chooseGlyphs } from "./glyphs.ts";
import type { ScreenSize } from "./layout.ts";
import { createPaintWatch, type PaintWatch } from "./paint-watch.ts";
import { createSignals, SIGNAL_EXIT_CODES } from "./signals.ts";
import { type ConsoleState, createInitialState, type LagLimits } from "./state/state.ts";
import type { Effect } from "./state/update.ts";
import { type ConsoleStore, createConsoleStore } from "./store.ts";
import { stopAndContinue } from "./suspend.ts";
import { createTerminal, type Terminal } from "./terminal.ts";
import type { ColorDepth } from "./theme/depth.ts";
import type { ThemeFile } from "./theme.ts";
import { beginTour } from "./tour/tour.ts";
import { Console } from "./views/console.tsx";

export interface ConsoleOptions {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly version: string;
  readonly configPath: string | null;
  readonly readOnly: boolean;
  readonly themeName: string;
  readonly color: boolean;
  /** 256 unless told. */
  readonly colorDepth?: ColorDepth;
  /** Themes of the user. */
  readonly themes?: readonly ThemeFile[];
  /** To be read inside the console; those of the settings unless told. */
  readonly warnings?: readonly string[];
  /** On a recording: its clock, and the limits of lag of when it was made. */
  readonly replay?: { readonly now: () => EpochMs; readonly lagLimits: Readonly<Record<string, LagLimits>> };
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** True on a training cluster, where nothing real can be changed; absent: no. */
  readonly training?: boolean;
  /** Whether the footer offers the tour, or it is under way from the start; absent: neither. */
  readonly tour?: "offered" | "running";
}

/** A held key is folded into this many commits; at rest there is one per tick. A key must show within 50 ms, which 15 frames cannot. */
const FRAME_MS = 25;
/** Above the rate of our own gate, so that Ink adds no second wait to it. */
const MAX_FPS = 60;
/** A snapshot carries the clock on by itself; only when none came for this long time passes without one. */
const SILENCE_MS = 1_500;
const TICK_MS = 1_000;

/**
 * Runs until the user quits, a signal comes or the terminal goes away. Always puts the terminal back and stops the engine.
 * Resolves with the exit code; rejects with an error nobody expected, after the terminal was put back.
 */
export async function runConsole(options: ConsoleOptions): Promise<number> {
  const { engine, stdout, stdin } = options;
  const clock = Date.now;
  const ending = createEnding();
  const shownClock = options.replay?.now ?? clock;
  const initial = initialState(options, shownClock());
  const frames = createStore<ConsoleState>()(() => initial);
  const terminal = createTerminal({
    stdin,
    stdout,
    clock,
    mouse: options.settings.mouse ?? false,
    onInput: (event, together) => store.onInput(event, together),
    onGone: () => ending.end(SIGNAL_EXIT_CODES.SIGHUP),
  });
  const store = createConsoleStore({ initial, clock: shownClock, onEffect: (effect) => perform(effect) });
  const watch = createPaintWatch({ frames, terminal, stdout, onPainted: (panelKey) => store.onPainted(panelKey) });
  const signals = createSignals({
    onEnd: (signal) => ending.end(SIGNAL_EXIT_CODES[signal]),
    onStop: () => perform({ type: "suspend" }),
    onError: ending.fail,
  });
  const screen = createScreen({ frames, stdin, stdout, watch });
  screen.instance.waitUntilExit().then(() => ending.end(0), ending.fail);
  const perform = createPerformer({ engine, terminal, screen, ending, onWake: () => store.onWake() });
  terminal.take();
  const disconnect = connect({ engine, store, frames, terminal, stdout, clock });

  try {
    return await ending.promise;
  } finally {
    disconnect();
    screen.instance.unmount();
    await terminal.restore();
    signals.release();
    await engine.stop();
  }
}

interface ConsoleScreen {
  readonly instance: Instance;
  /** Lends the terminal out while the callback runs. */
  suspend(callback: () => Promise<void>): Promise<void>;
}

interface ScreenParts {
  readonly frames: StoreApi<ConsoleState>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly watch: PaintWatch;
}

function createScreen({ frames, stdin, stdout, watch }: ScreenParts): ConsoleScreen {
  let suspendTerminal: SuspendTerminal | null = null;
  const onMounted = (hold: SuspendTerminal): void => {
    suspendTerminal = hold;
  };
  const instance = render(<Console frames={frames} onMounted={onMounted} />, {
    stdin,
    stdout: createCompactStream(stdout, watch.onWrite),
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    incrementalRendering: true,
    alternateScreen: true,
    maxFps: MAX_FPS,
    onRender: watch.onFrame,
  });
  return { instance, suspend: async (callback) => suspendTerminal?.(callback) };
}

interface PerformerParts {
  readonly engine: Engine;
  readonly terminal: Terminal;
  readonly screen: ConsoleScreen;
  readonly ending: ReturnType<typeof createEnding>;
  readonly onWake: () => void;
}

function createPerformer({ engine, terminal, screen, ending, onWake }: PerformerParts): (effect: Effect) => void {
  let suspended = false;
  async function suspend(): Promise<void> {
    if (suspended) return;
    suspended = true;
    await screen.suspend(async () => {
      terminal.give();
      await stopAndContinue();
      terminal.take();
    });
    suspended = false;
  }
  return (effect) => {
    switch (effect.type) {
      case "engine":
        engine.send(effect.request);
        break;
      case "copy":
        terminal.copy(effect.text);
        break;
      case "mouse":
        terminal.setMouse(effect.on);
        break;
      case "redraw":
        // Lending the terminal to nobody makes Ink draw everything anew when it comes back.
        screen.suspend(async () => undefined).catch(ending.fail);
        break;
      case "wake":
        setTimeout(onWake, effect.afterMs);
        break;
      case "suspend":
        suspend().catch(ending.fail);
        break;
      case "quit":
        ending.end(0);
        break;
    }
  };
}

interface Wires {
  readonly engine: Engine;
  readonly store: ConsoleStore;
  readonly frames: StoreApi<ConsoleState>;
  readonly terminal: Terminal;
  readonly stdout: NodeJS.WriteStream;
  readonly clock: () => number;
}

/** Engine and terminal to the store, the store to the screen, one frame at a time. Returns what takes it all apart. */
function connect({ engine, store, frames, terminal, stdout, clock }: Wires): () => void {
  let lastChange = 0;
  const gate = createFrameGate<ConsoleState>({
    frameMs: FRAME_MS,
    isBlocked: () => terminal.isBlocked,
    publish: (state) => frames.setState(state, true),
  });
  const unsubscribeStates = store.states.subscribe((state) => {
    lastChange = clock();
    gate.offer(state);
  });
  const unsubscribeEngine = engine.subscribe((event) => store.onEngine(event));
  const onResize = (): void => store.onResize(sizeOf(stdout));
  const onDrain = (): void => gate.release();
  stdout.on("resize", onResize).on("drain", onDrain);
  const ticker = setInterval(() => {
    if (clock() - lastChange >= SILENCE_MS) store.onTick();
  }, TICK_MS);
  return () => {
    clearInterval(ticker);
    gate.close();
    unsubscribeStates();
    unsubscribeEngine();
    stdout.off("resize", onResize).off("drain", onDrain);
  };
}

function initialState(options: ConsoleOptions, now: number): ConsoleState {
  const initial = createInitialState({
    now,
    size: sizeOf(options.stdout),
    themeName: options.color ? options.themeName : "mono",
    color: options.color,
    colorDepth: options.colorDepth ?? "256",
    themes: options.themes ?? [],
    warnings: options.warnings ?? options.settings.warnings,
    mouse: options.settings.mouse ?? false,
    readOnly: options.readOnly,
    unicode: chooseGlyphs(process.env).unicode,
    version: options.version,
    configPath: options.configPath,
    lagLimits:
      options.replay?.lagLimits ??
      Object.fromEntries(options.settings.clusters.map((cluster) => [cluster.name, cluster.lag])),
    training: options.training ?? false,
    tour: { at: options.tour === "offered" ? "offered" : "off" },
  });
  return options.tour === "running" ? beginTour(initial) : initial;
}

function sizeOf(stdout: NodeJS.WriteStream): ScreenSize {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}
