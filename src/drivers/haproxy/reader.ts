/** The one door of the HAProxy driver: a reader for whatever the configuration names. */
import type { HaproxySettings } from "../../model/settings.ts";
import type { HaproxyReader } from "../contract.ts";
import { createSqlProxyReader } from "../sql-proxy/reader.ts";
import { formatHaproxyTarget } from "./location.ts";
import { createOpener } from "./location-opener.ts";
import { createSocketReader } from "./socket-reader.ts";
import { createStatsPageReader } from "./stats-page-reader.ts";
import type { StreamOpener } from "./stream-opener.ts";

export interface HaproxyReaderOptions {
  /** Opens the way to the socket instead of the location's own, e.g. through an SSH connection. Not used for a stats page. */
  readonly openStream?: StreamOpener;
  /** Answers over this many bytes are refused; 64 MB unless told (5,000 servers take 1.4 MB). */
  readonly maxAnswerBytes?: number;
}

const DEFAULT_MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Creates the reader without touching the network: what is wrong with the location shows at the first poll, as a DriverError. */
export function createHaproxyReader(settings: HaproxySettings, options: HaproxyReaderOptions = {}): HaproxyReader {
  const target = formatHaproxyTarget(settings);
  const maxAnswerBytes = options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES;
  const { location } = settings;
  if (location.kind === "stats") return createStatsPageReader({ target, location, maxAnswerBytes });
  if (location.kind === "sql-admin") return createSqlProxyReader({ ...settings, location }, options);
  const open = options.openStream ?? createOpener(location, target);
  return createSocketReader({ target, open, maxAnswerBytes, keepsConnection: location.kind === "ssh" });
}
