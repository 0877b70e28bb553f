/** Where recordings go that nobody named, and what a recording says of itself. */
import { isAbsolute, join } from "node:path";
import type { Settings } from "../../model/settings.ts";
import { makeFolder } from "../../operations/journal/make-folder.ts";
import { selectHomeDir, selectHost, selectOperator } from "../../operations/journal/place.ts";
import type { RecordingHead } from "../../recording/head.ts";
import { readVersion } from "../version.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `recordings` in `$SIGNALBOX_STATE_DIR`, else `$XDG_STATE_HOME/signalbox/recordings`, else `~/.local/state/signalbox/recordings`. */
export function selectRecordingsDir(env: Environment): string {
  const own = env.SIGNALBOX_STATE_DIR;
  if (own !== undefined && own !== "") return join(own, "recordings");
  const state = env.XDG_STATE_HOME;
  const home = selectHomeDir(env);
  const base = state !== undefined && isAbsolute(state) ? state : join(home, ".local", "state");
  return join(base, "signalbox", "recordings");
}

/** `20261121T021339Z-shop.sbrec`; makes the folder, for its owner alone. */
export async function placeRecording(dir: string, settings: Settings, at: number, kind: string): Promise<string> {
  await makeFolder(dir);
  const stamp = `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
  const [first, second] = settings.clusters;
  const name = (second === undefined ? (first?.name ?? "none") : "all").replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 60);
  return join(dir, `${[stamp, name, kind].filter((part) => part !== "").join("-")}.sbrec`);
}

export function buildHead(
  settings: Settings,
  env: Environment,
  about: Pick<RecordingHead, "kind" | "startedAt" | "withQueries" | "error">,
): RecordingHead {
  return {
    ...about,
    program: readVersion(),
    operator: selectOperator(env),
    host: selectHost(),
    intervalMs: settings.intervalMs,
    clusters: settings.clusters.map(({ name, lag }) => ({ name, lag })),
  };
}
