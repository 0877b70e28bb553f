import { block, type Guard } from "./guard.ts";

export const changedSince: Guard = {
  name: "changed-since",
  explains:
    "Undo, resume and re-apply touch only what is still as the operation or the reload left it, or as it was before: somebody else's change is not overwritten unseen.",
  applies: ({ request, changedSince: found }) => request.command === "undo" || found.length > 0,
  evaluate: (_facts, { changedSince: found }) =>
    found.map(({ subject, message }) =>
      block(subject, message, "Somebody changed it since. Ask them; --force sets it back all the same.", true),
    ),
};
