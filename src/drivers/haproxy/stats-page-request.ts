/** One GET of the stats page as CSV: one connection, closed after the answer. */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Secret } from "../../model/settings.ts";
import { lookupName } from "../name-lookup/lookup.ts";
import { buildPageError, buildStatusError, buildTransportError } from "./stats-page-errors.ts";

export interface StatsPageRequest {
  readonly target: string;
  readonly url: URL;
  readonly user: string | null;
  readonly password: Secret | null;
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

/** The body of a 200 answer of type text/plain, decoded as UTF-8. @throws DriverError, or the signal's reason */
export function requestStatsPage(page: StatsPageRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const { url, signal, target } = page;
    const fail = (error: Error): void => reject(signal.aborted ? signal.reason : buildTransportError(error, target));
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const options = { agent: false, signal, headers: buildHeaders(page), lookup: lookupName };
    const outgoing = send(url, options, (incoming) => {
      incoming.on("error", fail);
      readBody(incoming, page).then(resolve, (error: unknown) => {
        reject(error);
        outgoing.destroy();
      });
    });
    outgoing.on("error", fail);
    outgoing.end();
  });
}

function buildHeaders({ user, password }: StatsPageRequest): Record<string, string> {
  const headers = { accept: "text/plain", "accept-encoding": "identity", connection: "close" };
  if (user === null) return headers;
  const credentials = Buffer.from(`${user}:${password?.secret ?? ""}`, "utf8").toString("base64");
  return { ...headers, authorization: `Basic ${credentials}` };
}

function readBody(incoming: IncomingMessage, { target, maxAnswerBytes }: StatsPageRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const status = incoming.statusCode ?? 0;
    if (status !== 200) return reject(buildStatusError(status, target));
    const contentType = incoming.headers["content-type"] ?? "";
    if (!/^text\/plain\b/i.test(contentType)) return reject(buildNotCsvError(target));
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) {
        reject(buildPageError(target, { message: `The page is larger than ${maxAnswerBytes} bytes.` }));
      }
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}

/** The address answers, but not with the table. */
export function buildNotCsvError(target: string): Error {
  return buildPageError(target, {
    message: "The address answers with a page that is not HAProxy's statistics as CSV.",
    advice: "Use the path of HAProxy's `stats uri` line, without `?csv` or `%3Bcsv`.",
  });
}
