/** The whole console on a terminal made of memory: real Ink, real key decoder, real terminal emulation, a fake engine. */
import { PassThrough, Writable } from "node:stream";
import xterm from "@xterm/headless";
import type { Settings } from "../../src/model/settings.ts";
import { runConsole } from "../../src/ui/run.tsx";
import type { ThemeFile } from "../../src/ui/theme.ts";
import { createFakeEngine, type FakeEngine } from "./fake-engine.ts";

const DEADLINE_MS = 8_000;
const LOOK_MS = 15;

/** stdout of a terminal: what is written reaches the emulator, unless the terminal is stuck. */
export class FakeTty extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  bytes = 0;
  written = "";
  private waiting: (() => void)[] | null = null;
  private readonly emulator: InstanceType<typeof xterm.Terminal>;

  constructor(columns: number, rows: number) {
    super({ highWaterMark: 16_384 });
    this.columns = columns;
    this.rows = rows;
    this.emulator = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 0,
      convertEol: true,
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    this.written += chunk.toString("utf8");
    const deliver = () => this.emulator.write(chunk, done);
    if (this.waiting === null) deliver();
    else this.waiting.push(deliver);
  }

  /** Stops taking bytes, as a half-open SSH session does. */
  block(): void {
    this.waiting = [];
  }

  unblock(): void {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const deliver of waiting) deliver();
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emulator.resize(columns, rows);
    this.emit("resize");
  }

  /** Lines on screen, blanks at their ends removed. */
  lines(): string[] {
    const { active } = this.emulator.buffer;
    return Array.from(
      { length: this.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
    );
  }

  get isAlternate(): boolean {
    return this.emulator.buffer.active.type === "alternate";
  }
}

export class FakeKeyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

export interface ConsoleOnScreen {
  readonly engine: FakeEngine;
  readonly tty: FakeTty;
  readonly keyboard: FakeKeyboard;
  readonly exit: Promise<number>;
  /** Sends bytes as a terminal would. */
  type(bytes: string): void;
  text(): string;
  /** Waits until the screen satisfies the condition; fails with the screen when it never does. */
  until(condition: (text: string) => boolean, what: string): Promise<string>;
  untilShown(text: string): Promise<string>;
  untilGone(text: string): Promise<string>;
}

export interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly readOnly?: boolean;
  readonly color?: boolean;
  readonly themeName?: string;
  readonly themes?: readonly ThemeFile[];
  readonly warnings?: readonly string[];
  readonly mouse?: boolean;
}

export const NO_SETTINGS: Settings = {
  intervalMs: 1_000,
  theme: "dark",
  readOnly: false,
  clusters: [],
  ssh: { configFile: "", knownHostsFile: "" },
  warnings: [],
};

export function startConsole(options: ScreenOptions = {}): ConsoleOnScreen {
  const tty = new FakeTty(options.columns ?? 80, options.rows ?? 24);
  const keyboard = new FakeKeyboard();
  const engine = createFakeEngine();
  const exit = runConsole({
    engine,
    settings: { ...NO_SETTINGS, warnings: options.warnings ?? [], mouse: options.mouse ?? false },
    themes: options.themes ?? [],
    version: "0.0.0-test",
    configPath: null,
    readOnly: options.readOnly ?? false,
    themeName: options.themeName ?? "dark",
    color: options.color ?? true,
    stdin: keyboard as unknown as NodeJS.ReadStream,
    stdout: tty as unknown as NodeJS.WriteStream,
  });
  const text = () => tty.lines().join("\n");
  const until = async (condition: (text: string) => boolean, what: string): Promise<string> => {
    const deadline = Date.now() + DEADLINE_MS;
    while (!condition(text())) {
      if (Date.now() > deadline) throw new Error(`the screen never showed ${what}:\n${text()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return text();
  };
  return {
    engine,
    tty,
    keyboard,
    exit,
    type: (bytes) => void keyboard.write(bytes),
    text,
    until,
    untilShown: (wanted) => until((shown) => shown.includes(wanted), JSON.stringify(wanted)),
    untilGone: (unwanted) => until((shown) => !shown.includes(unwanted), `itself without ${JSON.stringify(unwanted)}`),
  };
}
