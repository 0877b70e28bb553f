export { type LabAccount, type LabAccounts, labAccounts } from "./accounts.ts";
export {
  type EngineName,
  type EngineState,
  engineState,
  type HaproxyEngineName,
  labEngines,
  type ServerEngineName,
} from "./engines.ts";
export { LabHaproxy, sendCommand } from "./haproxy.ts";
export { Lab, type LabOptions, startLab } from "./lab.ts";
export { LabNode } from "./node.ts";
export { type Expected, findViolations, findWritable, hasMore, writersByHaproxy } from "./oracle.ts";
export type { Positioning } from "./statements.ts";
export type { TopologyName } from "./topology.ts";
export {
  type AcknowledgedRow,
  type Failure,
  startTraffic,
  Traffic,
  type TrafficOptions,
  type TrafficSummary,
} from "./traffic.ts";
export { waitFor } from "./wait.ts";
