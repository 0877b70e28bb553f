/** A wait before writes are stopped may last longer than an answer counts as one of now: what was read before it is read again. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { aged } from "../../../../src/operations/own-readings.ts";
import type { LookScope } from "../../../../src/operations/ports.ts";
import { buildR1 } from "../../../support/model-builders.ts";
import { buildRequest } from "../../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "../support/fake-world.ts";

/** Answers grow old unless they are asked for, as they do where no monitor runs. */
class AgingWorld extends FakeWorld {
  readonly #askedAt = new Map<string, number>();

  override async look(scope: LookScope | "all") {
    const cluster = await super.look(scope);
    const now = this.clock.nowMs;
    const nodes = cluster.nodes.map((node) => {
      if (scope === "all" || scope.nodes.includes(node.name)) this.#askedAt.set(node.name, now);
      const { reading, name } = node;
      if (reading.state !== "fresh") return node;
      return { ...node, reading: aged({ ...reading, at: this.#askedAt.get(name) ?? 0 }, name, now) };
    });
    return { ...cluster, nodes };
  }
}

let desk: Desk;
let world: AgingWorld;

beforeEach(() => {
  world = new AgingWorld(buildR1().configure({ replication: { user: "repl", password: { secret: "-" } } }));
  desk = createDesk(world);
});
afterEach(() => desk.remove());

it("a candidate that has to be waited for is judged by what is so afterwards", async () => {
  let waited = false;
  world.faultOf = (change) => {
    if (change.kind !== "wait-position" || waited) return undefined;
    waited = true;
    return { kind: "waits", ms: 12_000 };
  };
  const plan = await desk.operations.plan(buildRequest({ command: "promote", targets: ["db2"] }));
  const { summary } = await desk.operations.run(plan);
  expect(waited, summary).toBe(true);
  expect(summary).not.toContain("could not be read");
  expect(world.sent.filter((line) => line.includes("read_only=1"))).not.toEqual([]);
});
