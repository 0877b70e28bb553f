import { block, cannotTell, type Guard } from "../../guards/guard.ts";
import { movesAddress } from "./scene.ts";

export const addressAlone: Guard = {
  name: "address-alone",
  explains: "No other operation on the cluster runs or was cut short: the address is not moved in the middle of one.",
  applies: movesAddress,
  evaluate({ unfinished, settings }) {
    if (unfinished === undefined || unfinished === null) {
      const message = "The journal cannot be read: whether another operation is unfinished is not known.";
      return [cannotTell(settings.name, message, "See `signalbox operations`.", false)];
    }
    return unfinished.map((operation) =>
      block(
        operation,
        `${operation} is not finished.`,
        `Finish it or take it back first: signalbox resume ${operation}, or undo.`,
        false,
      ),
    );
  },
};
