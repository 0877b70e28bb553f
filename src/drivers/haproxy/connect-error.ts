/** System errors of connecting and reading, as sentences an operator can act on. Seen on HAProxy 1.4–3.4 with Node 20. */
import { DriverError } from "../errors.ts";

interface Explanation {
  readonly message: string;
  readonly advice: string | null;
}

const CONNECT_EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOENT: {
    message: "There is no socket at this path.",
    advice: "Check that HAProxy runs and that the path is the one of its `stats socket` line.",
  },
  ECONNREFUSED: {
    message: "Nobody listens there.",
    advice: "Check that HAProxy runs and that this is its address; a socket file stays behind when HAProxy dies.",
  },
  EACCES: {
    message: "No permission to use the socket.",
    advice: "Run as a user of the socket's group, or set `user`, `group` and `mode` on HAProxy's `stats socket` line.",
  },
  EAGAIN: {
    message: "The admin socket is full (10): all its connections are in use.",
    advice:
      "Close idle sessions on the socket (each socat or prompt holds one), or raise `stats maxconn` above its default of 10.",
  },
  ENOTFOUND: { message: "The host name is not known.", advice: "Check the name and the name server." },
  EAI_AGAIN: { message: "The name server does not answer.", advice: "Check the name server, or use an address." },
  EHOSTUNREACH: { message: "The host cannot be reached.", advice: "Check that the host is up and the route to it." },
  ENETUNREACH: { message: "The network cannot be reached.", advice: "Check the route to this network." },
  ETIMEDOUT: { message: "The host does not answer.", advice: "Check that the host is up and no firewall is between." },
  ENOTSOCK: { message: "This path is not a socket.", advice: "Use the path of HAProxy's `stats socket` line." },
};

/** Error number name of a system error, also of the `AggregateError` that connecting to a name with several addresses gives. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ("code" in error && typeof error.code === "string") return error.code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : null;
}

/** Why a connection could not be made: kind `unreachable`. */
export function buildConnectError(error: unknown, target: string): DriverError {
  const code = errorCode(error);
  const known = code === null ? undefined : CONNECT_EXPLANATIONS[code];
  const message = known?.message ?? (error instanceof Error ? error.message : String(error));
  const advice = known?.advice ?? null;
  return new DriverError({
    kind: "unreachable",
    target,
    operation: "connect",
    message,
    advice,
    serverCode: code,
    cause: error,
  });
}
