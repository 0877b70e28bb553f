import { expect, it } from "vitest";
import { createBench } from "./load.ts";

it("what several nodes share is wrong once", async () => {
  const bench = createBench();
  const nodes = [1, 2, 3].map((id) => `{name: db${id}, address: "10.0.0.${id}", mysql: {connect_timeout: ${id}s}}`);
  const problems = await bench.problemsOf(
    `mysql: {user: ops, cert: /nowhere.pem}\nclusters:\n  - {name: a, nodes: [${nodes.join(", ")}]}\n`,
  );
  bench.remove();
  expect(problems).toEqual([
    "1:26: mysql.cert stands alone; a client certificate needs both cert: and key:",
    "1:26: mysql.cert names /nowhere.pem, which does not exist",
  ]);
});
