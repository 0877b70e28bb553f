/** Choices of `signalbox demo`, checked. */
import { UsageError } from "../../config/config-error.ts";
import { findNearMatch } from "../../model/near-match.ts";
import type { Scenario } from "../../simulator/training/scenario.ts";
import { scenarios } from "../../simulator/training/scenarios.ts";
import { type ShapeName, shapeNames } from "../../simulator/world/shapes.ts";
import { type ProductName, productNames } from "../../simulator/world/state.ts";
import type { GlobalOptions } from "../global-options.ts";

export interface DemoOptions extends GlobalOptions {
  readonly scenario?: string;
  readonly list?: boolean;
  readonly clusterShape?: string;
  readonly server?: string;
  readonly speed?: string;
  readonly tour?: boolean;
}

export interface DemoChoice {
  readonly shape: ShapeName;
  readonly product: ProductName;
  /** Seconds that pass in the cluster in one second of the wall clock. */
  readonly speed: number;
  /** Null: a calm day without an end. */
  readonly scenario: Scenario | null;
}

/** @throws UsageError for names that do not exist, and for choices that exclude each other */
export function chooseDemo(options: DemoOptions): DemoChoice {
  if (options.config ?? options.haproxy ?? options.mysql ?? options.cluster) {
    throw new UsageError("demo has a cluster of its own and takes no --config, --cluster, --haproxy or --mysql");
  }
  const { scenario, clusterShape, server = "mariadb" } = options;
  const speed = parseSpeed(options.speed ?? "1");
  const product = productNames.find((name) => name === server.toLowerCase());
  if (product === undefined)
    throw new UsageError(`no server ${JSON.stringify(server)}; there are ${productNames.join(", ")}`);
  if (scenario !== undefined && options.tour === true)
    throw new UsageError("a scenario does not wait for the tour: leave --tour or --scenario out");
  if (scenario !== undefined && clusterShape !== undefined)
    throw new UsageError("a scenario has a cluster shape of its own: leave --cluster-shape or --scenario out");
  if (scenario !== undefined)
    return { shape: findScenario(scenario).shape, product, speed, scenario: findScenario(scenario) };
  const shape = shapeNames.find((name) => name === (clusterShape ?? "r1").toLowerCase());
  if (shape !== undefined) return { shape, product, speed, scenario: null };
  throw new UsageError(`no cluster shape ${JSON.stringify(clusterShape)}; there are ${shapeNames.join(", ")}`);
}

const fastest = 20;

function parseSpeed(text: string): number {
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (speed >= 1 && speed <= fastest) return speed;
  throw new UsageError(`--speed takes a number from 1 to ${fastest}, not ${JSON.stringify(text)}`);
}

function findScenario(name: string): Scenario {
  const found = scenarios.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = scenarios.map((candidate) => candidate.name);
  const near = findNearMatch(name, names);
  const hint = near === null ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`no scenario ${JSON.stringify(name)}; ${hint}`);
}
