/** Parser for `show info`: lines `Name: value` on every version; each version adds names. */
import type { HaproxyProcess } from "../../model/haproxy.ts";
import { createDetacher } from "./detach.ts";
import { parseCount } from "./number.ts";

/** The process behind the answer, or null when the text is no answer to `show info`. Names a version lacks are null. */
export function parseShowInfo(text: string): HaproxyProcess | null {
  const detach = createDetacher();
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) values.set(line.slice(0, colon), detach(line.slice(colon + 1).trim()));
  }
  // Repackaged builds have another `Name`, so the numbers that make a process tell the answer from any other text.
  if (!values.has("Version") || parseCount(values.get("Pid")) === null) return null;
  return {
    nodeName: values.get("node") || null,
    version: values.get("Version") || null,
    pid: parseCount(values.get("Pid")),
    uptimeSeconds: parseCount(values.get("Uptime_sec")),
    startTimeSeconds: parseCount(values.get("Start_time_sec")),
    nbproc: parseCount(values.get("Nbproc")),
    processNumber: parseCount(values.get("Process_num")),
    stopping: values.get("Stopping") === "1",
    currentConnections: parseCount(values.get("CurrConns")),
    maxConnections: parseCount(values.get("Maxconn")),
  };
}
