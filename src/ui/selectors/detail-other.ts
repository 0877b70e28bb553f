/** Detail of a change of the timeline, and of a session. */
import type { SessionsReport } from "../../engine/protocol.ts";
import type { ChangeEvent } from "../../model/change.ts";
import { lastKnown } from "../../model/reading.ts";
import { SEVERITY_TOKENS } from "../columns/timeline.ts";
import { formatDuration } from "../format/duration.ts";
import type { Line } from "../paint.ts";
import { fieldLines, headingLine } from "./detail-lines.ts";

export function selectChangeDetail(change: ChangeEvent, width: number): Line[] {
  return [
    headingLine("Change"),
    ...fieldLines("at", new Date(change.at).toISOString(), width),
    ...fieldLines("cluster", change.cluster, width),
    ...fieldLines("subject", change.subject, width, "strong"),
    ...fieldLines("kind", change.kind, width),
    ...fieldLines("severity", change.severity, width, SEVERITY_TOKENS[change.severity]),
    ...fieldLines("before", change.before, width),
    ...fieldLines("after", change.after, width),
  ];
}

export function selectSessionDetail(report: SessionsReport | null, key: string, width: number): Line[] | null {
  const sessions = report === null ? [] : (lastKnown(report.reading)?.value ?? []);
  const session = sessions.find((each) => String(each.id) === key);
  if (session === undefined) return null;
  return [
    headingLine(`Session ${session.id} on ${report?.node ?? "?"}`),
    ...fieldLines("user", session.user, width),
    ...fieldLines("host", session.host, width),
    ...fieldLines("database", session.database ?? "none", width),
    ...fieldLines("command", session.command, width),
    ...fieldLines("for", session.seconds === null ? null : formatDuration(session.seconds), width),
    ...fieldLines("state", session.state ?? "", width),
    ...fieldLines("system thread", session.system, width),
    ...fieldLines("query", session.query ?? "none", width),
  ];
}
