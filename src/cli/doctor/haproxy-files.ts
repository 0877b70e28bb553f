/** Which haproxy.cfg belongs to which HAProxy. */
import { resolve } from "node:path";
import type { RequestBounds } from "../../drivers/contract.ts";
import { namedPlace } from "../../drivers/haproxy-config/place.ts";
import { type HaproxyConfigResult, readHaproxyConfig } from "../../drivers/haproxy-config/read.ts";
import type { HaproxySettings } from "../../model/settings.ts";

/** Finds the file of a HAProxy whose process is known. Never rejects. */
export type FindHaproxyConfig = (
  haproxy: HaproxySettings,
  pid: number | null,
  bounds: RequestBounds,
) => Promise<HaproxyConfigResult>;

/** Files named on the command line go to the HAProxies in order, the last one to all that follow; without any, the process of each tells. */
export function createConfigReader(
  named: readonly string[],
  cwd: string,
  find: FindHaproxyConfig,
): (
  haproxy: HaproxySettings,
  pid: number | null,
  position: number,
  bounds: RequestBounds,
) => Promise<HaproxyConfigResult> {
  const read = new Map<string, Promise<HaproxyConfigResult>>();
  return (haproxy, pid, position, bounds) => {
    const file = named[position] ?? named.at(-1);
    if (file === undefined) return find(haproxy, pid, bounds);
    const found = read.get(file) ?? readHaproxyConfig([resolve(cwd, file)], namedPlace);
    read.set(file, found);
    return found;
  };
}
