/** `signalbox record FILE`: looks at the clusters as the console does, without a screen, and writes what it sees. Changes nothing and pages nobody. */
import { resolve } from "node:path";
import { UsageError } from "../../config/config-error.ts";
import { quoteValue } from "../../config/decode/scalar.ts";
import { formatDuration, parseDuration } from "../../config/parse-duration.ts";
import { createInProcessEngine } from "../../engine/in-process.ts";
import type { Engine } from "../../engine/protocol.ts";
import { printable } from "../../model/printable.ts";
import type { Settings } from "../../model/settings.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { RecordingEncoder } from "../../recording/encoder.ts";
import { createRecordingFile, type RecordingFile, RecordingFileError } from "../../recording/file-writer.ts";
import { EXIT } from "../exit-codes.ts";
import type { GlobalOptions } from "../global-options.ts";
import type { CliIo } from "../io.ts";
import { loadFor } from "../load.ts";
import { endsInTime } from "../recording/last-write.ts";
import { buildHead } from "../recording/place.ts";
import { formatBytes, formatLength } from "../recording/words.ts";

export interface RecordOptions extends GlobalOptions {
  readonly for?: string;
  readonly force?: boolean;
  readonly withQueries?: boolean;
}

const BOUNDS = { minMs: 1_000, maxMs: 31 * 24 * 3_600_000 };
/** The journal of this machine is looked at this often. */
const JOURNAL_MS = 5_000;

/** @throws ConfigError, UsageError, Interrupted */
export async function runRecordCommand(io: CliIo, options: RecordOptions, file: string): Promise<number> {
  const lengthMs = parseLength(options.for);
  const loaded = await loadFor(io, options);
  const settings = onlyLooking(loaded.settings);
  const path = resolve(io.cwd, file);
  const say = (text: string) => io.stderr.write(`signalbox: ${printable(text)}\n`);
  for (const warning of settings.warnings) say(`warning: ${warning}`);
  const withQueries = options.withQueries ?? false;
  const startedAt = io.now();
  const head = buildHead(settings, io.env, { kind: "recording", startedAt, withQueries, error: null });
  const stop = createStop(io, lengthMs);
  const recording = await openFile({ path, head, force: options.force ?? false, onFailed: stop.now });
  say(describeStart(settings, path, withQueries, lengthMs));
  const counts = await recordUntil(io, settings, recording, { withQueries, stopped: stop.promise });
  const { error, bytes } = recording;
  const what = `${counts.pictures} pictures and ${counts.changes} changes in ${formatLength(io.now() - startedAt)}`;
  const problem = error?.message ?? (counts.isWritten ? null : `the disk of ${path} does not answer`);
  if (problem !== null) {
    say(`recording ended: ${problem}; what is in it (${what} at most) can be replayed`);
    return EXIT.notWritten;
  }
  say(`recorded ${what}, ${formatBytes(bytes)}: ${path}`);
  return EXIT.ok;
}

/** @throws UsageError */
function parseLength(text: string | undefined): number | null {
  if (text === undefined) return null;
  try {
    return parseDuration(text, BOUNDS);
  } catch (error) {
    throw new UsageError(`--for ${quoteValue(text)} ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The console of somebody pages already, and serves its metrics. */
function onlyLooking({ metrics: _metrics, ...settings }: Settings): Settings {
  const clusters = settings.clusters.map((cluster) => ({ ...cluster, alertHook: null }));
  return { ...settings, readOnly: true, clusters };
}

function createStop(io: CliIo, lengthMs: number | null): { readonly promise: Promise<void>; readonly now: () => void } {
  let now = (): void => {};
  const promise = new Promise<void>((done) => {
    now = done;
  });
  const release = io.onStop(now);
  const timer = lengthMs === null ? null : setTimeout(now, lengthMs);
  const ended = promise.finally(() => {
    release();
    if (timer !== null) clearTimeout(timer);
  });
  return { promise: ended, now };
}

/** @throws UsageError where the file is there already or cannot be made */
async function openFile(options: Parameters<typeof createRecordingFile>[0]): Promise<RecordingFile> {
  try {
    return await createRecordingFile(options);
  } catch (error) {
    if (!(error instanceof RecordingFileError)) throw error;
    throw new UsageError(error.kind === "exists" ? `${error.message}; --force replaces it` : error.message);
  }
}

function describeStart(settings: Settings, path: string, withQueries: boolean, lengthMs: number | null): string {
  const names = settings.clusters.map(({ name }) => name).join(", ");
  const queries = withQueries ? "with texts of queries" : "without texts of queries";
  const until = lengthMs === null ? "until Ctrl-C" : `for ${formatDuration(lengthMs)}`;
  return `recording ${names} every ${formatDuration(settings.intervalMs)}, ${queries}, into ${path} ${until}`;
}

interface RecordParts {
  readonly withQueries: boolean;
  readonly stopped: Promise<void>;
}

async function recordUntil(
  io: CliIo,
  settings: Settings,
  file: RecordingFile,
  { withQueries, stopped }: RecordParts,
): Promise<{ readonly pictures: number; readonly changes: number; readonly isWritten: boolean }> {
  const encoder = new RecordingEncoder({ withQueries, onChunk: (chunk) => file.add(chunk) });
  const engine = createInProcessEngine(settings);
  const watch = withQueries ? createWriterWatch(engine) : null;
  let [pictures, changes] = [0, 0];
  engine.subscribe((event) => {
    encoder.see(event, io.now());
    if (event.type !== "snapshot") return;
    pictures += 1;
    changes += event.snapshot.changes.length;
    watch?.(event.snapshot);
  });
  const listOperations = () => {
    for (const { name } of settings.clusters) engine.send({ type: "list-operations", cluster: name });
  };
  listOperations();
  const journal = setInterval(listOperations, JOURNAL_MS);
  await stopped;
  clearInterval(journal);
  await engine.stop();
  encoder.flush();
  const isWritten = await endsInTime(file.close());
  return { pictures, changes, isWritten };
}

/** Sessions are read from one node at a time: from the one that gets the writes of the first cluster. */
function createWriterWatch(engine: Engine): (snapshot: Snapshot) => void {
  let watched: string | null = null;
  return ({ clusters: [cluster] }) => {
    const node = cluster?.writer?.expected[0] ?? null;
    if (cluster === undefined || node === null || node === watched) return;
    watched = node;
    engine.send({ type: "watch-sessions", cluster: cluster.name, node });
  };
}
