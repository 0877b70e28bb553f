/** The interactive console from start to exit code. */
import { render, type SuspendTerminal } from "ink";
import { createStore } from "zustand/vanilla";
import type { Engine } from "../engine/protocol.ts";
import type { Settings } from "../model/settings.ts";
import { createCompactStream } from "./compact-output.ts";
import { createFrameGate } from "./frame-gate.ts";
import { chooseGlyphs } from "./glyphs.ts";
import { createSignals } from "./signals.ts";
import { type ConsoleState, createInitialState } from "./state/state.ts";
import type { Effect } from "./state/update.ts";
import { createConsoleStore } from "./store.ts";
import { stopAndContinue } from "./suspend.ts";
import { createTerminal } from "./terminal.ts";
import { Console } from "./views/console.tsx";

export interface ConsoleOptions {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly version: string;
  readonly configPath: string | null;
  readonly readOnly: boolean;
  readonly themeName: string;
  readonly color: boolean;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

const MAX_FPS = 15;
/** Time between two looks at the clock when no snapshot comes; a snapshot carries the clock on by itself. */
const TICK_MS = 1_000;
const SILENCE_MS = 1_500;

/** Exit codes by signal, as shells know them. */
const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Runs until the user quits, a signal comes or the terminal goes away. Always puts the terminal back and stops the engine. */
export async function runConsole(options: ConsoleOptions): Promise<number> {
  const { engine, stdout, stdin } = options;
  const end = createEnd();
  const clock = Date.now;
  const frames = createStore<ConsoleState>()(() => initialState(options, clock()));
  let suspendTerminal: SuspendTerminal | null = null;
  let lastCommit = 0;

  const terminal = createTerminal({
    stdin,
    stdout,
    clock,
    onInput: (event) => store.onInput(event),
    onGone: () => end.resolve(SIGNAL_EXIT.SIGHUP),
  });
  const gate = createFrameGate<ConsoleState>({
    frameMs: Math.ceil(1_000 / MAX_FPS),
    isBlocked: () => terminal.isBlocked,
    publish: (state) => frames.setState(state, true),
  });
  const suspend = async (): Promise<void> => {
    await suspendTerminal?.(async () => {
      terminal.give();
      await stopAndContinue();
      terminal.take();
    });
  };
  const onEffect = (effect: Effect): void => {
    switch (effect.type) {
      case "engine":
        engine.send(effect.request);
        break;
      case "copy":
        terminal.copy(effect.text);
        break;
      case "redraw":
        instance.clear();
        break;
      case "suspend":
        suspend().catch(end.reject);
        break;
      case "quit":
        end.resolve(0);
        break;
    }
  };
  const store = createConsoleStore({ initial: frames.getState(), clock, onEffect });
  const offer = (): void => {
    lastCommit = clock();
    gate.offer(store.states.getState());
  };

  const signals = createSignals({
    onEnd: (signal) => end.resolve(SIGNAL_EXIT[signal]),
    onStop: () => onEffect({ type: "suspend" }),
    onError: (error) => end.reject(error),
  });
  const instance = render(<Console frames={frames} onMounted={(hold) => (suspendTerminal = hold)} />, {
    stdin,
    stdout: createCompactStream(stdout),
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    incrementalRendering: true,
    alternateScreen: true,
    maxFps: MAX_FPS,
  });
  instance.waitUntilExit().then(() => end.resolve(0), end.reject);
  terminal.take();

  const unsubscribeStates = store.states.subscribe(offer);
  const unsubscribeEngine = engine.subscribe((event) => store.onEngine(event));
  const onResize = (): void => store.onResize(sizeOf(stdout));
  const onDrain = (): void => gate.release();
  stdout.on("resize", onResize).on("drain", onDrain);
  const ticker = setInterval(() => {
    if (clock() - lastCommit >= SILENCE_MS) store.onTick();
  }, TICK_MS);

  try {
    return await end.promise;
  } finally {
    clearInterval(ticker);
    gate.close();
    unsubscribeStates();
    unsubscribeEngine();
    stdout.off("resize", onResize).off("drain", onDrain);
    instance.unmount();
    terminal.restore();
    signals.release();
    await engine.stop();
  }
}

interface End {
  readonly promise: Promise<number>;
  readonly resolve: (exitCode: number) => void;
  readonly reject: (error: unknown) => void;
}

function createEnd(): End {
  let resolve: End["resolve"] = () => undefined;
  let reject: End["reject"] = () => undefined;
  const promise = new Promise<number>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function initialState(options: ConsoleOptions, now: number): ConsoleState {
  const glyphs = chooseGlyphs(process.env);
  return createInitialState({
    now,
    size: sizeOf(options.stdout),
    themeName: options.color ? options.themeName : "mono",
    color: options.color,
    readOnly: options.readOnly,
    unicode: glyphs.unicode,
    version: options.version,
    configPath: options.configPath,
    lagLimits: Object.fromEntries(options.settings.clusters.map((cluster) => [cluster.name, cluster.lag])),
  });
}

function sizeOf(stdout: NodeJS.WriteStream): { columns: number; rows: number } {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}
