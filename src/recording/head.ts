/** What a recording says of itself, before anything that was seen. */
import type { EpochMs } from "../model/reading.ts";
import { isTime } from "./file-format.ts";

export interface RecordingHead {
  /** `recording`: written while it happened. `memory`: the last minutes, saved later. `crash`: the same, saved because the program failed. */
  readonly kind: "recording" | "memory" | "crash";
  /** Version of signalbox. */
  readonly program: string;
  readonly startedAt: EpochMs;
  readonly operator: string;
  readonly host: string;
  /** Between two pictures; absent where it is not told. */
  readonly intervalMs?: number;
  readonly withQueries: boolean;
  readonly clusters: readonly {
    readonly name: string;
    readonly lag: { readonly warningSeconds: number; readonly criticalSeconds: number };
  }[];
  /** Of a crash: the error with its stack. */
  readonly error: string | null;
}

export function formatHead(head: RecordingHead): Buffer {
  return Buffer.from(JSON.stringify(head), "utf8");
}

const KINDS: readonly RecordingHead["kind"][] = ["recording", "memory", "crash"];
const MAX_CLUSTERS = 1_000;
/** No configuration may ask for a longer one. */
const MAX_INTERVAL_MS = 60_000;

/** The head, or null where it is none. */
export function parseHead(text: string): RecordingHead | null {
  const value = parseObject(text);
  const kind = KINDS.find((each) => each === value?.kind);
  if (value === null || kind === undefined || !isTime(value.startedAt)) return null;
  const textOf = (field: unknown) => (typeof field === "string" ? field : "?");
  const clusters = Array.isArray(value.clusters) ? value.clusters.slice(0, MAX_CLUSTERS) : [];
  return {
    kind,
    program: textOf(value.program),
    startedAt: value.startedAt,
    operator: textOf(value.operator),
    host: textOf(value.host),
    ...(isInterval(value.intervalMs) ? { intervalMs: value.intervalMs } : {}),
    withQueries: value.withQueries === true,
    clusters: clusters.flatMap((each: unknown) => parseCluster(each)),
    error: typeof value.error === "string" ? value.error : null,
  };
}

function parseCluster(value: unknown): RecordingHead["clusters"][number][] {
  if (!isObject(value) || typeof value.name !== "string" || !isObject(value.lag)) return [];
  const { warningSeconds, criticalSeconds } = value.lag;
  if (typeof warningSeconds !== "number" || typeof criticalSeconds !== "number") return [];
  return [{ name: value.name, lag: { warningSeconds, criticalSeconds } }];
}

function isInterval(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= MAX_INTERVAL_MS;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
