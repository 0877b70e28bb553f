/** Why a forwarded stream could not be opened, from the refusal of sshd. */
import type { ChannelRefusal } from "./channel.ts";
import { describe, type SshProblem } from "./ssh-error.ts";

const PROHIBITED = 1;

/** Texts of OpenSSH for a TCP port; for a Unix socket it says nothing more than `open failed`. */
const BY_TEXT: readonly (readonly [pattern: RegExp, code: string, message: string, advice: string])[] = [
  [
    /connection refused/i,
    "ECONNREFUSED",
    "connection refused",
    "Nothing listens there: does the server run, and is this its port?",
  ],
  [
    /name or service not known|temporary failure|nodename nor servname/i,
    "ENOTFOUND",
    "the name is not known there",
    "Names are looked up on the SSH host: use one that it knows, or an address.",
  ],
  [/no route to host/i, "EHOSTUNREACH", "no route to the host", "Is the host up, and the network between?"],
  [/network is unreachable/i, "ENETUNREACH", "no route to the network", "Check the route of the SSH host."],
  [/timed out/i, "ETIMEDOUT", "no answer", "Is the host up? A firewall that drops packets looks the same."],
];

/** @param destination `host:port`; @param from the host that was to connect */
export function describeForwardProblem(error: unknown, destination: string, from: string): SshProblem {
  const text = describe(error);
  const { reason } = error as ChannelRefusal;
  if (reason === PROHIBITED || /administratively prohibited/i.test(text)) {
    const message = `${from} does not forward to ${destination}: it is forbidden there.`;
    const advice = "Set AllowTcpForwarding (and PermitOpen) in its sshd_config, for this user at least.";
    return { kind: "unreachable", message, advice, code: "FORWARDING_FORBIDDEN", cause: error };
  }
  const known = reason === undefined ? undefined : BY_TEXT.find(([pattern]) => pattern.test(text));
  if (known !== undefined) {
    const [, code, what, advice] = known;
    const kind = code === "ETIMEDOUT" ? "timeout" : "unreachable";
    return { kind, message: `${from} cannot reach ${destination}: ${what}.`, advice, code, cause: error };
  }
  return describeLostSession(error, destination, from);
}

export function describeLostSession(error: unknown, destination: string, from: string): SshProblem {
  return {
    kind: "unreachable",
    message: `${destination} was not reached through ${from} (${describe(error)}).`,
    advice: "The session to the SSH host may just have been lost; it is opened again.",
    code: "SSH_SESSION_LOST",
    cause: error,
  };
}
