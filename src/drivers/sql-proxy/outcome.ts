/** What came of a change: refused by the proxy, refused by us, or not known. */
import type { HaproxyProcess } from "../../model/haproxy.ts";
import type { HaproxyChange, HaproxyChangeResult, HaproxyServerAfter } from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { AdminEndpoint } from "./endpoint.ts";

export interface ChangeRequest {
  readonly endpoint: AdminEndpoint;
  readonly change: HaproxyChange;
  /** Text that was confirmed; null: whatever fits. */
  readonly expectedCommand: string | null;
  /** To be called right before the first statement that changes something: from then on an error may leave the outcome open. */
  readonly beginSending: () => void;
  /** To be called when it is proven that nothing is left of what was sent. */
  readonly tookBack: () => void;
}

/** Nothing was sent. */
export function refuse(
  { endpoint, change }: ChangeRequest,
  message: string,
  advice: string | null = null,
): DriverError {
  return new DriverError({ kind: "rejected", target: endpoint.target, operation: change.kind, message, advice });
}

/** @throws DriverError when another text than the confirmed one would have to be sent */
export function assertExpected(request: ChangeRequest, command: string): void {
  const { expectedCommand } = request;
  if (expectedCommand === null || expectedCommand === command) return;
  const message = `What was confirmed is no longer what would have to be sent: ${command} instead of ${expectedCommand}. Nothing was sent.`;
  throw refuse(request, message, "The list of servers has changed: plan again.");
}

export function buildUnknownOutcome({ target }: AdminEndpoint, operation: string, cause: unknown): DriverError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DriverError({
    kind: "unknown-outcome",
    target,
    operation,
    message: `It is not known what came of the change: ${reason}`,
    advice:
      "Read the servers' state before doing anything else; on ProxySQL compare mysql_servers with runtime_mysql_servers.",
    serverCode: cause instanceof DriverError ? cause.serverCode : null,
    cause,
  });
}

export function buildResult(
  command: string,
  process: HaproxyProcess,
  servers: readonly HaproxyServerAfter[],
  others: readonly string[],
): HaproxyChangeResult {
  const notice = others.length === 0 ? null : `Changed at the same time: ${others.join("; ")}`;
  return { command, sent: true, pidChanged: false, process, refusal: null, failure: null, notice, servers };
}
