/** The guards of a plan that moves the floating address, in the order they are shown. */
import { changedSince } from "../../guards/changed-since.ts";
import type { Guard } from "../../guards/guard.ts";
import { addressAgreement, addressClients, addressHaproxy, addressUsable } from "./haproxies.ts";
import {
  addressHolder,
  addressHosts,
  addressMeans,
  addressRight,
  addressTarget,
  addressTool,
  addressWayBack,
} from "./hosts.ts";
import { addressAlone } from "./journal.ts";

export const ADDRESS_GUARDS: readonly Guard[] = [
  addressHosts,
  addressHolder,
  addressTarget,
  addressTool,
  addressMeans,
  addressRight,
  addressWayBack,
  addressHaproxy,
  addressUsable,
  addressAgreement,
  addressClients,
  addressAlone,
  changedSince,
];
