/** What a promotion changes and waits for, against real servers. */
import { describeEngine } from "../lab/describe-engine.ts";
import { defaultHaproxyFor, flavorOf, type ServerEngineName } from "../lab/engines.ts";
import { testPromotionChanges } from "./mysql-writer-promotion.suite.ts";
import { startLabPair } from "./support/writer-place.ts";

const ENGINES: readonly ServerEngineName[] = ["mariadb-10.11", "mysql-9.7", "mysql-5.6", "mariadb-11.8"];

for (const engine of ENGINES) {
  describeEngine([engine, defaultHaproxyFor(engine)], `promotion changes on a real ${engine}`, () =>
    testPromotionChanges(flavorOf(engine), () => startLabPair(engine)),
  );
}
