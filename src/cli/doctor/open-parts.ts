/** The doctor on the real drivers, through SSH where the configuration says so. */
import { findRivalsThere } from "../../doctor/machine.ts";
import { examineNode } from "../../drivers/mysql/examine/examine.ts";
import { tryLogin } from "../../drivers/mysql/probes/login-trial.ts";
import { readAddressHosts } from "../../engine/address-hosts.ts";
import { openDrivers } from "../../engine/drivers.ts";
import { observeOnce } from "../../engine/in-process.ts";
import type { Settings } from "../../model/settings.ts";
import type { DoctorParts } from "../commands/doctor.ts";

export function openDoctorParts(settings: Settings): DoctorParts {
  const drivers = openDrivers(settings);
  return {
    observe: observeOnce,
    findHaproxyConfig: drivers.findHaproxyConfig,
    findRivals: async (target, bounds) => {
      const run = drivers.runOn(target);
      return run === null ? [] : findRivalsThere(run, bounds);
    },
    readAddressHosts: (cluster, bounds) => readAddressHosts(cluster, drivers.runOnHost, bounds),
    examine: (node, bounds) => examineNode(drivers.reach(node), bounds),
    tryLogin: (node, { user, password }, bounds) =>
      tryLogin(drivers.reach(node), { user, password: password?.secret ?? null, tls: [] }, bounds),
    close: () => drivers.close(),
  };
}
