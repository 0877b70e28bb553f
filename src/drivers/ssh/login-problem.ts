/** Errors of ssh2 while a session is opened, in words. Its `level` tells where they come from. */
import type { Credentials } from "./credentials.ts";
import { describe, describeSystemError, type SshProblem } from "./ssh-error.ts";

interface RawError {
  readonly level: string | null;
  readonly code: string | null;
}

function parseRaw(error: unknown): RawError {
  if (!(error instanceof Error)) return { level: null, code: null };
  const { level, code } = error as { level?: unknown; code?: unknown };
  const first: unknown = error instanceof AggregateError ? error.errors[0] : null;
  return {
    level: typeof level === "string" ? level : null,
    code: typeof code === "string" ? code : first === null ? null : parseRaw(first).code,
  };
}

export function describeLoginProblem(error: unknown, user: string, credentials: Credentials): SshProblem {
  const { level, code } = parseRaw(error);
  if (level === "client-authentication") return describeRefusedLogin(user, credentials, error);
  const system = describeSystemError(code, error);
  if (system !== null) return system;
  const message = describe(error);
  if (level === "client-timeout") {
    const advice = "The host or its sshd is stopped or overloaded; it is tried again.";
    return { kind: "timeout", message: `${lowerFirst(message)}.`, advice, code: "SSH_ETIMEDOUT", cause: error };
  }
  if (level === "handshake") {
    const advice =
      "This sshd wants algorithms that are not built in: set `ssh: {transport: openssh}` to use the system's ssh.";
    return { kind: "unreachable", message: `no common ground (${message}).`, advice, code: null, cause: error };
  }
  return { kind: "unreachable", message: `${lowerFirst(message)}.`, advice: "It is tried again.", code, cause: error };
}

export function describeEnd(): SshProblem {
  const message = "the host closed the connection during the login.";
  const advice = "sshd may be restarting, or refuse this address (MaxStartups, fail2ban); it is tried again.";
  return { kind: "unreachable", message, advice, code: "SSH_ECONNRESET" };
}

function describeRefusedLogin(user: string, { tried, locked, notes }: Credentials, cause: unknown): SshProblem {
  const what = tried.length === 0 ? "there is no key to log in with" : `${user} was refused with ${tried.join(", ")}`;
  const lockedWords = locked.map((file) => `${file} has a passphrase and was not unlocked`);
  const message = `${[what, ...lockedWords, ...notes].join("; ")}.`;
  const [first] = locked;
  const advice =
    first === undefined
      ? `Put the public key into ~/.ssh/authorized_keys of ${user} there, or name the right key (IdentityFile) in the SSH configuration.`
      : `Run \`ssh-add ${first}\`, or start signalbox in a terminal: it asks for the passphrase before the screen opens.`;
  return { kind: "unreachable", message, advice, code: locked.length > 0 ? "KEY_LOCKED" : "LOGIN_REFUSED", cause };
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
