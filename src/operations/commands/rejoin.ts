import { draftRejoin } from "../promotion/rejoin/draft.ts";
import type { Command } from "./command.ts";

export const rejoin: Command = {
  id: "rejoin",
  danger: "disruptive",
  draft: draftRejoin,
};
