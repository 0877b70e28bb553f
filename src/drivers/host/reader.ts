/** Asks one host whether it holds the floating address, and now and then what moves it there. */
import type { FloatingTools, HostReport } from "../../model/floating-ip.ts";
import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { parseIpAddr } from "./ip-addr.ts";
import type { RunCommand } from "./run-command.ts";
import { readTools } from "./tools.ts";

/** What is installed on a host hardly changes. */
const TOOLS_EVERY_MS = 60_000;

export interface HostReader {
  readonly target: string;
  /** @throws DriverError */
  poll(bounds: RequestBounds): Promise<HostReport>;
  close(): Promise<void>;
}

interface HostReaderOptions {
  readonly name: string;
  readonly address: string;
  readonly run: RunCommand;
  /** False: only who holds the address. */
  readonly withTools?: boolean;
}

export function createHostReader({ name, address, run, withTools = true }: HostReaderOptions): HostReader {
  let tools: FloatingTools | null = null;
  let toolsAtMs = Number.NEGATIVE_INFINITY;
  /** What cannot be told leaves the address known all the same. */
  const lookForTools = async (bounds: RequestBounds) => {
    if (!withTools || performance.now() - toolsAtMs < TOOLS_EVERY_MS) return;
    toolsAtMs = performance.now();
    tools = await readTools(run, address, bounds).catch(() => null);
  };
  return {
    target: name,
    async poll(bounds) {
      const [answer] = await Promise.all([run(["ip", "-j", "addr", "show"], bounds), lookForTools(bounds)]);
      const addresses = answer.exitCode === 0 ? parseIpAddr(answer.stdout, address) : null;
      if (addresses !== null) return { ...addresses, tools };
      const said = answer.stderr.trim().split("\n")[0] ?? "";
      throw new DriverError({
        kind: "unsupported",
        target: name,
        operation: "ip -j addr show",
        message: `${name}: ip -j addr show gave no list of addresses (exit code ${answer.exitCode})${said === "" ? "" : `: ${said}`}`,
        advice: "signalbox needs iproute2 with JSON (4.15 or later) on that host.",
      });
    },
    close: async () => undefined,
  };
}
