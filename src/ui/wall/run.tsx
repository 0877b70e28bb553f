/** `signalbox watch` from start to exit code. Ends when it is told to, and when its terminal is gone; for nothing else. */
import { type Instance, render, type SuspendTerminal } from "ink";
import { createStore } from "zustand/vanilla";
import type { Engine } from "../../engine/protocol.ts";
import type { Settings } from "../../model/settings.ts";
import { createCompactStream } from "../compact-output.ts";
import { createEnding } from "../ending.ts";
import { createFrameGate } from "../frame-gate.ts";
import { chooseGlyphs } from "../glyphs.ts";
import type { InputEvent } from "../input/events.ts";
import type { ScreenSize } from "../layout.ts";
import { createSignals, SIGNAL_EXIT_CODES } from "../signals.ts";
import { stopAndContinue } from "../suspend.ts";
import { createTerminal } from "../terminal.ts";
import type { ColorDepth } from "../theme/depth.ts";
import type { ThemeFile } from "../theme.ts";
import type { AnnounceOptions } from "./announce.ts";
import { createWallPaint } from "./paint.ts";
import { createQuietStream } from "./quiet-stream.ts";
import type { WallTime } from "./time.ts";
import { Wall, type WallFrame } from "./view.tsx";
import { WallScreen } from "./wall.ts";

export interface WatchOptions extends AnnounceOptions {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly themeName: string;
  readonly colorDepth: ColorDepth;
  readonly themes: readonly ThemeFile[];
  /** Null: tiles. */
  readonly rotateMs: number | null;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Gets defects that were survived. */
  readonly onDefect: (error: unknown) => void;
  /** Time between two frames on which nothing happens; a second, so that the clock moves. */
  readonly tickMs?: number;
  /** The clocks of this machine unless told. */
  readonly clock?: () => WallTime;
}

const TICK_MS = 1_000;
/** Changes within this time are one frame. */
const FRAME_MS = 100;
const MAX_FPS = 30;
/** A screen that broke is begun anew after this. */
const AGAIN_MS = 1_000;

/** Resolves with the exit code, after the terminal was put back and the engine stopped. */
export async function runWatch(options: WatchOptions): Promise<number> {
  const { engine, stdout, stdin } = options;
  const ending = createEnding();
  const unicode = chooseGlyphs(process.env).unicode;
  const paint = createWallPaint({ ...options, unicode });
  const wall = new WallScreen({ ...options, ...listClusters(options.settings), unicode }, sizeOf(stdout), {
    clock: options.clock ?? readClock,
    onNews: () => offer(),
    onDefect: options.onDefect,
  });
  const drawFrame = (): WallFrame => ({ columns: sizeOf(stdout).columns, lines: wall.draw().map(paint) });
  const frames = createStore<WallFrame>()(drawFrame);
  const screen = createWallDisplay(stdout, stdin, frames, (error) => wall.onDefect(error));
  const terminal = createTerminal({
    stdin,
    stdout,
    clock: Date.now,
    onInput: (event) => (isEnd(event) ? ending.end(0) : event.type === "key" && told()),
    onGone: () => ending.end(SIGNAL_EXIT_CODES.SIGHUP),
  });
  const gate = createFrameGate<null>({
    frameMs: Math.min(FRAME_MS, options.tickMs ?? TICK_MS),
    isBlocked: () => terminal.isBlocked,
    publish: () => frames.setState(drawFrame(), true),
  });
  const offer = (): void => gate.offer(null);
  function told(): void {
    wall.onKey();
    offer();
  }
  let step = wall.step;
  function tick(): void {
    wall.onTick();
    const announcement = terminal.isBlocked ? "" : wall.takeAnnouncement();
    if (announcement !== "") stdout.write(announcement);
    if (wall.step !== step && !terminal.isBlocked) {
      step = wall.step;
      frames.setState(drawFrame(), true);
      void screen.redraw();
    } else offer();
  }
  const signals = createSignals({
    onEnd: (signal) => ending.end(SIGNAL_EXIT_CODES[signal]),
    onStop: () => void screen.lend(terminal).catch((error: unknown) => wall.onDefect(error)),
    onError: (error) => wall.onDefect(error),
  });
  const onResize = (): void => {
    wall.onResize(sizeOf(stdout));
    offer();
  };
  // Stopped in a way that cannot be noticed before (SIGSTOP): a shell may have used the terminal since.
  const onContinue = (): void => {
    if (screen.isBusy) return;
    terminal.give();
    terminal.take();
    void screen.redraw();
  };
  screen.open();
  terminal.take();
  const unsubscribe = engine.subscribe((event) => wall.onEngine(event));
  stdout.on("resize", onResize).on("drain", gate.release);
  process.on("SIGCONT", onContinue);
  const ticker = startTicker(options.tickMs ?? TICK_MS, tick);
  try {
    return await ending.promise;
  } finally {
    ticker.stop();
    gate.close();
    unsubscribe();
    process.off("SIGCONT", onContinue);
    stdout.off("resize", onResize).off("drain", gate.release);
    screen.close();
    await terminal.restore();
    signals.release();
    await engine.stop();
  }
}

