/** How the hosts that could hold the floating address are asked: this machine by a program of its own, others through SSH. */
import { createHostReader } from "../drivers/host/reader.ts";
import { type RunCommand, runLocally } from "../drivers/host/run-command.ts";
import type { FloatingHost } from "../model/floating-ip.ts";
import type { HostReader } from "../monitor/parts.ts";

/** @param runThroughSsh runs programs on `user@host`; null where SSH runs none: such a host cannot be asked, which is shown */
export function createHostOpener(runThroughSsh: ((target: string) => RunCommand) | null) {
  return ({ name, way }: FloatingHost, address: string): HostReader | null => {
    if (way.kind === "local") return createHostReader({ name, address, run: runLocally });
    if (way.kind === "none" || runThroughSsh === null) return null;
    return createHostReader({ name, address, run: runThroughSsh(way.target) });
  };
}
