import { draftMove } from "../floating-ip/plan.ts";
import type { Command } from "./command.ts";

export const moveIp: Command = {
  id: "move-ip",
  danger: "disruptive",
  draft: draftMove,
};