function readClock(): WallTime {
  return { epochMs: Date.now(), monotonicMs: performance.now() };
}

function listClusters({ clusters }: Settings) {
  return {
    clusterNames: clusters.map(({ name }) => name),
    lagLimits: Object.fromEntries(clusters.map(({ name, lag }) => [name, lag])),
  };
}

function sizeOf(stdout: NodeJS.WriteStream): ScreenSize {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}

/** The only keys that do anything. */
function isEnd(event: InputEvent): boolean {
  return event.type === "key" && (event.key === "q" || event.key === "ctrl-c");
}

/** Calls back right after each whole second of the wall clock, whatever was done to that clock meanwhile. */
function startTicker(tickMs: number, callback: () => void): { stop(): void } {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    timer = setTimeout(
      () => {
        arm();
        callback();
      },
      tickMs - (Date.now() % tickMs),
    );
  };
  arm();
  return { stop: () => clearTimeout(timer) };
}

interface WallDisplay {
  /** The terminal is lent out, or being drawn anew. */
  readonly isBusy: boolean;
  open(): void;
  /** Draws everything anew. */
  redraw(): Promise<void>;
  /** Gives the terminal to the shell until this process is continued. */
  lend(terminal: { give(): void; take(): void }): Promise<void>;
  close(): void;
}

/** Ink, begun anew should it ever fail. */
function createWallDisplay(
  stdout: NodeJS.WriteStream,
  stdin: NodeJS.ReadStream,
  frames: Parameters<typeof Wall>[0]["frames"],
  onDefect: (error: unknown) => void,
): WallDisplay {
  const quiet = createQuietStream(stdout);
  let instance: Instance | null = null;
  let suspend: SuspendTerminal | null = null;
  let busy = false;
  let closed = false;
  function open(): void {
    if (closed) return;
    const opened = render(<Wall frames={frames} onMounted={(hold) => (suspend = hold)} />, {
      stdin,
      stdout: createCompactStream(quiet.stream),
      exitOnCtrlC: false,
      patchConsole: false,
      interactive: true,
      incrementalRendering: true,
      alternateScreen: true,
      maxFps: MAX_FPS,
    });
    instance = opened;
    const begin = (error: unknown): void => {
      if (closed || instance !== opened) return;
      onDefect(error ?? new Error("the screen ended by itself"));
      suspend = null;
      setTimeout(open, AGAIN_MS);
    };
    opened.waitUntilExit().then(() => begin(null), begin);
  }
  async function borrow(work: () => Promise<void>): Promise<void> {
    if (busy || suspend === null) return;
    busy = true;
    try {
      await suspend(work);
    } finally {
      busy = false;
    }
  }
  return {
    get isBusy() {
      return busy;
    },
    open,
    redraw: () => quiet.quietly(() => borrow(async () => undefined)).catch(onDefect),
    lend: (terminal) =>
      borrow(async () => {
        terminal.give();
        await stopAndContinue();
        terminal.take();
      }),
    close() {
      closed = true;
      instance?.unmount();
    },
  };
}
