/** move-ip: gives the floating address to another host, by the program that holds it there. */
import { describeNoMove } from "../../model/why-no-move.ts";
import { draftMove } from "../floating-ip/plan.ts";
import { COMMAND_ALIASES } from "./aliases.ts";
import type { Command } from "./command.ts";

export const moveIp: Command = {
  id: "move-ip",
  title: "Move floating address",
  key: "I",
  aliases: COMMAND_ALIASES["move-ip"],
  scope: "cluster",
  danger: "disruptive",
  fields: ["targets", "force", "reason"],
  disabledReason: (cluster) => describeNoMove(cluster.floatingIp ?? null),
  draft: draftMove,
};
