/** Which haproxy.cfg belongs to which HAProxy. */
import { resolve } from "node:path";
import { findHaproxyConfig, type HaproxyConfigResult, readHaproxyConfig } from "../../drivers/haproxy-config/read.ts";
import type { HaproxySettings } from "../../model/settings.ts";

/** Files named on the command line go to the HAProxies in order, the last one to all that follow; without any, a local process tells. */
export function createConfigReader(
  named: readonly string[],
  cwd: string,
): (haproxy: HaproxySettings, pid: number | null, position: number) => Promise<HaproxyConfigResult> {
  return ({ location }, pid, position) => {
    const file = named[position] ?? named.at(-1);
    return file === undefined ? findHaproxyConfig(location, pid) : readHaproxyConfig([resolve(cwd, file)]);
  };
}
