/** An engine of which the last minutes are remembered: between engine and screen, where nothing a server waits for is delayed by it. */
import type { Engine, EngineEvent, EngineRequest } from "../../engine/protocol.ts";
import type { RecordAction, RecordingStatus } from "../../model/replay.ts";
import type { Settings } from "../../model/settings.ts";
import { RecordingEncoder } from "../../recording/encoder.ts";
import { createRecordingFile, type RecordingFile } from "../../recording/file-writer.ts";
import type { RecordingHead } from "../../recording/head.ts";
import { RecordingMemory } from "../../recording/memory.ts";
import { endsInTime } from "./last-write.ts";
import { buildHead, type Environment, placeRecording, selectRecordingsDir } from "./place.ts";
import { formatBytes, formatLength } from "./words.ts";

export interface RecordedEngine extends Engine {
  /** Files that were written because somebody pressed a key, in order. */
  readonly written: readonly string[];
  /** What could not be written when it was stopped, with nobody left to tell on screen. */
  readonly unwritten: readonly string[];
  /** Writes what is remembered, with the error. Resolves with the path; null when nothing was seen yet or it cannot be written. */
  saveCrash(error: unknown): Promise<string | null>;
}

export interface RecordedEngineOptions {
  readonly settings: Settings;
  readonly env: Environment;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export function recordEngine(engine: Engine, options: RecordedEngineOptions): RecordedEngine {
  const recorder = new EngineRecorder(engine, options);
  return {
    written: recorder.written,
    unwritten: recorder.unwritten,
    send: (request) => recorder.send(request),
    subscribe: (listener) => recorder.subscribe(listener),
    stop: () => recorder.stop(),
    saveCrash: (error) => recorder.saveCrash(error),
  };
}

interface Told {
  readonly text: string;
  readonly isProblem: boolean;
}

const good = (text: string): Told => ({ text, isProblem: false });

class EngineRecorder {
  readonly written: string[] = [];
  readonly unwritten: string[] = [];
  readonly #engine: Engine;
  readonly #options: RecordedEngineOptions;
  /** Asked now: a program may change its environment later. */
  readonly #dir: string;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #memory = new RecordingMemory();
  readonly #encoder: RecordingEncoder;
  #file: { readonly file: RecordingFile; readonly path: string; readonly since: number } | null = null;
  /** One after the other, so that two presses of a key are a beginning and an end. */
  #work: Promise<void> = Promise.resolve();

  constructor(engine: Engine, options: RecordedEngineOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#dir = selectRecordingsDir(options.env);
    this.#encoder = new RecordingEncoder({
      withQueries: false,
      onChunk: (chunk) => {
        this.#memory.add(chunk);
        this.#file?.file.add(chunk);
      },
    });
    engine.subscribe((event) => {
      this.#emit(event);
      // After the screen has it; a defect here must not take the sight of the cluster away.
      this.#record(event);
    });
  }

  send(request: EngineRequest): void {
    if (request.type !== "record") this.#engine.send(request);
    else this.#work = this.#work.then(() => this.#obey(request.action));
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
    const where = this.#file?.path ?? this.#dir;
    if (!(await endsInTime(this.#finish()))) this.unwritten.push(`the disk of ${where} does not answer`);
  }

  async #finish(): Promise<void> {
    await this.#work;
    try {
      if (this.#file !== null) await this.#endFile();
    } catch (error) {
      // A full disk is no defect of the console, whose work is done.
      this.unwritten.push(error instanceof Error ? error.message : String(error));
    }
  }

  async saveCrash(error: unknown): Promise<string | null> {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    // There is an error to be told already: neither a failure to write nor a disk that hangs may hold it back.
    let path: string | null = null;
    const saved = this.#save("crash", text).then((found) => {
      path = found;
    });
    await endsInTime(saved);
    return path;
  }

  #record(event: EngineEvent): void {
    try {
      this.#encoder.see(event, this.#options.now());
    } catch (error) {
      this.#encoder.beginGroup();
      const line = `recording: ${error instanceof Error ? error.message : String(error)}`;
      this.#emit({ type: "log", at: this.#options.now(), line });
    }
  }

  async #obey(action: RecordAction): Promise<void> {
    try {
      if (action === "file") this.#tell(this.#file === null ? await this.#beginFile() : await this.#endFile());
      else if (action === "save") this.#tell(await this.#saveMemory());
      else this.#tell(await this.#report());
    } catch (error) {
      this.#tell({ text: error instanceof Error ? error.message : String(error), isProblem: true });
    }
  }

  async #beginFile(): Promise<Told> {
    const { settings, env, now } = this.#options;
    const since = now();
    const path = await placeRecording(this.#dir, settings, since, "");
    const head = buildHead(settings, env, { kind: "recording", startedAt: since, withQueries: false, error: null });
    const onFailed = ({ message }: Error) => {
      this.#file = null;
      this.#tell({ text: `recording ended: ${message}`, isProblem: true });
    };
    const file = await createRecordingFile({ path, head, force: false, onFailed });
    this.#encoder.beginGroup();
    this.#file = { file, path, since };
    this.written.push(path);
    return good(`recording into ${path}`);
  }

  async #endFile(): Promise<Told> {
    const open = this.#file;
    if (open === null) return good("nothing is being recorded");
    this.#encoder.flush();
    this.#file = null;
    await open.file.close();
    if (open.file.error !== null) throw open.file.error;
    const length = formatLength(this.#options.now() - open.since);
    return good(`recorded ${length}, ${formatBytes(open.file.bytes)}: signalbox replay ${open.path}`);
  }

  async #saveMemory(): Promise<Told> {
    const path = await this.#save("memory", null);
    if (path === null) return { text: "nothing was seen yet", isProblem: true };
    this.written.push(path);
    return good(`the last ${this.#describeMemory()} are in ${path}`);
  }

  async #report(): Promise<Told> {
    const path = await this.#save("memory", null);
    if (path === null) return { text: "nothing was seen yet", isProblem: true };
    const { writeReport } = await import("../report/write-report.ts");
    const report = await writeReport(path);
    this.written.push(path, report);
    return good(`report of the last ${this.#describeMemory()}: ${report}`);
  }

  #describeMemory(): string {
    const from = this.#memory.from ?? this.#options.now();
    return formatLength(this.#options.now() - from);
  }

  /** Null while there is nothing to save. */
  async #save(kind: "memory" | "crash", error: string | null): Promise<string | null> {
    const { settings, env, now } = this.#options;
    this.#encoder.flush();
    const { chunks, from } = this.#memory;
    if (from === null) return null;
    const path = await placeRecording(this.#dir, settings, now(), kind === "crash" ? "crash" : "last-minutes");
    const head: RecordingHead = buildHead(settings, env, { kind, startedAt: from, withQueries: false, error });
    const failed: Error[] = [];
    const file = await createRecordingFile({ path, head, force: true, onFailed: (each) => failed.push(each) });
    for (const chunk of chunks) file.add(chunk);
    await file.close();
    const [problem] = failed;
    if (problem !== undefined) throw problem;
    return path;
  }

  #tell(told: Told): void {
    const file = this.#file;
    const status: RecordingStatus = { path: file?.path ?? null, since: file?.since ?? null };
    this.#emit({ type: "recording", status, told });
  }

  #emit(event: EngineEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
