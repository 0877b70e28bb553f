/** The one door of the HAProxy driver: a reader for whatever the configuration names. */
import type { HaproxyLocation, HaproxySettings } from "../../model/settings.ts";
import type { HaproxyReader } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { formatHaproxyTarget } from "./location.ts";
import { createSocketReader } from "./socket-reader.ts";
import { createStatsPageReader } from "./stats-page-reader.ts";
import { createTcpOpener, createUnixOpener, type StreamOpener } from "./stream-opener.ts";

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
  const open = options.openStream ?? createOpener(location, target);
  return createSocketReader({ target, open, maxAnswerBytes });
}

function createOpener(location: Exclude<HaproxyLocation, { kind: "stats" }>, target: string): StreamOpener {
  switch (location.kind) {
    case "unix":
      return createUnixOpener(location.path, target);
    case "tcp":
      return createTcpOpener(location.host, location.port, target);
    case "ssh":
      return () => Promise.reject(buildSshError(target));
  }
}

function buildSshError(target: string): DriverError {
  return new DriverError({
    kind: "unsupported",
    target,
    operation: "connect",
    message: "HAProxy sockets over SSH are not supported yet.",
    advice:
      "Forward the socket with `ssh -L /tmp/lb.sock:/run/haproxy/admin.sock HOST` and configure unix:///tmp/lb.sock.",
  });
}
