/** Answers to the questions of an operation that stands still: the keys are those of the command line. */
import type { OperationChoice } from "../../model/operation.ts";

export const CHOICE_KEYS: Readonly<Record<OperationChoice, { readonly key: string; readonly text: string }>> = {
  retry: { key: "r", text: "tries again what failed" },
  undo: { key: "u", text: "takes back what was done" },
  keep: { key: "k", text: "keeps it as it is" },
  "shutdown-sessions": { key: "x", text: "cuts the sessions that are left" },
  "wait-longer": { key: "w", text: "waits as long again" },
};
