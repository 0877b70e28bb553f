/** How the hosts that could hold the floating address are asked, and made to move it: this machine by a program of its own, others through SSH. */
import type { HostMoveReader } from "../drivers/contract.ts";
import { createHostMoveReader } from "../drivers/host/move-reader.ts";
import { createHostReader } from "../drivers/host/reader.ts";
import { type RunCommand, runLocally } from "../drivers/host/run-command.ts";
import type { FloatingHost } from "../model/floating-ip.ts";
import type { HostReader } from "../monitor/parts.ts";

/**
 * The one seam to hosts: how programs are run on each of them; null for a host that cannot be asked, which is shown. Whoever has no real hosts (a
 * simulator, a test) gives its own here, and everything else is as with real ones.
 */
export type HostRunner = (host: FloatingHost) => RunCommand | null;

/** @param runThroughSsh runs programs on `user@host`; null where SSH runs none */
export function createHostRunner(runThroughSsh: ((target: string) => RunCommand) | null): HostRunner {
  return ({ way }) => {
    if (way.kind === "local") return runLocally;
    return way.kind === "none" || runThroughSsh === null ? null : runThroughSsh(way.target);
  };
}

/** For the monitor: only reads, and only who holds the address and what moves it. */
export function createHostOpener(runOn: HostRunner) {
  return (host: FloatingHost, address: string): HostReader | null => {
    const run = runOn(host);
    return run === null ? null : createHostReader({ name: host.name, address, run });
  };
}

/** For operations: with what is only asked right before and while the address is moved. */
export function createMoveReaderOpener(runOn: HostRunner) {
  return (host: FloatingHost, address: string): HostMoveReader | null => {
    const run = runOn(host);
    return run === null ? null : createHostMoveReader({ name: host.name, address, run });
  };
}
