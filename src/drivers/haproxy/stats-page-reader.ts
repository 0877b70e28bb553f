/** Reader of the stats page over HTTP(S), for where no socket can be reached: rows of `show stat`, no process and no admin bits. */
import type { HaproxyReport } from "../../model/haproxy.ts";
import type { HaproxyLocation } from "../../model/settings.ts";
import type { HaproxyReader, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { runBounded } from "./deadline.ts";
import { ServerStates } from "./server-states.ts";
import { parseShowStat } from "./show-stat.ts";
import { buildPageError, PAGE_OPERATION } from "./stats-page-errors.ts";
import { buildNotCsvError, requestStatsPage } from "./stats-page-request.ts";
import { buildStatsCsvUrl } from "./stats-page-url.ts";

export interface StatsPageReaderOptions {
  readonly target: string;
  readonly location: Extract<HaproxyLocation, { kind: "stats" }>;
  readonly maxAnswerBytes: number;
}

export function createStatsPageReader(options: StatsPageReaderOptions): HaproxyReader {
  const { target, location, maxAnswerBytes } = options;

  async function poll(bounds: RequestBounds): Promise<HaproxyReport> {
    const url = buildStatsCsvUrl(location.url);
    if (url === null) throw buildUrlError(target);
    const { user, password } = location;
    const describeTimeout = (): DriverError => buildTimeoutError(target, bounds.timeoutMs);
    const request = { bounds, target, operation: PAGE_OPERATION, describeTimeout };
    const body = await runBounded(request, (signal) =>
      requestStatsPage({ target, url, user, password, maxAnswerBytes, signal }),
    );
    return parsePage(body, target);
  }

  return { target, poll, async close() {} };
}

function parsePage(body: string, target: string): HaproxyReport {
  const stat = parseShowStat(body, new ServerStates([]));
  if (stat === null) throw buildNotCsvError(target);
  // HAProxy 2.4 could end the page in the middle of a row with an orderly close (haproxy issue 1478).
  if (!stat.complete) throw buildPageError(target, { message: "The page is cut off inside its last row." });
  const { proxies, servers } = stat;
  return { source: "stats-page", level: "read-only", process: null, proxies, servers };
}

function buildUrlError(target: string): DriverError {
  return new DriverError({
    kind: "unsupported",
    target,
    operation: "connect",
    message: "The address of the stats page is no http or https URL.",
    advice: "Write it as http://HOST:PORT/PATH.",
  });
}

function buildTimeoutError(target: string, timeoutMs: number): DriverError {
  return new DriverError({
    kind: "timeout",
    target,
    operation: PAGE_OPERATION,
    message: `The stats page was not read within ${timeoutMs} ms.`,
    advice: "Check that the host is up and HAProxy is not stopped or overloaded.",
  });
}
