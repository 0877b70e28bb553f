import { draftFailover } from "../promotion/failover/draft.ts";
import { draftSwitchover } from "../promotion/plan/switchover.ts";
import type { Command } from "./command.ts";

export const promote: Command = {
  id: "promote",
  danger: "disruptive",
  draft: (input) => (input.request.promotion?.failover === true ? draftFailover(input) : draftSwitchover(input)),
};
