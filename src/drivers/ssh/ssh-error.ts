/** Why something does not work through SSH, in one shape: which host of the way, what, and what to do. */
import { DriverError, type DriverErrorFields } from "../errors.ts";

/**
 * A way that is broken says nothing of the server at its end. Of all other kinds the rest of the program concludes that the server has answered,
 * and so lives (`provesLife`): a refused login at a jump host must never look like that.
 */
type SshFailureKind = Extract<DriverErrorFields["kind"], "unreachable" | "timeout">;

export interface SshProblem extends Pick<DriverErrorFields, "message" | "cause"> {
  readonly kind: SshFailureKind;
  readonly advice: string | null;
  readonly code: string | null;
}

/** @param where `user@host:port` of the hop; @param target what was to be reached */
export function buildSshError(problem: SshProblem, where: string, target: string): DriverError {
  const { kind, message, advice, code, cause } = problem;
  return new DriverError({
    kind,
    target,
    operation: `ssh ${where}`,
    // It stands within other sentences, as those of MySQL do.
    message: `SSH to ${where}: ${message.replace(/\.$/, "")}`,
    advice,
    serverCode: code,
    cause,
  });
}

/** The same error as somebody else who shares the session is told it. */
export function retarget(error: unknown, target: string): DriverError {
  if (!(error instanceof DriverError))
    return new DriverError({ kind: "unreachable", target, operation: "ssh", message: describe(error), cause: error });
  const { kind, operation, message, advice, serverCode, cause } = error;
  return new DriverError({ kind, target, operation, message, advice, serverCode, cause });
}

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Words of a system error that has no other meaning here than everywhere. */
const BY_CODE: Readonly<Record<string, readonly [kind: SshFailureKind, message: string, advice: string]>> = {
  ECONNREFUSED: ["unreachable", "connection refused.", "Does sshd run there, and is this its port?"],
  EHOSTUNREACH: ["unreachable", "no route to the host.", "Is the host up, and the network between?"],
  ENETUNREACH: ["unreachable", "no route to the network.", "Check the route to this network."],
  ENOTFOUND: [
    "unreachable",
    "the host name is not known.",
    "Check the name, HostName in the SSH configuration, and the name server.",
  ],
  EAI_AGAIN: ["unreachable", "the name server does not answer.", "Check the name server, or use an address."],
  ETIMEDOUT: ["timeout", "no answer from the host.", "Is the host up? A firewall that drops packets looks the same."],
  ECONNRESET: [
    "unreachable",
    "the host closed the connection.",
    "sshd may be restarting, or refuse this address (MaxStartups, fail2ban).",
  ],
};

/**
 * Null for a code that means nothing here. The code it gives is `SSH_…`: a host of the way that refuses says nothing of the server behind it,
 * and must never be taken for its death.
 */
export function describeSystemError(code: string | null, cause: unknown): SshProblem | null {
  const known = code === null ? undefined : BY_CODE[code];
  if (known === undefined) return null;
  const [kind, message, advice] = known;
  return { kind, message, advice, code: `SSH_${code}`, cause };
}
