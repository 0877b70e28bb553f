/** Wires the monitor to the real drivers: the only place that knows both. */
import { createHaproxyReader } from "../drivers/haproxy/reader.ts";
import { createMysqlReader } from "../drivers/mysql/reader.ts";
import { systemClock } from "../monitor/clock.ts";
import type { MonitorParts } from "../monitor/parts.ts";

export const realParts: MonitorParts = {
  openHaproxy: createHaproxyReader,
  openMysql: createMysqlReader,
  clock: systemClock,
};
