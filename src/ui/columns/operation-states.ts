/** How the states of an operation are written. */
import type { OperationEntry } from "../../model/operation.ts";
import type { Token } from "../theme.ts";

export const STATE_WORDS: Readonly<Record<OperationEntry["state"], { readonly word: string; readonly token: Token }>> =
  {
    running: { word: "RUNNING", token: "info" },
    draining: { word: "DRAINING", token: "drain" },
    done: { word: "DONE", token: "ok" },
    refused: { word: "REFUSED", token: "critical" },
    "rolled-back": { word: "ROLLED BACK", token: "warning" },
    unfinished: { word: "UNFINISHED", token: "critical" },
    interrupted: { word: "INTERRUPTED", token: "critical" },
  };
