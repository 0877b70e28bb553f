/** Every command that the engine plans. */
import type { CommandId } from "../../model/operation.ts";
import type { Command } from "./command.ts";
import { killSession } from "./kill-session.ts";
import { moveIp } from "./move-ip.ts";
import { promote } from "./promote.ts";
import { readOnlyOff, readOnlyOn } from "./read-only.ts";
import { reapply } from "./reapply.ts";
import { rejoin } from "./rejoin.ts";
import { replicaStart, replicaStop } from "./replication.ts";
import { resume } from "./resume.ts";
import { drain, maint, ready } from "./server-state.ts";
import { shutdownSessions } from "./shutdown-sessions.ts";
import { undo } from "./undo.ts";
import { weight } from "./weight.ts";

export const COMMANDS: Readonly<Record<CommandId, Command>> = {
  drain,
  maint,
  ready,
  weight,
  "shutdown-sessions": shutdownSessions,
  "replica-start": replicaStart,
  "replica-stop": replicaStop,
  "read-only-on": readOnlyOn,
  "read-only-off": readOnlyOff,
  "kill-session": killSession,
  reapply,
  "move-ip": moveIp,
  promote,
  rejoin,
  undo,
  resume,
};
