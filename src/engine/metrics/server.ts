/** `--metrics HOST:PORT`: OpenMetrics over HTTP, from the picture that is there. A scrape asks no server and waits for nobody. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { EpochMs } from "../../model/reading.ts";
import type { MetricsSettings } from "../../model/settings.ts";
import type { Clock } from "../../monitor/clock.ts";
import { CONTENT_TYPE } from "./exposition.ts";

/** Scrapers that do not read hold one connection each, and not for long. */
const MAX_CONNECTIONS = 32;
const SILENT_FOR_MS = 10_000;
const TRY_AGAIN_MS = 5_000;

export interface MetricsServer {
  close(): void;
}

/** Listens, and tries again every few seconds while it cannot: the address may be taken by the one that ends just now. Never throws. */
export function startMetricsServer(
  { host, port }: MetricsSettings,
  text: () => string,
  clock: Clock,
  log: (at: EpochMs, line: string) => void,
): MetricsServer {
  const say = (line: string) => log(clock.epochMs(), `metrics: ${line}`);
  let cancelRetry = () => {};
  let isTold = false;
  let isClosed = false;
  const server = createServer({ requestTimeout: SILENT_FOR_MS, headersTimeout: SILENT_FOR_MS }, (request, response) =>
    answer(request, response, text, say),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = SILENT_FOR_MS;
  server.on("listening", () => say(`at ${host}, port ${port}`));
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (!isTold) say(`cannot listen at ${host}, port ${port} (${error.code ?? error.message}); it is tried again`);
    isTold = true;
    if (!isClosed) cancelRetry = clock.after(TRY_AGAIN_MS, () => server.listen(port, host));
  });
  server.listen(port, host);
  return {
    close() {
      isClosed = true;
      cancelRetry();
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  text: () => string,
  say: (line: string) => void,
): void {
  request.resume();
  const path = (request.url ?? "").split("?")[0];
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (!isRead) return void response.writeHead(405, { Allow: "GET, HEAD" }).end();
  if (path !== "/metrics" && path !== "/") return void response.writeHead(404).end();
  try {
    const body = text();
    response.writeHead(200, { "Content-Type": CONTENT_TYPE, "Content-Length": Buffer.byteLength(body) });
    response.end(body);
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    response.writeHead(500).end();
  }
}
