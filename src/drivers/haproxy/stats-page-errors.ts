/** What can be wrong with an answer of the stats page, as sentences. */
import { DriverError, type DriverErrorFields } from "../errors.ts";
import { buildConnectError, errorCode } from "./connect-error.ts";

export const PAGE_OPERATION = "stats page";

const TLS_CODES = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** Error for a status other than 200. HAProxy itself answers 503 to a path that no stats page and no server has. */
export function buildStatusError(status: number, target: string): DriverError {
  const shared = { target, operation: PAGE_OPERATION, serverCode: status };
  switch (status) {
    case 401:
    case 403:
      return new DriverError({
        ...shared,
        kind: "auth",
        message: `The stats page refuses user and password (${status}).`,
        advice: "Set user and password as on HAProxy's `stats auth` line.",
      });
    case 404:
    case 503:
      return new DriverError({
        ...shared,
        kind: "protocol",
        message: `There is no stats page at this address (${status}).`,
        advice: "Use the path of HAProxy's `stats uri` line; without one it is /haproxy?stats.",
      });
    default:
      return new DriverError({
        ...shared,
        kind: "protocol",
        message: `The stats page answers with status ${status}.`,
        advice: status >= 300 && status < 400 ? "Configure the address it redirects to." : null,
      });
  }
}

/** Error of the transport: refused, unknown host, certificate, another protocol, broken off. */
export function buildTransportError(error: Error, target: string): DriverError {
  const code = errorCode(error);
  if (code === "EPROTO") {
    return new DriverError({
      kind: "tls",
      target,
      operation: "connect",
      message: "The server does not speak TLS on this port.",
      advice: "Check scheme and port of the stats page.",
      serverCode: code,
      cause: error,
    });
  }
  if (code !== null && TLS_CODES.test(code)) {
    return new DriverError({
      kind: "tls",
      target,
      operation: "connect",
      message: `The TLS connection failed: ${error.message}`,
      advice: "Check name and certificate of the server; a private authority is made known with NODE_EXTRA_CA_CERTS.",
      serverCode: code,
      cause: error,
    });
  }
  if (code?.startsWith("HPE_") === true) {
    return buildPageError(target, {
      message: "The server does not speak HTTP.",
      advice: "Check scheme and port of the stats page.",
      serverCode: code,
      cause: error,
    });
  }
  if (code === "ECONNRESET" || code === "EPIPE") {
    return buildPageError(target, {
      message: "The connection broke before the page was whole.",
      advice: "Check scheme and port: an https page does not answer to http.",
      serverCode: code,
      cause: error,
    });
  }
  return buildConnectError(error, target);
}

/** A defect of the page's content: kind `protocol`. */
export function buildPageError(
  target: string,
  fields: Omit<DriverErrorFields, "kind" | "target" | "operation">,
): DriverError {
  return new DriverError({ kind: "protocol", target, operation: PAGE_OPERATION, ...fields });
}
