/** The simulator against the same suites as the real servers. */

import type { HaproxyLocation } from "../../src/model/settings.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import { sendCommand } from "../lab/haproxy.ts";
import { describeLiveHaproxyReader } from "./haproxy-reader.suite.ts";

describeLiveHaproxyReader("the simulator", async () => {
  const simulator = await startSimulator({ incidents: false });
  const [lb1] = simulator.haproxies;
  if (lb1 === undefined) throw new Error("the simulator has no HAProxy");
  const unix = (path: string): HaproxyLocation => ({ kind: "unix", path });
  return {
    location: unix(lb1.socketPath),
    version: "2.6.12",
    level: "admin",
    healthyServer: "read_nodes/db3",
    lowerLevels: [
      { level: "operator", location: unix(lb1.operatorSocketPath) },
      { level: "user", location: unix(lb1.userSocketPath) },
    ],
    command: (line) => sendCommand(lb1.socketPath, line),
    stop: () => simulator.stop(),
  };
});
