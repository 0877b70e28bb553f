/** Which program moves the floating address, told by its processes and files. Nothing is sent to it: even its state dump is a file that it writes. */
import { normalizeHost } from "../../model/address.ts";
import type { FloatingTools } from "../../model/floating-ip.ts";
import type { RequestBounds } from "../contract.ts";
import type { RunCommand } from "./run-command.ts";

/** Where packages put it. */
export const STANDBY_PATHS: readonly string[] = ["/usr/share/heartbeat/hb_standby", "/usr/lib/heartbeat/hb_standby"];
const HARESOURCES = "/etc/ha.d/haresources";
const KEEPALIVED_CONF = "/etc/keepalived/keepalived.conf";
/** Only these lines: the file holds auth_pass. */
const KEEPALIVED_LINES = "^[[:space:]]*vrrp_instance[[:space:]]";

/** @throws DriverError when the host cannot be asked */
export async function readTools(run: RunCommand, address: string, bounds: RequestBounds): Promise<FloatingTools> {
  const [processes, files] = await Promise.all([
    run(["ps", "-e", "-o", "comm="], bounds),
    run(["ls", "-1", "-d", ...STANDBY_PATHS, HARESOURCES, KEEPALIVED_CONF], bounds),
  ]);
  const names = parseProcessNames(processes.stdout);
  const found = new Set(files.stdout.split("\n").map((line) => line.trim()));
  const standbyPath = STANDBY_PATHS.find((path) => found.has(path)) ?? null;
  const hasHeartbeat = names.has("heartbeat") || standbyPath !== null || found.has(HARESOURCES);
  const isKeepalivedRunning = [...names].some((name) => name.startsWith("keepalived"));
  const hasKeepalived = isKeepalivedRunning || found.has(KEEPALIVED_CONF);
  const [resources, configuration] = await Promise.all([
    found.has(HARESOURCES) ? run(["cat", HARESOURCES], bounds) : null,
    found.has(KEEPALIVED_CONF) ? run(["grep", "-E", KEEPALIVED_LINES, KEEPALIVED_CONF], bounds) : null,
  ]);
  const preferred = resources?.exitCode === 0 ? parsePreferred(resources.stdout, address) : null;
  // 1 is "no such line", 2 "cannot be read".
  const isRead = configuration !== null && (configuration.exitCode === 0 || configuration.exitCode === 1);
  return {
    heartbeat: hasHeartbeat ? { running: names.has("heartbeat"), standbyPath, preferred } : null,
    keepalived: hasKeepalived
      ? { running: isKeepalivedRunning, instances: isRead ? parseInstances(configuration.stdout) : null }
      : null,
    pacemaker: names.has("pacemakerd") || names.has("pacemaker-execd"),
  };
}

/** Names as `ps -o comm=` prints them; Heartbeat's have a word on their task after a colon: `heartbeat: FIFO reader`. */
export function parseProcessNames(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").map((line) => line.trim().split(/[:\s]/)[0] ?? ""));
}

/** Node of the haresources line that has the address, e.g. `server1 10.10.10.1` or `server1 IPaddr::10.10.10.1/24/eth0`; null without one. */
export function parsePreferred(text: string, address: string): string | null {
  const wanted = normalizeHost(address);
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    const [node, ...resources] = line.replace(/#.*$/, "").trim().split(/\s+/);
    const addresses = resources.map((resource) => resource.replace(/^IPaddr2?::/, "").split("/")[0] ?? "");
    if (node !== undefined && node !== "" && addresses.some((one) => normalizeHost(one) === wanted)) return node;
  }
  return null;
}

export function parseInstances(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => /^\s*vrrp_instance\s+"?([^\s"{]+)/.exec(line)?.[1] ?? []);
}
