/** Checks at the worker boundary: what is not understood is told and dropped, never acted on. */
import type { CommandRequest, OperationChoice } from "../model/operation.ts";
import type { EngineEvent, EngineRequest, HostMessage, WorkerMessage } from "./protocol.ts";

const EVENT_TYPES: readonly EngineEvent["type"][] = [
  "snapshot",
  "sessions",
  "plan",
  "operation",
  "operations",
  "log",
  "stopped",
];
const CHOICES: readonly OperationChoice[] = ["retry", "undo", "keep", "shutdown-sessions", "wait-longer"];

/** The message as one of ours, or null. */
export function parseHostMessage(value: unknown): HostMessage | null {
  if (!isRecord(value)) return null;
  if (value.type === "ack") {
    const of = EVENT_TYPES.find((type) => type === value.of);
    return of === undefined ? null : { type: "ack", of };
  }
  if (value.type === "resync") return { type: "resync" };
  const request = value.type === "request" ? parseRequest(value.request) : null;
  return request === null ? null : { type: "request", request };
}

/** True for a message of the shape the worker sends; contents are the worker's own and are trusted. */
export function isWorkerMessage(value: unknown): value is WorkerMessage {
  if (!isRecord(value)) return false;
  switch (value.type) {
    case "snapshot":
      return (
        typeof value.seq === "number" &&
        (value.base === null || typeof value.base === "number") &&
        Array.isArray(value.patch)
      );
    case "sessions":
      return isRecord(value.report);
    case "plan":
      return isRecord(value.answer);
    case "operation":
      return isRecord(value.progress);
    case "operations":
      return Array.isArray(value.entries) && typeof value.cluster === "string";
    case "log":
      return typeof value.line === "string" && typeof value.at === "number";
    default:
      return value.type === "stopped";
  }
}

function parseRequest(value: unknown): EngineRequest | null {
  if (!isRecord(value)) return null;
  const { type, cluster, node } = value;
  if (type === "refresh" || type === "stop") return { type };
  if (type === "watch-sessions" && typeof cluster === "string" && (node === null || typeof node === "string")) {
    return { type, cluster, node };
  }
  return parseOperationRequest(value);
}

function parseOperationRequest(value: Readonly<Record<string, unknown>>): EngineRequest | null {
  const { type, requestId, request, planId, operationId, cluster } = value;
  if (type === "plan" && typeof requestId === "string" && isCommandRequest(request))
    return { type, requestId, request };
  if (type === "run" && typeof planId === "string") return { type, planId };
  if (type === "list-operations" && typeof cluster === "string") return { type, cluster };
  if (typeof operationId !== "string") return null;
  if (type === "stop-operation") return { type, operationId };
  const choice = CHOICES.find((each) => each === value.choice);
  return type === "choose" && choice !== undefined ? { type, operationId, choice } : null;
}

/** Field values are judged by the command; here only their kinds. */
function isCommandRequest(value: unknown): value is CommandRequest {
  if (!isRecord(value) || typeof value.command !== "string" || typeof value.cluster !== "string") return false;
  return Array.isArray(value.targets) && value.targets.every((target) => typeof target === "string");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
