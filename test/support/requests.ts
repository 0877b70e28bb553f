/** Requests to the engine, with everything left out that a test does not ask for. */
import type { CommandRequest } from "../../src/model/operation.ts";
import { buildRequest as build } from "../../src/ui/act/request.ts";

export function buildRequest(patch: Partial<CommandRequest> & Pick<CommandRequest, "command">): CommandRequest {
  return build(patch.command, "shop", { waitMs: null, ...patch });
}
