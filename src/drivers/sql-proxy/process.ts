import type { HaproxyProcess } from "../../model/haproxy.ts";

/** A process of which nothing is told. */
export const UNTOLD_PROCESS: HaproxyProcess = {
  nodeName: null,
  version: null,
  pid: null,
  uptimeSeconds: null,
  startTimeSeconds: null,
  nbproc: null,
  processNumber: null,
  stopping: false,
  currentConnections: null,
  maxConnections: null,
};
