/** Requests to the engine, with everything left out that a test does not ask for. */
import type { CommandRequest } from "../../src/model/operation.ts";

export function buildRequest(patch: Partial<CommandRequest> & Pick<CommandRequest, "command">): CommandRequest {
  return {
    cluster: "shop",
    targets: [],
    haproxy: null,
    weight: null,
    thread: null,
    channel: null,
    sessionId: null,
    operationId: null,
    waitMs: null,
    force: false,
    reason: null,
    ...patch,
  };
}
