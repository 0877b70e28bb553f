/** The simulator under the suites of the MySQL writer that real servers pass. */
import { describe } from "vitest";
import { productNames } from "../../src/simulator/world/state.ts";
import { testMysqlWriter } from "./mysql-writer.suite.ts";
import { testPromotionChanges } from "./mysql-writer-promotion.suite.ts";
import { startSimulatedPair } from "./support/simulated-pair.ts";

describe.each(productNames)("the simulator, %s", (product) => {
  describe("MySQL writer", () => testMysqlWriter(product, () => startSimulatedPair(product)));
  describe("promotion changes", () => testPromotionChanges(product, () => startSimulatedPair(product)));
});
