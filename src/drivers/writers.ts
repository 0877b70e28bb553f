/** Where the program gets its writers from. Started read-only it gets those of refuse-writers.ts and never imports these. */
import type { HaproxySettings } from "../model/settings.ts";
import type { HaproxyWriter, HostWriter, MysqlWriter } from "./contract.ts";
import { createHaproxyWriter } from "./haproxy/writer.ts";
import type { RunCommand } from "./host/run-command.ts";
import { createHostWriter } from "./host/writer.ts";
import type { MysqlTarget } from "./mysql/target.ts";
import { createMysqlWriter } from "./mysql/writer.ts";

export interface Writers {
  openHaproxy(settings: HaproxySettings): HaproxyWriter;
  openMysql(target: MysqlTarget): MysqlWriter;
  /** @param run how programs are run on the host of that name */
  openHost(name: string, run: RunCommand): HostWriter;
}

export const realWriters: Writers = {
  openHaproxy: createHaproxyWriter,
  openMysql: createMysqlWriter,
  openHost: createHostWriter,
};
