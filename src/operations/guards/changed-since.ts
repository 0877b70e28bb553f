import { block, type Guard } from "./guard.ts";

export const changedSince: Guard = {
  name: "changed-since",
  explains:
    "Undo touches only what is still as the operation left it: somebody else's change is not overwritten unseen.",
  applies: ({ request }) => request.command === "undo",
  evaluate: (_facts, { changedSince: found }) =>
    found.map(({ subject, message }) =>
      block(subject, message, "Somebody changed it since. Ask them; --force sets it back all the same.", true),
    ),
};
