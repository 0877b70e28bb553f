/** Requests to the engine, with everything left out that a command does not ask for. */
import type { CommandId, CommandRequest } from "../../model/operation.ts";

/** How long a drain is followed before the panel asks what to do, ms. */
export const DRAIN_WAIT_MS = 60_000;

export function buildRequest(
  command: CommandId,
  cluster: string,
  fields: Partial<Omit<CommandRequest, "command" | "cluster">> = {},
): CommandRequest {
  return {
    command,
    cluster,
    targets: [],
    haproxy: null,
    weight: null,
    thread: null,
    channel: null,
    sessionId: null,
    operationId: null,
    waitMs: command === "drain" ? DRAIN_WAIT_MS : null,
    force: false,
    reason: null,
    ...fields,
  };
}
