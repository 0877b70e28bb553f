/** The MySQL writer against real servers. */
import { describeEngine } from "../lab/describe-engine.ts";
import { defaultHaproxyFor, flavorOf, type ServerEngineName } from "../lab/engines.ts";
import { testMysqlWriter } from "./mysql-writer.suite.ts";
import { startLabPair } from "./support/writer-place.ts";

const ENGINES: readonly ServerEngineName[] = ["mariadb-10.11", "mariadb-11.8", "mysql-9.7", "mysql-5.6"];

for (const engine of ENGINES) {
  describeEngine([engine, defaultHaproxyFor(engine)], `MySQL writer on a real ${engine}`, () =>
    testMysqlWriter(flavorOf(engine), () => startLabPair(engine)),
  );
}
